#include <vonglau/incidents/events.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/situation/situation.hpp>

namespace vl::situation {
namespace {

using incidents::IncidentRow;
using incidents::ReportRow;
using journal::Event;
using journal::when;

template <class E>
std::string word(E e) {
  return boost::describe::enum_to_string(e, "?");
}

struct Saved {
  std::vector<ReportRow> reports;
  std::vector<IncidentRow> incidents;
  std::vector<dispatch::UnitRow> units;
  std::vector<Uuid> camera_ids;
  std::vector<CameraPicture> cameras;
  std::vector<Uuid> reopened;
};
BOOST_DESCRIBE_STRUCT(Saved, (), (reports, incidents, units, camera_ids, cameras, reopened))

void set_point(const std::optional<GeoPoint>& point, auto& row) {
  if (point) row.lat = point->lat, row.lon = point->lon;
}

void apply_report(const Event& e, std::map<Uuid, ReportRow>& reports) {
  const auto& id = e.stream.id;
  when<incidents::ReportReceived>(e, [&](const incidents::ReportReceived& r) {
    ReportRow row;
    row.id = {id};
    row.number = e.sequence;
    row.received_us = e.wall;
    row.channel = word(r.channel);
    row.service = word(r.service);
    row.category = word(r.category);
    row.severity = word(r.severity);
    set_point(r.point, row);
    row.unit_code = r.unit_code;
    row.state = "waiting";
    row.version = e.stream_version;
    reports[id] = std::move(row);
  });
  if (e.type == incidents::ReportTriaged::kType) {
    reports.erase(id);
    return;
  }
  const auto found = reports.find(id);
  if (found == reports.end()) return;
  auto& row = found->second;
  row.version = e.stream_version;
  when<incidents::ReportClaimed>(e,
                                 [&](const incidents::ReportClaimed& c) {
                                   row.state = "claimed";
                                   row.claimed_by = c.by.value;
                                   row.claimed_us = e.wall.us;
                                 }) ||
      when<incidents::ReportReleased>(e, [&](const incidents::ReportReleased&) {
        row.state = "waiting";
        row.claimed_by.reset();
        row.claimed_us.reset();
      });
}

IncidentRow opened_row(const Event& e, const incidents::IncidentOpened& o) {
  IncidentRow row;
  row.id = {e.stream.id};
  row.number = e.sequence;
  row.opened_us = e.wall;
  row.state = "open";
  row.service = word(o.service);
  row.category = word(o.category);
  row.severity = word(o.severity);
  set_point(o.point, row);
  row.unit_code = o.unit_code;
  if (o.place_text) row.place_item = o.place_text->item;
  if (o.report_id) row.report_ids.push_back(*o.report_id);
  row.opened_by = o.by.value;
  return row;
}

void set_milestone(IncidentRow& row, incidents::UnitId unit, std::string status, WallTime at) {
  for (auto& assignment : row.assignments)
    if (assignment.unit_id == unit) {
      assignment.status = std::move(status);
      assignment.since_us = at;
      return;
    }
  row.assignments.push_back({unit, std::move(status), at});
}

/// Everything but opening, on an incident that is there.
void apply_to_row(const Event& e, IncidentRow& row) {
  row.version = e.stream_version;
  using namespace incidents;
  when<ReportAttached>(e, [&](const auto& a) { row.report_ids.push_back(a.report_id); }) ||
      when<IncidentClassified>(e,
                               [&](const auto& c) {
                                 row.category = word(c.category);
                                 row.severity = word(c.severity);
                               }) ||
      when<NoteAdded>(e, [&](const auto&) { ++row.note_count; }) ||
      when<AttachmentAdded>(e, [&](const auto&) { ++row.attachment_count; }) ||
      when<UnitAssigned>(
          e, [&](const auto& a) { set_milestone(row, a.unit_id, "assigned", e.wall); }) ||
      when<UnitMilestone>(
          e, [&](const auto& m) { set_milestone(row, m.unit_id, word(m.status), e.wall); }) ||
      when<IncidentClosed>(e,
                           [&](const auto& c) {
                             row.state = "closed";
                             row.outcome = word(c.outcome);
                             row.closed_us = e.wall.us;
                             if (c.summary) row.summary_item = c.summary->item;
                           }) ||
      when<IncidentReopened>(e, [&](const auto&) {
        row.state = "open";
        row.outcome.reset();
        row.closed_us.reset();
        row.summary_item.reset();
      });
}

void apply_unit(const Event& e, std::map<Uuid, dispatch::UnitRow>& units) {
  const auto& id = e.stream.id;
  when<dispatch::UnitRegistered>(e, [&](const dispatch::UnitRegistered& u) {
    dispatch::UnitRow row;
    row.id = {id};
    row.call_sign = u.call_sign;
    row.kind = word(u.kind);
    row.status = "available";
    set_point(u.base, row);
    units[id] = std::move(row);
  });
  const auto found = units.find(id);
  if (found == units.end()) return;
  found->second.version = e.stream_version;
  when<dispatch::UnitStatusChanged>(e, [&](const dispatch::UnitStatusChanged& c) {
    found->second.status = word(c.status);
    found->second.incident_id.reset();
    if (c.incident_id) found->second.incident_id = c.incident_id->value;
  });
}

void apply_camera(const Event& e, std::map<Uuid, CameraPicture>& all) {
  using namespace cameras;
  const auto set = [&](const char* state, WallTime since) { all[e.stream.id] = {state, since}; };
  when<CameraRegistered>(e, [&](const auto&) { set("unknown", e.wall); }) ||
      when<CameraDisabled>(e, [&](const auto&) { set("disabled", e.wall); }) ||
      when<CameraEnabled>(e, [&](const auto&) { set("unknown", e.wall); }) ||
      when<CameraWentOnline>(e, [&](const auto& o) { set("online", o.at_us); }) ||
      when<CameraWentOffline>(e, [&](const auto& o) { set("offline", o.at_us); });
}

}  // namespace

void Situation::apply(const Event& e) {
  const auto& kind = e.stream.kind;
  if (kind == "report") return apply_report(e, reports);
  if (kind == "unit") return apply_unit(e, units);
  if (kind == "camera") return apply_camera(e, cameras);
  if (kind != "incident") return;
  const auto& id = e.stream.id;
  when<incidents::IncidentOpened>(e, [&](const auto& o) { incidents[id] = opened_row(e, o); });
  if (e.type == incidents::IncidentReopened::kType) reopened.insert(id);
  if (e.type == incidents::IncidentClosed::kType) {
    incidents.erase(id);
    reopened.erase(id);
  }
  if (const auto found = incidents.find(id); found != incidents.end())
    apply_to_row(e, found->second);
}

std::string Situation::save() const {
  Saved saved;
  for (const auto& [id, row] : reports) saved.reports.push_back(row);
  for (const auto& [id, row] : incidents) saved.incidents.push_back(row);
  for (const auto& [id, row] : units) saved.units.push_back(row);
  for (const auto& [id, row] : cameras) {
    saved.camera_ids.push_back(id);
    saved.cameras.push_back(row);
  }
  saved.reopened.assign(reopened.begin(), reopened.end());
  return json::write(saved);
}

Result<Situation> Situation::load(std::string_view text) {
  VL_TRY(auto saved, json::read_text<Saved>(text));
  Situation out;
  for (auto& row : saved.reports) out.reports[row.id.value] = std::move(row);
  for (auto& row : saved.incidents) out.incidents[row.id.value] = std::move(row);
  for (auto& row : saved.units) out.units[row.id.value] = std::move(row);
  for (std::size_t i = 0; i < saved.cameras.size() && i < saved.camera_ids.size(); ++i)
    out.cameras[saved.camera_ids[i]] = saved.cameras[i];
  out.reopened.insert(saved.reopened.begin(), saved.reopened.end());
  return out;
}

std::optional<IncidentRow> incident_after(std::span<const Event> stream) {
  std::optional<IncidentRow> row;
  for (const auto& event : stream) {
    when<incidents::IncidentOpened>(event, [&](const auto& o) { row = opened_row(event, o); });
    if (row) apply_to_row(event, *row);
  }
  return row;
}

}  // namespace vl::situation
