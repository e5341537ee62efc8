// Footage: each fragment against its own hash, the manifest and the fragment before it; then the
// tree over all of them.
#include <algorithm>

#include <fmt/format.h>

#include <vonglau/evidence/proofs.hpp>

#include "names.hpp"
#include "verify_check.hpp"

namespace vl::evidence {

namespace {

constexpr std::size_t most_proof_bytes = 16 + most_export_fragments * 17 * 32;
constexpr std::uint32_t most_stored_fragment =
    recording::most_fragment_bytes + 2 * 1024 * 1024;  // header and tables

/// A fetched fragment has the second in which it was fetched under its own hash.
bool fetched_when(const ExportStream& stream, const StoredFragment& said, std::uint32_t session) {
  return std::ranges::any_of(*stream.fetched, [&](const auto& stretch) {
    return stretch.first_sequence <= said.sequence && said.sequence <= stretch.last_sequence &&
           stretch.fetched_us / 1'000'000 == session;
  });
}

}  // namespace

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
  if (stream.fetched && !fetched_when(stream, said, header->session)) {
    found_in(stream, file, FindingKind::fragment_foreign, said,
             "it was not fetched when the manifest says");
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
  if (stream.fetched) ++report_.fetched;
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
  for (const auto& gap : stream.gaps)
    if (gap.cause == gap_not_delivered)
      found({FindingKind::not_delivered, "manifest.json", stream.code, std::nullopt, gap.start_us,
             gap.end_us, stream.recorder.value_or("")});
  for (const auto& file : stream.footage) {
    for (const auto& fragment : file.fragments) {
      // What was fetched lies in several gaps: others' sequences are no loss.
      if (last != nullptr && !stream.fetched && fragment.sequence > last->sequence + 1)
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

}  // namespace vl::evidence
