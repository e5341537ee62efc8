// The events of cases and exports. Bodies carry ids, codes, times, hashes and vault references;
// never text a person typed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/exports/vocabulary.hpp>
#include <vonglau/journal/personal_ref.hpp>

namespace vl::exports {

using journal::PersonalRef;

struct CaseOpened {
  static constexpr std::string_view kType = "case.opened";
  static constexpr std::uint32_t kVersion = 1;
  std::string number;
  CaseKind kind{};
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(CaseOpened, (), (number, kind, by))

struct CaseClassified {
  static constexpr std::string_view kType = "case.classified";
  static constexpr std::uint32_t kVersion = 1;
  CaseKind kind{};
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(CaseClassified, (), (kind, by))

/// A moment or a stretch of a camera's footage that matters to the case.
struct BookmarkAdded {
  static constexpr std::string_view kType = "case.bookmark_added";
  static constexpr std::uint32_t kVersion = 1;
  BookmarkId bookmark_id;
  CameraId camera_id;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::optional<PersonalRef> note;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(BookmarkAdded, (), (bookmark_id, camera_id, from_us, to_us, note, by))

struct BookmarkRemoved {
  static constexpr std::string_view kType = "case.bookmark_removed";
  static constexpr std::uint32_t kVersion = 1;
  BookmarkId bookmark_id;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(BookmarkRemoved, (), (bookmark_id, by))

/// To be painted over in a copy beside the original; in thousandths of the picture.
struct MaskRegion {
  CameraId camera_id;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
};
BOOST_DESCRIBE_STRUCT(MaskRegion, (), (camera_id, from_us, to_us, x, y, width, height))

struct ExportRequested {
  static constexpr std::string_view kType = "export.requested";
  static constexpr std::uint32_t kVersion = 1;
  CaseId case_id;
  std::vector<CameraId> cameras;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  Purpose purpose{};
  PersonalRef reason;
  std::int64_t expires_us = 0;
  PersonId by;
  /// Which recorder has each camera's footage. Only these are believed, and they stay these
  /// wherever the cameras go later. Requests of old journals lack it.
  std::optional<std::vector<Uuid>> recorders;
  std::optional<std::vector<MaskRegion>> masks;
};
BOOST_DESCRIBE_STRUCT(ExportRequested, (),
                      (case_id, cameras, from_us, to_us, purpose, reason, expires_us, by, recorders,
                       masks))

/// With the head of the journal that the export will name.
struct ExportApproved {
  static constexpr std::string_view kType = "export.approved";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t journal_sequence = 0;
  Digest journal_hash{};
  std::int64_t journal_us = 0;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ExportApproved, (), (journal_sequence, journal_hash, journal_us, by))

struct ExportRefused {
  static constexpr std::string_view kType = "export.refused";
  static constexpr std::uint32_t kVersion = 1;
  PersonalRef reason;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ExportRefused, (), (reason, by))

struct ExportWithdrawn {
  static constexpr std::string_view kType = "export.withdrawn";
  static constexpr std::uint32_t kVersion = 1;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ExportWithdrawn, (), (by))

/// A recorder holds its footage until the export is over.
struct FootageLocked {
  static constexpr std::string_view kType = "export.footage_locked";
  static constexpr std::uint32_t kVersion = 1;
  std::optional<Uuid> recorder;  // nothing: of the one there was, in old journals
};
BOOST_DESCRIBE_STRUCT(FootageLocked, (), (recorder))

/// A recorder has made its part of an export over several, for the one that puts it together.
struct PartMade {
  static constexpr std::string_view kType = "export.part_made";
  static constexpr std::uint32_t kVersion = 1;
  Uuid recorder;
  Digest manifest_sha256{};
  std::int64_t fragments = 0;
  std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(PartMade, (), (recorder, manifest_sha256, fragments, bytes))

/// The export goes on without this recorder's cameras, and says so.
struct PartFailed {
  static constexpr std::string_view kType = "export.part_failed";
  static constexpr std::uint32_t kVersion = 1;
  Uuid recorder;
  std::string why;  // a code
};
BOOST_DESCRIBE_STRUCT(PartFailed, (), (recorder, why))

/// The manifest's hash is in the journal from here on, and what the centre signs.
struct ExportMade {
  static constexpr std::string_view kType = "export.made";
  static constexpr std::uint32_t kVersion = 1;
  Digest manifest_sha256{};
  Digest tree_root{};
  std::int64_t fragments = 0;
  std::int64_t footage_us = 0;  // of all cameras together
  std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportMade, (), (manifest_sha256, tree_root, fragments, footage_us, bytes))

struct ExportReady {
  static constexpr std::string_view kType = "export.ready";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t archive_bytes = 0;
  TimestampOutcome timestamp{};
};
BOOST_DESCRIBE_STRUCT(ExportReady, (), (archive_bytes, timestamp))

struct ExportFailed {
  static constexpr std::string_view kType = "export.failed";
  static constexpr std::uint32_t kVersion = 1;
  std::string why;  // a code: "evidence.nothing"
};
BOOST_DESCRIBE_STRUCT(ExportFailed, (), (why))

/// The timestamp that the authority did not give at first was added. Whoever fetched the export
/// before has it without.
struct ExportStamped {
  static constexpr std::string_view kType = "export.stamped";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t stamped_us = 0;  // as the token says
  std::int64_t archive_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportStamped, (), (stamped_us, archive_bytes))

/// Somebody may fetch it from now on, for some minutes.
struct ExportTicketGiven {
  static constexpr std::string_view kType = "export.ticket_given";
  static constexpr std::uint32_t kVersion = 1;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ExportTicketGiven, (), (by))

/// Every byte of it went to this person, in however many pieces. Counted.
struct ExportDownloaded {
  static constexpr std::string_view kType = "export.downloaded";
  static constexpr std::uint32_t kVersion = 1;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ExportDownloaded, (), (by))

struct ExportExpired {
  static constexpr std::string_view kType = "export.expired";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(ExportExpired, (), ())

}  // namespace vl::exports
