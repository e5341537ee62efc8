#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <vonglau/evidence/folder.hpp>
#include <vonglau/evidence/proofs.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/evidence/verify.hpp>
#include <vonglau/evidence/videos.hpp>
#include <vonglau/recording/fragment_format.hpp>

#include "names.hpp"

namespace vl::evidence {

namespace {

constexpr std::size_t most_findings = 1000;
constexpr std::size_t most_listed_files = 100'000;
constexpr std::size_t most_small_file = 4096;
constexpr std::size_t most_proof_bytes = 16 + most_export_fragments * 17 * 32;
constexpr std::uint32_t most_stored_fragment =
    recording::most_fragment_bytes + 2 * 1024 * 1024;  // header and tables

Verdict verdict_of(FindingKind kind) {
  if (kind <= FindingKind::timestamp_altered) return Verdict::altered;
  if (kind <= FindingKind::fragments_missing) return Verdict::incomplete;
  if (kind <= FindingKind::signed_by_another) return Verdict::not_signed;
  return Verdict::valid;
}

class Check {
 public:
  Check(Folder folder, const VerifyOptions& options)
      : folder_(std::move(folder)), options_(options) {}

  Result<VerifyReport> run();

 private:
  void found(ExportFinding finding);
  void found_in(const ExportStream& stream, const FootageFile& file, FindingKind kind,
                const StoredFragment& fragment, std::string detail = {});
  Result<void> read_manifest_and_signature();
  Result<void> check_signature(const Bytes& text, const std::string& manifest_sha256);
  Result<void> check_timestamp(const Bytes& signature);
  Result<void> check_stream(std::size_t number);
  Result<bool> check_footage(const ExportStream& stream, const FootageFile& file,
                             VideoMaker& videos);
  /// Its bytes were read; whether they are what the manifest says.
  bool check_fragment(const ExportStream& stream, const FootageFile& file,
                      const StoredFragment& said, ByteView bytes, VideoMaker& videos);
  void check_chain(const ExportStream& stream, const FootageFile& file, const StoredFragment& said,
                   const recording::FragmentHeader& header);
  Result<void> check_videos(std::size_t number, VideoMaker& maker, bool footage_is_whole);
  Result<void> make_videos_again(const ExportStream& stream, VideoMaker& maker);
  Result<void> check_tree();
  Result<void> check_other_files();
  void check_what_else_is_there();
  /// Whether it is there with its hash; says so if not.
  Result<bool> check_file(const std::string& path, std::uint64_t bytes, const std::string& sha256,
                          const std::string& camera);
  void progress(std::uint64_t bytes);

