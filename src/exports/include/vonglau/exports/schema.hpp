// The read tables of cases and exports, the projection that fills them, and queries. Any session.
// Members named *_item are vault items and are not part of the described (outside) form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/exports/events.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::exports {

store::MigrationSet migrations();

class ExportTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override {
    return {"export_cases",   "case_bookmarks",   "exports",
            "export_cameras", "export_recorders", "export_masks"};
  }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

/// One of the recorders of an export, and its part where there are several.
struct ExportRecorderRow {
  Uuid recorder_id;
  std::optional<std::int64_t> locked_us;
  std::optional<std::string> part;  // "made", "failed"
  std::optional<std::string> part_failure;
  std::string part_sha256;  // hex
};
BOOST_DESCRIBE_STRUCT(ExportRecorderRow, (), (recorder_id, locked_us, part, part_failure))

struct ExportRow {
  ExportId id;
  std::int64_t number = 0;  // of its request's event
  CaseId case_id;
  std::string case_number;
  std::string case_kind;
  std::string state;
  std::string purpose;
  std::vector<CameraId> camera_ids;
  std::vector<Uuid> camera_recorders;  // of each camera; null where a journal of old does not say
  std::vector<ExportRecorderRow> recorders;  // the first puts the others' parts together
  std::vector<MaskRegion> masks;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  Uuid requested_by;
  WallTime requested_us;
  WallTime expires_us;
  std::optional<Uuid> decided_by;
  std::optional<std::int64_t> decided_us;
  std::optional<std::int64_t> locked_us;
  std::optional<std::int64_t> made_us;
  std::optional<std::string> manifest_sha256;  // hex
  std::optional<std::int64_t> fragments;
  std::optional<std::int64_t> footage_us;
  std::optional<std::int64_t> bytes;
  std::optional<std::int64_t> ready_us;
  std::optional<std::int64_t> archive_bytes;
  std::optional<std::string> timestamp;
  std::optional<std::int64_t> stamped_us;  // later than the export was ready
  std::optional<std::string> failure;
  std::int64_t downloads = 0;
  std::int64_t version = 0;
  Uuid reason_item;
  std::optional<Uuid> refusal_item;
  std::int64_t journal_sequence = 0;
  std::string journal_hash;  // hex
  std::int64_t journal_us = 0;
};
BOOST_DESCRIBE_STRUCT(ExportRow, (),
                      (id, number, case_id, case_number, case_kind, state, purpose, camera_ids,
                       camera_recorders, recorders, masks, from_us, to_us, requested_by,
                       requested_us, expires_us, decided_by, decided_us, locked_us, made_us,
                       manifest_sha256, fragments, footage_us, bytes, ready_us, archive_bytes,
                       timestamp, stamped_us, failure, downloads, version))

struct CaseRow {
  CaseId id;
  std::string number;
  std::string kind;
  WallTime opened_us;
  Uuid opened_by;
  std::int64_t bookmark_count = 0;
  std::int64_t export_count = 0;
  std::int64_t ready_count = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(CaseRow, (),
                      (id, number, kind, opened_us, opened_by, bookmark_count, export_count,
                       ready_count, version))

struct BookmarkRow {
  BookmarkId id;
  CameraId camera_id;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  Uuid by;
  WallTime at_us;
  std::optional<Uuid> note_item;
};
BOOST_DESCRIBE_STRUCT(BookmarkRow, (), (id, camera_id, from_us, to_us, by, at_us))

/// Cases opened in a time, by kind, with what was asked and made for them.
struct KindRow {
  std::string kind;
  std::int64_t cases = 0;
  std::int64_t requests = 0;
  std::int64_t made = 0;  // ready now or once
  std::int64_t refused = 0;
  std::int64_t footage_us = 0;
  std::int64_t downloads = 0;
};
BOOST_DESCRIBE_STRUCT(KindRow, (), (kind, cases, requests, made, refused, footage_us, downloads))

/// Newest first. `state` or `case_id` empty: all.
Result<std::vector<ExportRow>> exports(store::Session& session, ProvinceId province,
                                       const std::optional<std::string>& state,
                                       const std::optional<CaseId>& case_id, std::int64_t limit);
Result<ExportRow> export_of(store::Session& session, ProvinceId province, ExportId id);
/// Requested, approved, made and ready ones: what recorders have to do with.
Result<std::vector<ExportRow>> live_exports(store::Session& session, ProvinceId province);
/// Live ones whose time is over.
Result<std::vector<ExportId>> due_exports(store::Session& session, ProvinceId province,
                                          WallTime now);

Result<std::vector<CaseRow>> cases(store::Session& session, ProvinceId province,
                                   std::int64_t limit);
Result<CaseRow> case_of(store::Session& session, ProvinceId province, CaseId id);
Result<std::optional<CaseRow>> case_of_number(store::Session& session, ProvinceId province,
                                              const std::string& number);
Result<std::vector<BookmarkRow>> bookmarks(store::Session& session, ProvinceId province, CaseId id);
/// Cases opened in [from_us, to_us).
Result<std::vector<KindRow>> statistics(store::Session& session, ProvinceId province,
                                        std::int64_t from_us, std::int64_t to_us);

/// A span of one camera's footage that somebody marked or had exported.
struct MarkedSpanRow {
  Uuid id;  // the bookmark's or the export's
  CaseId case_id;
  std::string case_number;
  std::int64_t from_us = 0, to_us = 0;
  std::string state;  // of an export
};
BOOST_DESCRIBE_STRUCT(MarkedSpanRow, (), (id, case_id, case_number, from_us, to_us, state))
/// Those that touch these moments, the latest first. Exports that came to nothing are left out.
Result<std::vector<MarkedSpanRow>> bookmarks_of(store::Session& session, ProvinceId province,
                                                CameraId camera, std::int64_t from_us,
                                                std::int64_t to_us, std::int64_t limit);
Result<std::vector<MarkedSpanRow>> exports_of(store::Session& session, ProvinceId province,
                                              CameraId camera, std::int64_t from_us,
                                              std::int64_t to_us, std::int64_t limit);

}  // namespace vl::exports
