#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <vonglau/evidence/signature.hpp>

#include "verify_check.hpp"

namespace vl::evidence {

namespace {

constexpr std::size_t most_findings = 1000;
constexpr std::size_t most_listed_files = 100'000;
constexpr std::size_t most_small_file = 4096;

Verdict verdict_of(FindingKind kind) {
  if (kind <= FindingKind::timestamp_altered) return Verdict::altered;
  if (kind <= FindingKind::fragments_missing) return Verdict::incomplete;
  if (kind <= FindingKind::signed_by_another) return Verdict::not_signed;
  return Verdict::valid;
}

}  // namespace

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
    for (const auto& file : stream.masked.value_or(std::vector<MaskedCopy>{}))
      known.insert(file.path);
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
    for (const auto& copy : stream.masked.value_or(std::vector<MaskedCopy>{}))
      all_bytes_ += copy.bytes;
  }
  for (const auto& file : manifest.files) all_bytes_ += file.bytes;
  for (std::size_t i = 0; i < manifest.streams.size(); ++i) VL_CHECK(check_stream(i));
  VL_CHECK(check_tree());
  VL_CHECK(check_other_files());
  check_what_else_is_there();
  return std::move(report_);
}

Result<VerifyReport> verify_export(const std::string& folder, const VerifyOptions& options) {
  VL_TRY(auto opened, Folder::open(folder));
  return Check(std::move(opened), options).run();
}

}  // namespace vl::evidence
