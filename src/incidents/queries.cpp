#include <vonglau/incidents/error.hpp>
#include <vonglau/incidents/queries.hpp>

namespace vl::incidents {
namespace {

#define VL_REPORT_COLUMNS                                                                 \
  "report_id, number, received_us, channel, service, category, severity, lat, lon,"       \
  " unit_code, state, claimed_by, claimed_us, closure, incident_id, version, place_item," \
  " name_item, number_item, narrative_item"
#define VL_INCIDENT_COLUMNS                                                           \
  "incident_id, number, opened_us, state, service, category, severity, lat, lon,"     \
  " unit_code, outcome, closed_us, opened_by, version, note_count, attachment_count," \
  " place_item, summary_item"

ReportRow report_of(const store::Row& row) {
  ReportRow r;
  r.id = row.id<ReportId>(0);
  r.number = row.integer(1);
  r.received_us.us = row.integer(2);
  r.channel = row.text(3);
  r.service = row.text(4);
  r.category = row.text(5);
  r.severity = row.text(6);
  r.lat = row.optional_real(7);
  r.lon = row.optional_real(8);
  r.unit_code = row.optional_text(9);
  r.state = row.text(10);
  r.claimed_by = row.optional_uuid(11);
  r.claimed_us = row.optional_integer(12);
  r.closure = row.optional_text(13);
  r.incident_id = row.optional_uuid(14);
  r.version = row.integer(15);
  r.place_item = row.optional_uuid(16);
  r.name_item = row.optional_uuid(17);
  r.number_item = row.optional_uuid(18);
  r.narrative_item = row.optional_uuid(19);
  return r;
}

IncidentRow incident_of(const store::Row& row) {
  IncidentRow i;
  i.id = row.id<IncidentId>(0);
  i.number = row.integer(1);
  i.opened_us.us = row.integer(2);
  i.state = row.text(3);
  i.service = row.text(4);
  i.category = row.text(5);
  i.severity = row.text(6);
  i.lat = row.optional_real(7);
  i.lon = row.optional_real(8);
  i.unit_code = row.optional_text(9);
  i.outcome = row.optional_text(10);
  i.closed_us = row.optional_integer(11);
  i.opened_by = row.uuid(12);
  i.version = row.integer(13);
  i.note_count = row.integer(14);
  i.attachment_count = row.integer(15);
  i.place_item = row.optional_uuid(16);
  i.summary_item = row.optional_uuid(17);
  return i;
}

Result<std::vector<ReportRow>> select_reports(store::Session& session, std::string_view sql,
                                              store::Values values) {
  std::vector<ReportRow> out;
  VL_CHECK(session.query(sql, values, [&](const store::Row& row) {
    out.push_back(report_of(row));
    return true;
  }));
  return out;
}

/// Fills reports and assignments of each.
Result<void> complete(store::Session& session, ProvinceId province,
                      std::vector<IncidentRow>& rows) {
  for (auto& incident : rows) {
    VL_CHECK(
        session.query("SELECT report_id FROM reports WHERE province_id = $1 AND"
                      " incident_id = $2 ORDER BY number",
                      {province, incident.id}, [&](const store::Row& row) {
                        incident.report_ids.push_back(row.id<ReportId>(0));
                        return true;
                      }));
    VL_CHECK(
        session.query("SELECT unit_id, milestone, since_us FROM assignments WHERE"
                      " province_id = $1 AND incident_id = $2 ORDER BY assigned_us, unit_id",
                      {province, incident.id}, [&](const store::Row& row) {
                        incident.assignments.push_back(
                            {row.id<UnitId>(0), std::string(row.text(1)), {row.integer(2)}});
                        return true;
                      }));
  }
  return {};
}

}  // namespace

Result<std::vector<ReportRow>> reports(store::Session& session, ProvinceId province,
                                       const std::optional<std::string>& state,
                                       std::int64_t limit) {
  if (!state)
    return select_reports(session,
                          "SELECT " VL_REPORT_COLUMNS
                          " FROM reports WHERE province_id = $1"
                          " ORDER BY number DESC LIMIT $2",
                          {province, limit});
  if (*state == "closed")
    return select_reports(session,
                          "SELECT " VL_REPORT_COLUMNS
                          " FROM reports WHERE province_id = $1 AND"
                          " state = 'closed' ORDER BY number DESC LIMIT $2",
                          {province, limit});
  return select_reports(session,
                        "SELECT " VL_REPORT_COLUMNS
                        " FROM reports WHERE province_id = $1 AND"
                        " state = $3 ORDER BY number LIMIT $2",
                        {province, limit, *state});
}

Result<ReportRow> report(store::Session& session, ProvinceId province, ReportId id) {
  VL_TRY(auto found, select_reports(session,
                                    "SELECT " VL_REPORT_COLUMNS " FROM reports WHERE"
                                    " province_id = $1 AND report_id = $2",
                                    {province, id}));
  if (found.empty()) return fail(IncidentError::not_found, "there is no such report", "id");
  return std::move(found.front());
}

Result<std::vector<ReportRow>> reports_of(store::Session& session, ProvinceId province,
                                          IncidentId id) {
  return select_reports(session,
                        "SELECT " VL_REPORT_COLUMNS
                        " FROM reports WHERE province_id = $1 AND"
                        " incident_id = $2 ORDER BY number",
                        {province, id});
}

Result<std::vector<IncidentRow>> incidents(store::Session& session, ProvinceId province,
                                           const std::optional<std::string>& state,
                                           std::int64_t limit, std::int64_t before_us) {
  std::vector<IncidentRow> out;
  const auto take = [&](const store::Row& row) {
    out.push_back(incident_of(row));
    return true;
  };
  if (state) {
    VL_CHECK(session.query("SELECT " VL_INCIDENT_COLUMNS " FROM incidents WHERE province_id = $1"
                           " AND state = $4 AND opened_us < $3 ORDER BY number DESC LIMIT $2",
                           {province, limit, before_us, *state}, take));
  } else {
    VL_CHECK(session.query("SELECT " VL_INCIDENT_COLUMNS " FROM incidents WHERE province_id = $1"
                           " AND opened_us < $3 ORDER BY number DESC LIMIT $2",
                           {province, limit, before_us}, take));
  }
  VL_CHECK(complete(session, province, out));
  return out;
}

Result<IncidentRow> incident(store::Session& session, ProvinceId province, IncidentId id) {
  std::vector<IncidentRow> out;
  VL_CHECK(session.query("SELECT " VL_INCIDENT_COLUMNS " FROM incidents WHERE province_id = $1"
                         " AND incident_id = $2",
                         {province, id}, [&](const store::Row& row) {
                           out.push_back(incident_of(row));
                           return false;
                         }));
  if (out.empty()) return fail(IncidentError::not_found, "there is no such incident", "id");
  VL_CHECK(complete(session, province, out));
  return std::move(out.front());
}

Result<std::vector<NoteRow>> notes(store::Session& session, ProvinceId province, IncidentId id) {
  std::vector<NoteRow> out;
  VL_CHECK(
      session.query("SELECT note_id, author_id, at_us, text_item FROM incident_notes WHERE"
                    " province_id = $1 AND incident_id = $2 ORDER BY sequence",
                    {province, id}, [&](const store::Row& row) {
                      out.push_back({row.uuid(0), row.uuid(1), {row.integer(2)}, row.uuid(3)});
                      return true;
                    }));
  return out;
}

namespace {

AttachmentRow attachment_of(const store::Row& row) {
  return {row.uuid(0),
          row.id<IncidentId>(1),
          row.uuid(2),
          {row.integer(3)},
          std::string(row.text(4)),
          row.integer(5),
          row.uuid(6),
          row.uuid(7)};
}

}  // namespace

Result<std::vector<AttachmentRow>> attachments(store::Session& session, ProvinceId province,
                                               IncidentId id) {
  std::vector<AttachmentRow> out;
  VL_CHECK(
      session.query("SELECT attachment_id, incident_id, author_id, at_us, media_type,"
                    " size_bytes, name_item, content_item FROM incident_attachments WHERE"
                    " province_id = $1 AND incident_id = $2 ORDER BY sequence",
                    {province, id}, [&](const store::Row& row) {
                      out.push_back(attachment_of(row));
                      return true;
                    }));
  return out;
}

Result<AttachmentRow> attachment(store::Session& session, ProvinceId province, Uuid id) {
  std::optional<AttachmentRow> out;
  VL_CHECK(
      session.query("SELECT attachment_id, incident_id, author_id, at_us, media_type,"
                    " size_bytes, name_item, content_item FROM incident_attachments WHERE"
                    " province_id = $1 AND attachment_id = $2",
                    {province, id}, [&](const store::Row& row) {
                      out = attachment_of(row);
                      return false;
                    }));
  if (!out) return fail(IncidentError::not_found, "there is no such attachment", "id");
  return *out;
}

Result<bool> has_worked_on(store::Session& session, ProvinceId province, IncidentId id,
                           PersonId person) {
  VL_TRY(const auto direct,
         session.query_integer("SELECT count(*) FROM incidents WHERE province_id = $1 AND"
                               " incident_id = $2 AND opened_by = $3",
                               {province, id, person}));
  if (direct.value_or(0) > 0) return true;
  VL_TRY(const auto claimed,
         session.query_integer("SELECT count(*) FROM reports WHERE province_id = $1 AND"
                               " incident_id = $2 AND claimed_by = $3",
                               {province, id, person}));
  if (claimed.value_or(0) > 0) return true;
  VL_TRY(const auto events,
         session.query_integer("SELECT count(*) FROM journal_events WHERE province_id = $1 AND"
                               " stream_kind = 'incident' AND stream_id = $2 AND actor_id = $3",
                               {province, id, person}));
  return events.value_or(0) > 0;
}

Result<std::vector<IncidentRow>> opened_between(store::Session& session, ProvinceId province,
                                                std::int64_t from_us, std::int64_t to_us,
                                                std::int64_t limit) {
  std::vector<IncidentRow> out;
  VL_CHECK(session.query("SELECT " VL_INCIDENT_COLUMNS
                         " FROM incidents WHERE province_id = $1 AND opened_us >= $2 AND"
                         " opened_us < $3 AND lat IS NOT NULL ORDER BY opened_us DESC LIMIT $4",
                         {province, from_us, to_us, limit}, [&](const store::Row& row) {
                           out.push_back(incident_of(row));
                           return true;
                         }));
  return out;
}

}  // namespace vl::incidents
