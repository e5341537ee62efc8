// Whether an export is what a centre made: what `vonglau verify` says (docs/design/export.md).
//
// Reads nothing but the folder, changes nothing, needs no network and no centre. The folder may
// be anybody's: everything in it is bounded and checked. One thread; memory: the manifest, one
// fragment, the tables of one stream's videos.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/timestamp.hpp>

namespace vl::evidence {

/// The worst of what was found: altered before incomplete before unsigned.
enum class Verdict { valid, altered, incomplete, not_signed };
/// "valid", "altered", "incomplete", "unsigned".
std::string_view name_of(Verdict verdict);

enum class FindingKind {
  // altered
  manifest_altered,
  signature_altered,
  file_altered,      // not footage: a video, the page, the proofs
  fragment_altered,  // its bytes are not those that were recorded
  fragment_foreign,  // it is whole, but not the one that the manifest names
  chain_broken,      // it does not follow the fragment before it
  tree_altered,
  proof_altered,
  video_foreign,  // it is not made of this footage
  timestamp_altered,
  // incomplete
  file_missing,
  fragments_missing,
  // unsigned
  signature_missing,
  signed_by_another,  // not by the key that was asked for
  // nothing wrong, to be known
  not_part_of_it,  // a file that the manifest does not name
  not_delivered,   // a camera's recorder did not hand over its footage for this export
  not_exported,    // fragments between two that are here: reclaimed or damaged before the export
};
std::string_view name_of(FindingKind kind);

struct ExportFinding {
  FindingKind kind{};
  std::string path;
  std::string camera;  // its code
  std::optional<std::uint64_t> sequence;
  std::optional<std::int64_t> start_us;
  std::optional<std::int64_t> end_us;
  std::string detail;  // English, technical
};

enum class TimestampState { none, not_checked, trusted, not_trusted };

/// A masked copy, found as the manifest has it. That it shows what the original shows, but for what
/// is painted over, is the centre's word alone: it cannot be made again.
struct DerivedFile {
  std::string path;
  std::string made_of;
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
};
BOOST_DESCRIBE_STRUCT(DerivedFile, (), (path, made_of, first_sequence, last_sequence))

struct VerifyReport {
  Verdict verdict = Verdict::valid;
  std::vector<ExportFinding> findings;  // the first 1,000
  std::uint64_t more_findings = 0;
  std::optional<Manifest> manifest;  // as read, whether or not it is genuine
  std::string key;                   // hex, that signed it; "" when nobody did
  bool key_was_given = false;        // and it is the one that was asked for
  WallTime signed_us;
  TimestampState timestamp = TimestampState::none;
  Timestamp stamp;
  std::uint64_t fragments = 0;  // found as stored
  std::uint64_t fetched = 0;    // of them from cameras' own storage, after a gap
  std::uint64_t bytes = 0;      // looked at
  bool videos_made_again = false;
  std::vector<DerivedFile> derived;
};

struct VerifyOptions {
  std::optional<Bytes> key;  // the centre's, 32 bytes: nobody else's signature counts
  std::string authorities;   // PEM, for the timestamp
  std::function<void(std::uint64_t done_bytes, std::uint64_t all_bytes)> on_progress;
};

/// An error when there is nothing to judge: no such folder, nothing of an export in it.
Result<VerifyReport> verify_export(const std::string& folder, const VerifyOptions& options);

enum class Language { vietnamese, english };
std::string text_of(const VerifyReport& report, Language language);
std::string json_of(const VerifyReport& report);

}  // namespace vl::evidence
