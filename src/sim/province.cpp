#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include <fmt/format.h>

#include <vonglau/sim/province.hpp>

namespace vl::sim {

namespace bj = boost::json;

namespace {

struct Story {
  const char* service;
  const char* category;
  const char* severity;
  const char* narrative;
  double weight;
  const char* unit_kind;
};
// Invented, as are all names and numbers below.
constexpr Story kStories[] = {
    {"traffic", "minor_collision", "routine",
     "Hai xe máy va quệt, không ai bị thương, đang cãi nhau giữa đường", 5, "traffic_police"},
    {"traffic", "traffic_accident", "serious", "Ô tô con đâm xe máy, có người bị thương ở chân", 3,
     "traffic_police"},
    {"traffic", "congestion", "routine", "Xe tải chết máy chắn một làn, ùn dài khoảng 300 mét", 4,
     "traffic_police"},
    {"police", "theft", "routine", "Bị mất xe máy trước cửa hàng tạp hoá, vừa xong", 4,
     "commune_police"},
    {"police", "public_disorder", "serious", "Một nhóm thanh niên gây rối, cầm gậy", 2,
     "police_patrol"},
    {"police", "violence", "critical", "Có đánh nhau ở quán ăn, một người chảy nhiều máu", 1,
     "police_patrol"},
    {"fire", "fire", "critical", "Khói đen bốc lên từ mái xưởng gỗ, có công nhân bên trong", 1,
     "fire_engine"},
    {"fire", "fire", "serious", "Cháy bếp ở nhà dân, mọi người đã ra ngoài", 2, "fire_engine"},
    {"medical", "medical_emergency", "critical", "Cụ ông khó thở, đau ngực, môi tím", 2,
     "ambulance"},
    {"medical", "medical_emergency", "serious", "Người ngã giàn giáo, tỉnh, đau lưng", 2,
     "ambulance"},
    {"social", "missing_person", "serious", "Cháu bé 7 tuổi đi lạc ở chợ, áo đỏ", 1,
     "commune_police"},
    {"other", "flood", "routine", "Ngập đường sâu nửa bánh xe, nhiều xe chết máy", 1,
     "commune_police"},
};
constexpr const char* kFamilyNames[] = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ"};
constexpr const char* kGivenNames[] = {"Văn Nam", "Thị Hoa", "Đức Long", "Thu Trang", "Quang Huy"};
constexpr const char* kPlaces[] = {"gần cổng chợ",  "trước trường học", "đầu ngõ 12",
                                   "cạnh cây xăng", "ngã ba vào xóm",   "trước nhà văn hoá"};
constexpr const char* kKinds[] = {"police_patrol", "traffic_police", "commune_police",
                                  "ambulance",     "fire_engine",    "rescue"};
constexpr const char* kSigns[] = {"CA", "CSGT", "CAX", "115", "CC", "CNCH"};

constexpr double kPositionsEvery_s = 5;
constexpr double kRefreshEvery_s = 4;
constexpr std::size_t kUnitsAnIncident = 2;

std::string text(const bj::object& o, std::string_view name) {
  const auto* value = o.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}
std::optional<GeoPoint> point(const bj::object& o) {
  const auto* lat = o.if_contains("lat");
  const auto* lon = o.if_contains("lon");
  if (lat == nullptr || lon == nullptr) return std::nullopt;
  return GeoPoint{lat->to_number<double>(), lon->to_number<double>()};
}
const bj::array& list(const bj::object& o, std::string_view name) {
  static const bj::array none;
  const auto* value = o.if_contains(name);
  return value != nullptr && value->is_array() ? value->as_array() : none;
}
double heading(const GeoPoint& from, const GeoPoint& to) {
  const double east = (to.lon - from.lon) * std::cos(from.lat * std::numbers::pi / 180);
  const double degrees = std::atan2(east, to.lat - from.lat) * 180 / std::numbers::pi;
  return degrees < 0 ? degrees + 360 : degrees;
}
bool is_away(const Error& error) {
  return error.code.category == Category::unavailable ||
         error.code.category == Category::unauthenticated;
}

}  // namespace

SimulatedProvince::SimulatedProvince(ProvinceOptions options, CentreApi& api,
                                     std::shared_ptr<const places::Gazetteer> gazetteer,
                                     std::shared_ptr<const places::RoadNetwork> roads,
                                     const Clock& clock)
    : options_(std::move(options)),
      api_(api),
      gazetteer_(std::move(gazetteer)),
      roads_(std::move(roads)),
      clock_(clock),
      random_(options_.seed) {
  for (const auto* unit : gazetteer_->units().on(gazetteer_->on()))
    if (unit->kind == places::UnitKind::ward || unit->kind == places::UnitKind::commune)
      communes_.push_back(unit);
}

GeoPoint SimulatedProvince::place_near_people() {
  // Wards are where most happens; a third of it is in communes.
  const places::AdministrativeUnit* unit = communes_[pick(communes_.size())];
  for (int i = 0; i < 3 && unit->kind != places::UnitKind::ward; ++i)
    unit = communes_[pick(communes_.size())];
  return {unit->centre.lat + (chance() - 0.5) * 0.02, unit->centre.lon + (chance() - 0.5) * 0.02};
}

Result<void> SimulatedProvince::prepare() {
  VL_CHECK(register_units());
  VL_CHECK(register_cameras());
  return refresh();
}

Result<void> SimulatedProvince::register_units() {
  VL_TRY(const auto known, api_.get("/units"));
  std::set<std::string> there;
  for (const auto& unit : list(known, "units")) there.insert(text(unit.as_object(), "call_sign"));
  for (int i = 0; i < options_.units; ++i) {
    const auto kind = static_cast<std::size_t>(i) % std::size(kKinds);
    const GeoPoint at = place_near_people();
    const auto sign =
        fmt::format("{}-{:02}", kSigns[kind], i / static_cast<int>(std::size(kKinds)) + 1);
    // A start that was cut short is made whole by the next.
    if (there.contains(sign)) continue;
    VL_CHECK(api_.post(
        "/units", {{"call_sign", sign}, {"kind", kKinds[kind]}, {"lat", at.lat}, {"lon", at.lon}}));
  }
  return {};
}

Result<void> SimulatedProvince::register_cameras() {
  VL_TRY(const auto known, api_.get("/cameras"));
  std::map<std::string, std::string> by_code;
  for (const auto& camera : list(known, "cameras"))
    by_code[text(camera.as_object(), "code")] = text(camera.as_object(), "id");
  std::size_t n = 0;
  for (const auto& camera : options_.cameras) {
    const auto* unit = communes_[(n++ * 37) % communes_.size()];
    bj::object body{{"code", camera.code},
                    {"name", fmt::format("{} · nút giao trung tâm", unit->full_name)},
                    {"lat", unit->centre.lat},
                    {"lon", unit->centre.lon},
                    {"unit_code", unit->code},
                    {"main_url", camera.main_url},
                    {"sub_url", camera.sub_url},
                    {"login", camera.login},
                    {"password", camera.password},
                    {"retention_days", 2}};
    auto id = by_code.contains(camera.code) ? by_code[camera.code] : std::string();
    if (id.empty()) {
      VL_TRY(const auto made, api_.post("/cameras", body));
      id = text(made, "id");
    }
    if (!camera.onvif_address.empty()) to_enrol_[id] = camera.onvif_address;
  }
  if (options_.topology.empty()) return {};
  // People may have changed it since: declared once, left alone after.
  VL_TRY(const auto fleet, api_.get("/fleet"));
  if (!list(fleet, "assets").empty()) return {};
  VL_CHECK(api_.post_table("/fleet/import", options_.topology));
  return {};
}

/// Cameras that can be turned are taken in by ONVIF as soon as a recorder is there to do it.
Result<void> SimulatedProvince::enrol_cameras() {
  const auto [id, address] = *to_enrol_.begin();
  VL_TRY(const auto device, api_.get("/cameras/" + id + "/device"));
  const auto* enrolled = device.if_contains("enrolled");
  if (enrolled == nullptr || !enrolled->as_bool()) {
    auto done =
        api_.post("/cameras/" + id + "/enrolment", {{"address", address}, {"keep_password", true}});
    if (!done && is_away(done.error())) return {};  // no recorder yet: later
  }
  to_enrol_.erase(id);
  return {};
}

Result<void> SimulatedProvince::refresh() {
  VL_TRY(const auto picture, api_.get("/situation"));
  for (const auto& value : list(picture, "units")) {
    const auto& o = value.as_object();
    auto& unit = units_[text(o, "id")];
    const bool fresh = unit.id.empty();
    unit.id = text(o, "id");
    unit.kind = text(o, "kind");
    const auto incident = text(o, "incident_id");
    if (fresh) unit.at = point(o).value_or(place_near_people());
    if (incident != unit.incident_id || unit.status != text(o, "status")) {
      unit.status = text(o, "status");
      if (incident != unit.incident_id) unit.way.clear();
      unit.incident_id = incident;
    }
  }
  open_.clear();
  for (const auto& value : list(picture, "open_incidents"))
    open_[text(value.as_object(), "id")] = value.as_object();
  std::erase_if(incident_age_s_, [&](const auto& item) { return !open_.contains(item.first); });
  for (const auto& [id, incident] : open_) incident_age_s_.try_emplace(id, now_s_);
  return {};
}

void SimulatedProvince::plan(MovingUnit& unit, GeoPoint to) {
  unit.way.clear();
  const auto route = roads_->route({unit.at.lat, unit.at.lon}, {to.lat, to.lon});
  if (route)
    for (const auto& p : route->polyline) unit.way.push_back({p.lat, p.lon});
  unit.way.push_back(to);
}

void SimulatedProvince::patrol(MovingUnit& unit) {
  if (unit.kind == "fire_engine" || unit.kind == "ambulance" || unit.kind == "rescue") return;
  // Somewhere within about five kilometres.
  plan(unit, {unit.at.lat + (chance() - 0.5) * 0.08, unit.at.lon + (chance() - 0.5) * 0.08});
  unit.wait_s = 20 + 60 * chance();
}

void SimulatedProvince::move(MovingUnit& unit, double seconds) {
  const bool urgent = !unit.incident_id.empty();
  double left_m = seconds * (urgent ? 70.0 : 32.0) / 3.6;
  unit.speed_kmh = 0;
  while (left_m > 0 && !unit.way.empty()) {
    const GeoPoint next = unit.way.front();
    const double step_m = distance_m(unit.at, next);
    unit.heading_deg = step_m > 1 ? heading(unit.at, next) : unit.heading_deg;
    unit.speed_kmh = urgent ? 70 : 32;
    if (step_m <= left_m) {
      unit.at = next;
      unit.way.erase(unit.way.begin());
      left_m -= step_m;
      continue;
    }
    const double part = left_m / step_m;
    unit.at = {unit.at.lat + (next.lat - unit.at.lat) * part,
               unit.at.lon + (next.lon - unit.at.lon) * part};
    left_m = 0;
  }
}

Result<void> SimulatedProvince::reached(MovingUnit& unit, const std::string& status) {
  auto done =
      api_.post(fmt::format("/incidents/{}/assignments/{}/status", unit.incident_id, unit.id),
                {{"status", status}});
  if (!done && is_away(done.error())) return fail(std::move(done).error());
  if (status == "released") {
    unit.status = "available";
    unit.incident_id.clear();
    unit.wait_s = 30;
  } else if (status != "accepted") {
    unit.status = status;
  }
  return {};
}

Result<void> SimulatedProvince::send_positions() {
  bj::array positions;
  for (const auto& [id, unit] : units_)
    positions.push_back(bj::object{{"unit_id", unit.id},
                                   {"at_us", clock_.wall().us},
                                   {"lat", std::round(unit.at.lat * 1e6) / 1e6},
                                   {"lon", std::round(unit.at.lon * 1e6) / 1e6},
                                   {"heading_deg", std::round(unit.heading_deg)},
                                   {"speed_kmh", unit.speed_kmh}});
  if (positions.empty()) return {};
  VL_CHECK(api_.post("/units/positions", {{"positions", std::move(positions)}}));
  return {};
}

Result<void> SimulatedProvince::bring_report() {
  double total = 0;
  for (const auto& story : kStories) total += story.weight;
  double draw = chance() * total;
  const Story* story = std::begin(kStories);
  for (const auto& one : kStories) {
    story = &one;
    if ((draw -= one.weight) <= 0) break;
  }
  const GeoPoint at = place_near_people();
  const auto* unit = gazetteer_->unit_at({at.lat, at.lon});
  bj::object body{{"channel", chance() < 0.75 ? "phone" : "app"},
                  {"service", story->service},
                  {"category", story->category},
                  {"severity", story->severity},
                  {"lat", at.lat},
                  {"lon", at.lon},
                  {"narrative", story->narrative},
                  {"caller_name", fmt::format("{} {}", kFamilyNames[pick(std::size(kFamilyNames))],
                                              kGivenNames[pick(std::size(kGivenNames))])},
                  {"caller_number", fmt::format("09{:08}", random_() % 100'000'000)}};
  body["place_text"] = fmt::format("{}, {}", kPlaces[pick(std::size(kPlaces))],
                                   unit != nullptr ? unit->full_name : "ngoài địa bàn");
  if (unit != nullptr) body["unit_code"] = unit->code;
  VL_CHECK(api_.post("/reports", body));
  return {};
}

void SimulatedProvince::answer_report(const bj::object& report) {
  const auto id = text(report, "id");
  if (!api_.post("/reports/" + id + "/claim", {})) return;  // somebody was quicker
  const double draw = chance();
  bj::object decision{{"decision", "open_incident"}};
  if (draw < 0.15) decision["decision"] = "false_report";
  if (draw > 0.92) decision["decision"] = "information_only";
  if (auto found = api_.get("/reports/" + id + "/duplicates"))
    if (const auto& candidates = list(*found, "candidates"); !candidates.empty()) {
      decision["decision"] = "duplicate";
      decision["incident_id"] = text(candidates.front().as_object(), "incident_id");
    }
  static_cast<void>(api_.post("/reports/" + id + "/triage", decision));
}

Result<void> SimulatedProvince::play_desk() {
  VL_TRY(const auto waiting, api_.get("/reports?state=waiting&limit=50"));
  const auto patience_us =
      static_cast<std::int64_t>(options_.desk_patience_s * 1e6 / options_.speed);
  for (const auto& value : list(waiting, "reports")) {
    const auto& report = value.as_object();
    const auto received = report.at("received_us").to_number<std::int64_t>();
    if (clock_.wall().us - received > patience_us) answer_report(report);
  }
  for (const auto& [id, incident] : open_) VL_CHECK(send_units(incident));
  return close_quiet_incidents();
}

Result<void> SimulatedProvince::send_units(const bj::object& incident) {
  const auto& assignments = list(incident, "assignments");
  const auto id = text(incident, "id");
  // People may be at it: the simulated dispatcher only sends to what nobody has sent to.
  if (!assignments.empty() || now_s_ - incident_age_s_[id] < 25) return {};
  const auto where = point(incident);
  if (!where) return {};
  const auto category = text(incident, "category");
  std::string wanted = "police_patrol";
  for (const auto& story : kStories)
    if (category == story.category) wanted = story.unit_kind;
  std::vector<MovingUnit*> free;
  for (auto& [key, unit] : units_)
    if (unit.status == "available") free.push_back(&unit);
  std::ranges::sort(free, {}, [&](const MovingUnit* unit) {
    return distance_m(unit->at, *where) + (unit->kind == wanted ? 0 : 15'000);
  });
  const bool serious = text(incident, "severity") != "routine";
  for (std::size_t i = 0; i < std::min(free.size(), serious ? kUnitsAnIncident : 1); ++i) {
    auto sent = api_.post("/incidents/" + id + "/assignments", {{"unit_id", free[i]->id}});
    if (!sent && is_away(sent.error())) return fail(std::move(sent).error());
    if (sent) {
      free[i]->status = "assigned";
      free[i]->incident_id = id;
      free[i]->way.clear();
    }
  }
  return {};
}

Result<void> SimulatedProvince::close_quiet_incidents() {
  for (const auto& [id, incident] : open_) {
    const auto& assignments = list(incident, "assignments");
    const bool all_back =
        !assignments.empty() && std::ranges::all_of(assignments, [](const bj::value& a) {
          return text(a.as_object(), "status") == "released";
        });
    if (!all_back) continue;
    auto closed = api_.post("/incidents/" + id + "/close",
                            {{"outcome", chance() < 0.9 ? "resolved" : "handed_over"},
                             {"summary", "Đã xử lý xong, hiện trường ổn định"}});
    if (!closed && is_away(closed.error())) return fail(std::move(closed).error());
  }
  return {};
}

Result<void> SimulatedProvince::step() {
  const auto mono = clock_.mono();
  const double seconds =
      last_ ? static_cast<double>(mono.us - last_->us) / 1e6 * options_.speed : 0;
  last_ = mono;
  now_s_ += seconds;
  if (now_s_ >= next_refresh_s_) {
    next_refresh_s_ = now_s_ + kRefreshEvery_s;
    VL_CHECK(refresh());
    VL_CHECK(play_desk());
  }
  // By the true clock: a calm province has cameras as soon as a busy one.
  if (!to_enrol_.empty() && mono.us >= next_enrolment_us_) {
    next_enrolment_us_ = mono.us + 5'000'000;
    VL_CHECK(enrol_cameras());
  }
  for (auto& [id, unit] : units_) {
    if (unit.status == "unavailable") continue;
    if (unit.status == "assigned" && unit.way.empty()) {
      const auto found = open_.find(unit.incident_id);
      if (found == open_.end()) continue;
      if (const auto where = point(found->second)) plan(unit, *where);
      VL_CHECK(reached(unit, "accepted"));
      VL_CHECK(reached(unit, "en_route"));
    }
    const bool was_moving = !unit.way.empty();
    move(unit, seconds);
    if (unit.status == "en_route" && unit.way.empty()) {
      if (was_moving) unit.wait_s = 120 + 240 * chance();
      VL_CHECK(reached(unit, "on_scene"));
    } else if (unit.way.empty() && (unit.wait_s -= seconds) <= 0) {
      if (unit.status == "on_scene") VL_CHECK(reached(unit, "released"));
      if (unit.status == "available") patrol(unit);
    }
  }
  if (now_s_ >= next_positions_s_) {
    next_positions_s_ = now_s_ + kPositionsEvery_s;
    VL_CHECK(send_positions());
  }
  if (now_s_ >= next_report_s_) {
    next_report_s_ = now_s_ - options_.report_every_s * std::log(1 - chance());
    VL_CHECK(bring_report());
  }
  return {};
}

}  // namespace vl::sim
