#include <vonglau/incidents/events.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::incidents {
namespace {

using journal::Event;
using journal::when;
using store::Value;

template <class E>
std::string word(E e) {
  return boost::describe::enum_to_string(e, "?");
}
Value item_of(const std::optional<PersonalRef>& ref) {
  return ref ? Value(ref->item) : Value();
}
Value lat_of(const std::optional<GeoPoint>& p) {
  return p ? Value(p->lat) : Value();
}
Value lon_of(const std::optional<GeoPoint>& p) {
  return p ? Value(p->lon) : Value();
}

Result<void> apply_report(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<ReportReceived>(
      e,
      [&](const ReportReceived& r) {
        done = s.post(
            "INSERT INTO reports (province_id, report_id, number, received_us, channel, service,"
            " category, severity, lat, lon, unit_code, state, place_item, name_item, number_item,"
            " narrative_item, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
            " 'waiting', $12, $13, $14, $15, $16)",
            {province, id, e.sequence, e.wall, word(r.channel), word(r.service), word(r.category),
             word(r.severity), lat_of(r.point), lon_of(r.point), r.unit_code, item_of(r.place_text),
             item_of(r.caller_name), item_of(r.caller_number), item_of(r.narrative),
             e.stream_version});
      }) ||
      when<ReportClaimed>(
          e,
          [&](const ReportClaimed& c) {
            done = s.post(
                "UPDATE reports SET state = 'claimed', claimed_by = $3, claimed_us = $4,"
                " version = $5 WHERE province_id = $1 AND report_id = $2",
                {province, id, c.by, e.wall, e.stream_version});
          }) ||
      when<ReportReleased>(
          e,
          [&](const ReportReleased&) {
            done = s.post(
                "UPDATE reports SET state = 'waiting', claimed_by = NULL, claimed_us = NULL,"
                " version = $3 WHERE province_id = $1 AND report_id = $2",
                {province, id, e.stream_version});
          }) ||
      when<ReportTriaged>(e, [&](const ReportTriaged& t) {
        done = s.post(
            "UPDATE reports SET state = 'closed', closure = $3, incident_id = $4,"
            " version = $5 WHERE province_id = $1 AND report_id = $2",
            {province, id, word(t.closure), t.incident_id, e.stream_version});
      });
  return done;
}

/// Note and attachment rows, with the counts on the incident.
Result<void> apply_annotations(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<NoteAdded>(
      e,
      [&](const NoteAdded& n) {
        done = s.post(
            "INSERT INTO incident_notes (province_id, note_id, incident_id, author_id,"
            " at_us, text_item, sequence) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            {province, n.note_id, id, n.by, e.wall, n.text.item, e.sequence});
        if (done)
          done = s.post(
              "UPDATE incidents SET note_count = note_count + 1 WHERE province_id = $1 AND"
              " incident_id = $2",
              {province, id});
      }) ||
      when<AttachmentAdded>(e, [&](const AttachmentAdded& a) {
        done = s.post(
            "INSERT INTO incident_attachments (province_id, attachment_id, incident_id, author_id,"
            " at_us, name_item, content_item, media_type, size_bytes, sequence)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            {province, a.attachment_id, id, a.by, e.wall, a.name.item, a.content.item, a.media_type,
             a.size_bytes, e.sequence});
        if (done)
          done = s.post(
              "UPDATE incidents SET attachment_count = attachment_count + 1 WHERE"
              " province_id = $1 AND incident_id = $2",
              {province, id});
      });
  return done;
}

Result<void> apply_assignments(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  when<UnitAssigned>(
      e,
      [&](const UnitAssigned& a) {
        done = s.post(
            "INSERT INTO assignments (province_id, incident_id, unit_id, milestone, since_us,"
            " assigned_us) VALUES ($1, $2, $3, 'assigned', $4, $4)"
            " ON CONFLICT (province_id, incident_id, unit_id) DO UPDATE SET milestone = 'assigned',"
            " since_us = excluded.since_us, assigned_us = excluded.assigned_us",
            {province, e.stream.id, a.unit_id, e.wall});
      }) ||
      when<UnitMilestone>(e, [&](const UnitMilestone& m) {
        done = s.post(
            "UPDATE assignments SET milestone = $4, since_us = $5 WHERE province_id = $1"
            " AND incident_id = $2 AND unit_id = $3",
            {province, e.stream.id, m.unit_id, word(m.status), e.wall});
      });
  return done;
}

Result<void> apply_incident(const Event& e, ProvinceId province, store::Session& s) {
  const auto& id = e.stream.id;
  if (e.type == IncidentOpened::kType) {
    Result<void> done;
    when<IncidentOpened>(e, [&](const IncidentOpened& o) {
      done = s.post(
          "INSERT INTO incidents (province_id, incident_id, number, opened_us, opened_by, state,"
          " service, category, severity, lat, lon, unit_code, place_item, note_count,"
          " attachment_count, version) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10,"
          " $11, $12, 0, 0, $13)",
          {province, id, e.sequence, e.wall, o.by, word(o.service), word(o.category),
           word(o.severity), lat_of(o.point), lon_of(o.point), o.unit_code, item_of(o.place_text),
           e.stream_version});
    });
    return done;
  }
  VL_CHECK(apply_annotations(e, province, s));
  VL_CHECK(apply_assignments(e, province, s));
  Result<void> done;
  when<IncidentClassified>(
      e,
      [&](const IncidentClassified& c) {
        done = s.post(
            "UPDATE incidents SET category = $3, severity = $4 WHERE province_id = $1 AND"
            " incident_id = $2",
            {province, id, word(c.category), word(c.severity)});
      }) ||
      when<IncidentClosed>(
          e,
          [&](const IncidentClosed& c) {
            done = s.post(
                "UPDATE incidents SET state = 'closed', outcome = $3, closed_us = $4,"
                " summary_item = $5 WHERE province_id = $1 AND incident_id = $2",
                {province, id, word(c.outcome), e.wall, item_of(c.summary)});
          }) ||
      when<IncidentReopened>(e, [&](const IncidentReopened&) {
        done = s.post(
            "UPDATE incidents SET state = 'open', outcome = NULL, closed_us = NULL,"
            " summary_item = NULL WHERE province_id = $1 AND incident_id = $2",
            {province, id});
      });
  VL_CHECK(done);
  return s.post("UPDATE incidents SET version = $3 WHERE province_id = $1 AND incident_id = $2",
                {province, id, e.stream_version});
}

}  // namespace

std::vector<std::string> IncidentTables::tables() const {
  return {"reports", "incidents", "incident_notes", "incident_attachments", "assignments"};
}

Result<void> IncidentTables::apply(const Event& event, ProvinceId province,
                                   store::Session& session) {
  if (event.stream.kind == "report") return apply_report(event, province, session);
  if (event.stream.kind == "incident") return apply_incident(event, province, session);
  return {};
}

}  // namespace vl::incidents