  const Folder folder_;
  const VerifyOptions& options_;
  VerifyReport report_;
  std::vector<std::optional<Digest>> leaves_;  // nothing where a fragment is not as recorded
  std::optional<recording::FragmentHeader> before_;
  std::uint64_t all_bytes_ = 0;
};

void Check::found(ExportFinding finding) {
  const auto worse = verdict_of(finding.kind);
  // Declared from best to worst but for valid: altered outweighs all.
  if (worse != Verdict::valid && (report_.verdict == Verdict::valid || worse < report_.verdict))
    report_.verdict = worse;
  if (report_.findings.size() < most_findings)
    report_.findings.push_back(std::move(finding));
  else
    ++report_.more_findings;
}

void Check::found_in(const ExportStream& stream, const FootageFile& file, FindingKind kind,
                     const StoredFragment& fragment, std::string detail) {
  found({kind, file.path, stream.code, fragment.sequence, fragment.start_us, fragment.end_us,
         std::move(detail)});
}

void Check::progress(std::uint64_t bytes) {
  report_.bytes += bytes;
  if (options_.on_progress) options_.on_progress(std::min(report_.bytes, all_bytes_), all_bytes_);
}

Result<void> Check::read_manifest_and_signature() {
  VL_TRY(const auto text, folder_.content("manifest.json", most_manifest_bytes));
  VL_TRY(const auto signature, folder_.content("signature.json", most_small_file));
  if (!text && !signature)
    return fail(EvidenceError::malformed,
                "this folder is no export: it has neither manifest.json nor signature.json");
  std::string hash;
  if (text) {
    hash = to_hex(sha256(*text));
    auto manifest = read_manifest(as_text(*text));
    if (manifest)
      report_.manifest = std::move(*manifest);
    else
      found({.kind = FindingKind::manifest_altered,
             .path = "manifest.json",
             .detail = manifest.error().message});
  } else {
    found({.kind = FindingKind::file_missing, .path = "manifest.json"});
  }
  if (!signature) {
    found({.kind = FindingKind::signature_missing, .path = "signature.json"});
    return {};
  }
  VL_CHECK(check_signature(*signature, hash));
  return check_timestamp(*signature);
}

Result<void> Check::check_signature(const Bytes& text, const std::string& manifest_sha256) {
  const auto signature = read_signature(as_text(text));
  if (!signature || !is_genuine(*signature)) {
    found({.kind = FindingKind::signature_altered,
           .path = "signature.json",
           .detail = signature ? "the signature is not its key's" : signature.error().message});
    return {};
  }
  if (!manifest_sha256.empty() && signature->manifest_sha256 != manifest_sha256) {
    // Said once, whether or not the text can still be read.
    const bool said =
        !report_.findings.empty() && report_.findings.front().kind == FindingKind::manifest_altered;
    if (!said)
      found({.kind = FindingKind::manifest_altered,
             .path = "manifest.json",
             .detail = "its hash is not the one that was signed"});
    return {};
  }
  if (options_.key && to_hex(*options_.key) != signature->key) {
    found({.kind = FindingKind::signed_by_another,
           .path = "signature.json",
           .detail = "signed by " + signature->key});
    return {};
  }
  if (report_.manifest && report_.manifest->centre.key != signature->key) {
    found({.kind = FindingKind::signed_by_another,
           .path = "signature.json",
           .detail = "the manifest names another key"});
    return {};
  }
  report_.key = signature->key;
  report_.key_was_given = options_.key.has_value();
  report_.signed_us = signature->signed_us;
  return {};
}

Result<void> Check::check_timestamp(const Bytes& signature) {
  VL_TRY(const auto response, folder_.content("timestamp.tsr", most_timestamp_bytes));
  if (!response) return {};
  const auto altered = [&](std::string detail) {
    found({.kind = FindingKind::timestamp_altered,
           .path = "timestamp.tsr",
           .detail = std::move(detail)});
  };
  auto stamp = read_timestamp(*response, sha256(signature), options_.authorities);
  if (!stamp) {
    if (stamp.error().code != code_of(EvidenceError::malformed)) return fail(stamp.error());
    altered(stamp.error().message);
    return {};
  }
  if (!stamp->over_this) altered("it is over other bytes than this signature.json");
  report_.timestamp = options_.authorities.empty() ? TimestampState::not_checked
                      : stamp->is_trusted          ? TimestampState::trusted
                                                   : TimestampState::not_trusted;
  report_.stamp = std::move(*stamp);
  return {};
}

void Check::check_chain(const ExportStream& stream, const FootageFile& file,
                        const StoredFragment& said, const recording::FragmentHeader& header) {
  if (!before_) {
    if (said.sequence == stream.chain.first_sequence &&
        to_hex(header.previous_chain) != stream.chain.previous)
      found_in(stream, file, FindingKind::chain_broken, said,
               "not the chain hash before the first");
    return;
  }
  if (header.id.sequence == before_->id.sequence + 1) {
    if (header.previous_chain != before_->chain)
      found_in(stream, file, FindingKind::chain_broken, said);
  }
}

bool Check::check_fragment(const ExportStream& stream, const FootageFile& file,
                           const StoredFragment& said, ByteView bytes, VideoMaker& videos) {
  const auto header = recording::decode_header(bytes);
  if (!header) {
    found_in(stream, file, FindingKind::fragment_altered, said, header.error().message);
    return false;
  }
  const auto body = bytes.subspan(recording::fragment_header_bytes);
  if (const auto checked = recording::check_body(*header, body); !checked) {
    found_in(stream, file, FindingKind::fragment_altered, said, checked.error().message);
    return false;
  }
  if (header->id.stream.camera.value != stream.camera_id ||
      recording::name_of(header->id.stream.kind) != stream.stream ||
      header->id.sequence != said.sequence || header->start_us != said.start_us ||
      header->end_us != said.end_us || to_hex(header->hash) != said.hash ||
      to_hex(header->chain) != said.chain) {
    found_in(stream, file, FindingKind::fragment_foreign, said);
    return false;
  }
  const auto fragment = recording::decode_fragment(bytes);
  if (!fragment) {
    found_in(stream, file, FindingKind::fragment_altered, said, fragment.error().message);
    return false;
  }
  check_chain(stream, file, said, *header);
  before_ = *header;
  leaves_.back() = leaf_hash(bytes.first(recording::fragment_header_bytes));
  ++report_.fragments;
  if (!videos.add(*fragment))
    found_in(stream, file, FindingKind::fragment_altered, said, "no video can be made of it");
  return true;
}

Result<bool> Check::check_footage(const ExportStream& stream, const FootageFile& file,
                                  VideoMaker& videos) {
  bool whole = true;
  auto opened = folder_.file(file.path);
  if (!opened) return fail(opened.error());
  if (!*opened) {
    found({FindingKind::file_missing, file.path, stream.code, std::nullopt,
           file.fragments.front().start_us, file.fragments.back().end_us,
           fmt::format("{} fragments", file.fragments.size())});
    leaves_.resize(leaves_.size() + file.fragments.size());
    before_.reset();
    return false;
  }
  std::uint64_t at = 0;
  const StoredFragment* first_missing = nullptr;
  std::size_t missing = 0;
  for (const auto& said : file.fragments) {
    leaves_.emplace_back();
    if (at + said.bytes > (*opened)->bytes()) {
      if (first_missing == nullptr) first_missing = &said;
      ++missing;
      whole = false;
      before_.reset();
    } else if (said.bytes < recording::fragment_header_bytes || said.bytes > most_stored_fragment) {
      found_in(stream, file, FindingKind::fragment_foreign, said, "no fragment is so large");
      whole = false;
      before_.reset();
    } else {
      VL_TRY(const auto bytes, (*opened)->read(at, said.bytes));
      if (!check_fragment(stream, file, said, bytes, videos)) {
        whole = false;
        before_.reset();
      }
      progress(bytes.size());
    }
    at += said.bytes;
  }
  if (first_missing != nullptr)
    found({FindingKind::fragments_missing, file.path, stream.code, first_missing->sequence,
           first_missing->start_us, file.fragments.back().end_us,
           fmt::format("{} fragments", missing)});
  if ((*opened)->bytes() > file.bytes) {
    found({FindingKind::file_altered, file.path, stream.code, std::nullopt, std::nullopt,
           std::nullopt, "it goes on after its last fragment"});
    whole = false;
  } else if (whole) {
    VL_TRY(const auto hash, (*opened)->sha256());
    if (to_hex(hash) != file.sha256) {
      found({.kind = FindingKind::file_altered, .path = file.path, .camera = stream.code});
      whole = false;
    }
  }
  return whole;
}

Result<void> Check::check_stream(std::size_t number) {
  const auto& stream = report_.manifest->streams[number];
  before_.reset();
  VideoMaker maker("video/" + stream_name(number, stream));
  bool whole = true;
  const StoredFragment* last = nullptr;
  for (const auto& file : stream.footage) {
    for (const auto& fragment : file.fragments) {
      if (last != nullptr && fragment.sequence > last->sequence + 1)
        found({FindingKind::not_exported, file.path, stream.code, last->sequence + 1, last->end_us,
               fragment.start_us,
               fmt::format("fragments {} to {}", last->sequence + 1, fragment.sequence - 1)});
      last = &fragment;
    }
    VL_TRY(const bool good, check_footage(stream, file, maker));
    whole = whole && good;
  }
  return check_videos(number, maker, whole);
}

Result<bool> Check::check_file(const std::string& path, std::uint64_t bytes,
                               const std::string& sha256, const std::string& camera) {
  VL_TRY(const auto file, folder_.file(path));
  if (!file) {
    found({.kind = FindingKind::file_missing, .path = path, .camera = camera});
    return false;
  }
  if (file->bytes() < bytes) {
    found({.kind = FindingKind::file_missing,
           .path = path,
           .camera = camera,
           .detail = fmt::format("{} of {} bytes are there", file->bytes(), bytes)});
    return false;
  }
  if (file->bytes() == bytes) {
    VL_TRY(const auto hash, file->sha256());
    progress(bytes);
    if (to_hex(hash) == sha256) return true;
  }
  found({.kind = FindingKind::file_altered, .path = path, .camera = camera});
  return false;
}

Result<void> Check::check_videos(std::size_t number, VideoMaker& maker, bool footage_is_whole) {
  const auto& stream = report_.manifest->streams[number];
  for (const auto& video : stream.videos) {
    VL_TRY(const bool good, check_file(video.path, video.bytes, video.sha256, stream.code));
    (void)good;
  }
  if (!footage_is_whole || report_.manifest->video_rules != video_rules) return {};
  return make_videos_again(stream, maker);
}

/// What the manifest says of the videos, against what this footage gives.
Result<void> Check::make_videos_again(const ExportStream& stream, VideoMaker& maker) {
  auto planned = maker.plan();
  if (!planned) return fail(planned.error());
  std::vector<Sha256> hashes(planned->size());
  const auto sink = [&](std::size_t video, ByteView bytes) -> Result<void> {
    hashes[video].add(bytes);
    return {};
  };
  for (const auto& file : stream.footage) {
    VL_TRY(const auto source, folder_.file(file.path));
    if (!source) return fail(EvidenceError::unreadable, file.path + " went away");
    std::uint64_t at = 0;
    for (const auto& said : file.fragments) {
      VL_TRY(const auto bytes, source->read(at, said.bytes));
      VL_TRY(const auto fragment, recording::decode_fragment(bytes));
      VL_CHECK(maker.write(fragment, sink));
      at += said.bytes;
      progress(said.bytes);
    }
  }
  for (std::size_t i = 0; i < planned->size(); ++i)
    (*planned)[i].sha256 = to_hex(hashes[i].finish());
  report_.videos_made_again = true;
  for (std::size_t i = 0; i < std::max(planned->size(), stream.videos.size()); ++i) {
    const bool same =
        i < planned->size() && i < stream.videos.size() && (*planned)[i] == stream.videos[i];
    if (same) continue;
    const auto& named = i < stream.videos.size() ? stream.videos[i] : (*planned)[i];
    found({FindingKind::video_foreign, named.path, stream.code, std::nullopt, named.start_us,
           named.end_us, "the footage gives another one"});
  }
  return {};
}

Result<void> Check::check_tree() {
  const auto root = *digest_of(report_.manifest->tree.root);
  const bool all = std::ranges::all_of(leaves_, [](const auto& leaf) { return leaf.has_value(); });
  if (all) {
    std::vector<Digest> leaves;
    for (const auto& leaf : leaves_) leaves.push_back(*leaf);
    if (MerkleTree(std::move(leaves)).root() != root)
      found({.kind = FindingKind::tree_altered,
             .path = "manifest.json",
             .detail = "the fragments give another root"});
  }
  auto bytes = folder_.content("proofs.bin", most_proof_bytes);
  if (!bytes || !*bytes) return {};  // said with the other files
  const auto proofs = read_proofs(**bytes, leaves_.size());
  if (!proofs) {
    found({.kind = FindingKind::proof_altered,
           .path = "proofs.bin",
           .detail = proofs.error().message});
    return {};
  }
  // Of use where others are missing: what is here is proved all the same.
  std::size_t at = 0;
  for (const auto& stream : report_.manifest->streams)
    for (const auto& file : stream.footage)
      for (const auto& fragment : file.fragments) {
        const auto index = at++;
        if (leaves_[index] &&
            !path_is_valid(*leaves_[index], index, leaves_.size(), (*proofs)[index], root))
          found({FindingKind::proof_altered, "proofs.bin", stream.code, fragment.sequence,
                 fragment.start_us, fragment.end_us, ""});
      }
  return {};
}

Result<void> Check::check_other_files() {
  for (const auto& file : report_.manifest->files) {
    VL_TRY(const bool good, check_file(file.path, file.bytes, file.sha256, ""));
    (void)good;
  }
  return {};
}

void Check::check_what_else_is_there() {
  std::set<std::string> known{"manifest.json", "signature.json", "timestamp.tsr"};
  for (const auto& file : report_.manifest->files) known.insert(file.path);
  for (const auto& stream : report_.manifest->streams) {
    for (const auto& file : stream.footage) known.insert(file.path);
    for (const auto& file : stream.videos) known.insert(file.path);
  }
  for (const auto& path : folder_.list(most_listed_files))
    if (!known.contains(path)) found({.kind = FindingKind::not_part_of_it, .path = path});
}

Result<VerifyReport> Check::run() {
  VL_CHECK(read_manifest_and_signature());
  if (!report_.manifest) return std::move(report_);
  const auto& manifest = *report_.manifest;
  for (const auto& stream : manifest.streams) {
    for (const auto& file : stream.footage)
      all_bytes_ += file.bytes * (manifest.video_rules == video_rules ? 2 : 1);
    for (const auto& video : stream.videos) all_bytes_ += video.bytes;
  }
  for (const auto& file : manifest.files) all_bytes_ += file.bytes;
  for (std::size_t i = 0; i < manifest.streams.size(); ++i) VL_CHECK(check_stream(i));
  VL_CHECK(check_tree());
  VL_CHECK(check_other_files());
  check_what_else_is_there();
  return std::move(report_);
}

}  // namespace

Result<VerifyReport> verify_export(const std::string& folder, const VerifyOptions& options) {
  VL_TRY(auto opened, Folder::open(folder));
  return Check(std::move(opened), options).run();
}

}  // namespace vl::evidence
