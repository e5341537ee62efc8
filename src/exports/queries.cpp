#include <algorithm>

#include <vonglau/exports/error.hpp>
#include <vonglau/exports/schema.hpp>

namespace vl::exports {
namespace {

#define VL_EXPORT_SELECT                                                                      \
  "SELECT e.export_id, e.number, e.case_id, c.number, c.kind, e.state, e.purpose, e.from_us," \
  " e.to_us, e.requested_by, e.requested_us, e.expires_us, e.decided_by, e.decided_us,"       \
  " e.locked_us, e.made_us, e.manifest_sha256, e.fragments, e.footage_us, e.bytes,"           \
  " e.ready_us, e.archive_bytes, e.timestamp_outcome, e.failure, e.downloads, e.version,"     \
  " e.reason_item, e.refusal_item, e.journal_sequence, e.journal_hash, e.journal_us,"         \
  " e.stamped_us"                                                                             \
  " FROM exports e JOIN export_cases c ON c.province_id = e.province_id AND"                  \
  " c.case_id = e.case_id WHERE e.province_id = $1"

#define VL_CASE_SELECT                                                              \
  "SELECT c.case_id, c.number, c.kind, c.opened_us, c.opened_by,"                   \
  " (SELECT count(*) FROM case_bookmarks b WHERE b.province_id = c.province_id AND" \
  " b.case_id = c.case_id),"                                                        \
  " (SELECT count(*) FROM exports e WHERE e.province_id = c.province_id AND"        \
  " e.case_id = c.case_id),"                                                        \
  " (SELECT count(*) FROM exports e WHERE e.province_id = c.province_id AND"        \
  " e.case_id = c.case_id AND e.state = 'ready'), c.version"                        \
  " FROM export_cases c WHERE c.province_id = $1"

ExportRow export_row(const store::Row& row) {
  ExportRow e;
  e.id = row.id<ExportId>(0);
  e.number = row.integer(1);
  e.case_id = row.id<CaseId>(2);
  e.case_number = row.text(3);
  e.case_kind = row.text(4);
  e.state = row.text(5);
  e.purpose = row.text(6);
  e.from_us = row.integer(7);
  e.to_us = row.integer(8);
  e.requested_by = row.uuid(9);
  e.requested_us.us = row.integer(10);
  e.expires_us.us = row.integer(11);
  e.decided_by = row.optional_uuid(12);
  e.decided_us = row.optional_integer(13);
  e.locked_us = row.optional_integer(14);
  e.made_us = row.optional_integer(15);
  e.manifest_sha256 = row.optional_text(16);
  e.fragments = row.optional_integer(17);
  e.footage_us = row.optional_integer(18);
  e.bytes = row.optional_integer(19);
  e.ready_us = row.optional_integer(20);
  e.archive_bytes = row.optional_integer(21);
  e.timestamp = row.optional_text(22);
  e.failure = row.optional_text(23);
  e.downloads = row.integer(24);
  e.version = row.integer(25);
  e.reason_item = row.uuid(26);
  e.refusal_item = row.optional_uuid(27);
  e.journal_sequence = row.optional_integer(28).value_or(0);
  e.journal_hash = row.optional_text(29).value_or("");
  e.journal_us = row.optional_integer(30).value_or(0);
  e.stamped_us = row.optional_integer(31);
  return e;
}

CaseRow case_row(const store::Row& row) {
  CaseRow c;
  c.id = row.id<CaseId>(0);
  c.number = row.text(1);
  c.kind = row.text(2);
  c.opened_us.us = row.integer(3);
  c.opened_by = row.uuid(4);
  c.bookmark_count = row.integer(5);
  c.export_count = row.integer(6);
  c.ready_count = row.integer(7);
  c.version = row.integer(8);
  return c;
}

Result<std::vector<ExportRow>> select_exports(store::Session& session, ProvinceId province,
                                              std::string_view sql, store::Values values) {
  std::vector<ExportRow> out;
  VL_CHECK(session.query(sql, values, [&](const store::Row& row) {
    out.push_back(export_row(row));
    return true;
  }));
  for (auto& one : out) {
    VL_CHECK(
        session.query("SELECT camera_id, recorder_id FROM export_cameras WHERE"
                      " province_id = $1 AND export_id = $2 ORDER BY place",
                      {province, one.id}, [&](const store::Row& row) {
                        one.camera_ids.push_back(row.id<CameraId>(0));
                        one.camera_recorders.push_back(row.optional_uuid(1).value_or(Uuid{}));
                        return true;
                      }));
    VL_CHECK(session.query(
        "SELECT recorder_id, locked_us, part, part_failure, part_sha256 FROM"
        " export_recorders WHERE province_id = $1 AND export_id = $2"
        " ORDER BY place",
        {province, one.id}, [&](const store::Row& row) {
          one.recorders.push_back({row.uuid(0), row.optional_integer(1), row.optional_text(2),
                                   row.optional_text(3), row.optional_text(4).value_or("")});
          return true;
        }));
    VL_CHECK(session.query(
        "SELECT camera_id, from_us, to_us, x, y, width, height FROM export_masks"
        " WHERE province_id = $1 AND export_id = $2 ORDER BY place",
        {province, one.id}, [&](const store::Row& row) {
          const auto small = [&](int i) { return static_cast<std::int32_t>(row.integer(i)); };
          one.masks.push_back({row.id<CameraId>(0), row.integer(1), row.integer(2), small(3),
                               small(4), small(5), small(6)});
          return true;
        }));
  }
  return out;
}

Result<std::vector<CaseRow>> select_cases(store::Session& session, std::string_view sql,
                                          store::Values values) {
  std::vector<CaseRow> out;
  VL_CHECK(session.query(sql, values, [&](const store::Row& row) {
    out.push_back(case_row(row));
    return true;
  }));
  return out;
}

}  // namespace

Result<std::vector<ExportRow>> exports(store::Session& session, ProvinceId province,
                                       const std::optional<std::string>& state,
                                       const std::optional<CaseId>& case_id, std::int64_t limit) {
  if (case_id)
    return select_exports(session, province,
                          VL_EXPORT_SELECT " AND e.case_id = $2 ORDER BY e.number DESC LIMIT $3",
                          {province, *case_id, limit});
  if (state)
    return select_exports(session, province,
                          VL_EXPORT_SELECT " AND e.state = $2 ORDER BY e.number DESC LIMIT $3",
                          {province, *state, limit});
  return select_exports(session, province, VL_EXPORT_SELECT " ORDER BY e.number DESC LIMIT $2",
                        {province, limit});
}

Result<ExportRow> export_of(store::Session& session, ProvinceId province, ExportId id) {
  VL_TRY(auto found, select_exports(session, province, VL_EXPORT_SELECT " AND e.export_id = $2",
                                    {province, id}));
  if (found.empty()) return fail(ExportError::not_found, "there is no such export");
  return std::move(found.front());
}

Result<std::vector<ExportRow>> live_exports(store::Session& session, ProvinceId province) {
  return select_exports(session, province,
                        VL_EXPORT_SELECT
                        " AND e.state IN ('requested', 'approved', 'made', 'ready')"
                        " ORDER BY e.number",
                        {province});
}

Result<std::vector<ExportId>> due_exports(store::Session& session, ProvinceId province,
                                          WallTime now) {
  std::vector<ExportId> out;
  VL_CHECK(
      session.query("SELECT export_id FROM exports WHERE province_id = $1 AND state IN"
                    " ('requested', 'approved', 'made', 'ready') AND expires_us <= $2"
                    " ORDER BY number",
                    {province, now}, [&](const store::Row& row) {
                      out.push_back(row.id<ExportId>(0));
                      return true;
                    }));
  return out;
}

Result<std::vector<CaseRow>> cases(store::Session& session, ProvinceId province,
                                   std::int64_t limit) {
  return select_cases(session, VL_CASE_SELECT " ORDER BY c.sequence DESC LIMIT $2",
                      {province, limit});
}

Result<CaseRow> case_of(store::Session& session, ProvinceId province, CaseId id) {
  VL_TRY(auto found, select_cases(session, VL_CASE_SELECT " AND c.case_id = $2", {province, id}));
  if (found.empty()) return fail(ExportError::case_not_found, "there is no such case");
  return std::move(found.front());
}

Result<std::optional<CaseRow>> case_of_number(store::Session& session, ProvinceId province,
                                              const std::string& number) {
  VL_TRY(auto found,
         select_cases(session, VL_CASE_SELECT " AND c.number = $2", {province, number}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::vector<BookmarkRow>> bookmarks(store::Session& session, ProvinceId province,
                                           CaseId id) {
  std::vector<BookmarkRow> out;
  VL_CHECK(
      session.query("SELECT bookmark_id, camera_id, from_us, to_us, author_id, at_us,"
                    " note_item FROM case_bookmarks WHERE province_id = $1 AND case_id = $2"
                    " ORDER BY sequence",
                    {province, id}, [&](const store::Row& row) {
                      out.push_back({row.id<BookmarkId>(0),
                                     row.id<CameraId>(1),
                                     row.integer(2),
                                     row.integer(3),
                                     row.uuid(4),
                                     {row.integer(5)},
                                     row.optional_uuid(6)});
                      return true;
                    }));
  return out;
}

Result<std::vector<KindRow>> statistics(store::Session& session, ProvinceId province,
                                        std::int64_t from_us, std::int64_t to_us) {
  std::vector<KindRow> out;
  VL_CHECK(
      session.query("SELECT kind, count(*) FROM export_cases WHERE province_id = $1 AND"
                    " opened_us >= $2 AND opened_us < $3 GROUP BY kind ORDER BY kind",
                    {province, from_us, to_us}, [&](const store::Row& row) {
                      KindRow kind;
                      kind.kind = row.text(0);
                      kind.cases = row.integer(1);
                      out.push_back(std::move(kind));
                      return true;
                    }));
  VL_CHECK(session.query(
      "SELECT c.kind, count(*), count(e.ready_us),"
      " coalesce(sum(CASE WHEN e.state = 'refused' THEN 1 ELSE 0 END), 0),"
      " coalesce(sum(CASE WHEN e.ready_us IS NULL THEN 0 ELSE e.footage_us END), 0),"
      " coalesce(sum(e.downloads), 0)"
      " FROM exports e JOIN export_cases c ON c.province_id = e.province_id AND"
      " c.case_id = e.case_id WHERE e.province_id = $1 AND c.opened_us >= $2 AND"
      " c.opened_us < $3 GROUP BY c.kind ORDER BY c.kind",
      {province, from_us, to_us}, [&](const store::Row& row) {
        const auto found = std::ranges::find(out, std::string(row.text(0)), &KindRow::kind);
        if (found == out.end()) return true;
        found->requests = row.integer(1);
        found->made = row.integer(2);
        found->refused = row.integer(3);
        found->footage_us = row.integer(4);
        found->downloads = row.integer(5);
        return true;
      }));
  return out;
}

Result<std::vector<MarkedSpanRow>> bookmarks_of(store::Session& session, ProvinceId province,
                                                CameraId camera, std::int64_t from_us,
                                                std::int64_t to_us, std::int64_t limit) {
  std::vector<MarkedSpanRow> out;
  VL_CHECK(session.query(
      "SELECT b.bookmark_id, b.case_id, c.number, b.from_us, b.to_us FROM case_bookmarks b"
      " JOIN export_cases c ON c.province_id = b.province_id AND c.case_id = b.case_id"
      " WHERE b.province_id = $1 AND b.camera_id = $2 AND b.from_us < $4 AND b.to_us >= $3"
      " ORDER BY b.from_us DESC LIMIT $5",
      {province, camera, from_us, to_us, limit}, [&](const store::Row& row) {
        out.push_back({row.uuid(0), row.id<CaseId>(1), std::string(row.text(2)), row.integer(3),
                       row.integer(4), ""});
        return true;
      }));
  return out;
}

Result<std::vector<MarkedSpanRow>> exports_of(store::Session& session, ProvinceId province,
                                              CameraId camera, std::int64_t from_us,
                                              std::int64_t to_us, std::int64_t limit) {
  std::vector<MarkedSpanRow> out;
  VL_CHECK(session.query(
      "SELECT e.export_id, e.case_id, c.number, e.from_us, e.to_us, e.state FROM exports e"
      " JOIN export_cameras m ON m.province_id = e.province_id AND m.export_id = e.export_id"
      " JOIN export_cases c ON c.province_id = e.province_id AND c.case_id = e.case_id"
      " WHERE e.province_id = $1 AND m.camera_id = $2 AND e.from_us < $4 AND e.to_us > $3 AND"
      " e.state NOT IN ('refused', 'withdrawn', 'failed') ORDER BY e.from_us DESC LIMIT $5",
      {province, camera, from_us, to_us, limit}, [&](const store::Row& row) {
        out.push_back({row.uuid(0), row.id<CaseId>(1), std::string(row.text(2)), row.integer(3),
                       row.integer(4), std::string(row.text(5))});
        return true;
      }));
  return out;
}

}  // namespace vl::exports
