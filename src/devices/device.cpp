#include <algorithm>
#include <array>
#include <set>

#include <vonglau/devices/device.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::devices {

using journal::when;

void CameraDevice::apply(const journal::Event& event) {
  when<EnrolmentBegun>(event, [&](const EnrolmentBegun& e) { begun = e.credentials; }) ||
      when<EnrolmentFailed>(event,
                            [&](const EnrolmentFailed& e) {
                              // What the camera may have is tried again by the next attempt.
                              if (e.password_replaced && enrolled) begun.reset();
                            }) ||
      when<Enrolled>(event,
                     [&](const Enrolled& e) {
                       enrolled = true;
                       ptz = e.ptz;
                       begun.reset();
                       presets.clear();
                       for (const auto& preset : e.presets) presets[preset.token] = preset.name;
                     }) ||
      when<ControlTaken>(event,
                         [&](const ControlTaken& e) { holder = {e.person_id, e.priority}; }) ||
      when<ControlReturned>(event, [&](const ControlReturned&) { holder.reset(); }) ||
      when<PresetSaved>(event,
                        [&](const PresetSaved& e) { presets[e.preset.token] = e.preset.name; }) ||
      when<PresetRemoved>(event, [&](const PresetRemoved& e) { presets.erase(e.token); }) ||
      when<TourSaved>(event, [&](const TourSaved& e) { tours[e.tour_id] = {e.name, e.steps}; }) ||
      when<TourRemoved>(event,
                        [&](const TourRemoved& e) {
                          tours.erase(e.tour_id);
                          if (running == e.tour_id) running.reset();
                        }) ||
      when<TourStarted>(event, [&](const TourStarted& e) { running = e.tour_id; }) ||
      when<TourStopped>(event, [&](const TourStopped&) { running.reset(); });
}

namespace {
Result<void> movable(const CameraDevice& device) {
  if (!device.enrolled)
    return fail(DeviceError::not_enrolled, "the camera is not enrolled by ONVIF: enrol it first");
  if (!device.ptz) return fail(DeviceError::no_motors, "this camera cannot be turned");
  return {};
}
}  // namespace

Result<std::optional<ControlTaken>> decide_take(const CameraDevice& device, const Uuid& person,
                                                ControlPriority priority,
                                                std::optional<Uuid> incident) {
  VL_CHECK(movable(device));
  ControlTaken taken{person, priority, incident, {}};
  if (!device.holder) return taken;
  if (device.holder->person == person)
    return device.holder->priority == priority ? std::nullopt : std::optional(taken);
  if (device.holder->priority >= priority)
    return fail(DeviceError::held,
                "somebody of the same or a higher priority holds the camera: wait until it is "
                "handed back, or ask them");
  taken.from_id = device.holder->person;
  return taken;
}

Result<ControlReturned> decide_return(const CameraDevice& device, const Uuid& person,
                                      ReturnReason reason) {
  if (!device.holder || device.holder->person != person)
    return fail(DeviceError::no_change, "the camera is not held by this person");
  return ControlReturned{person, reason};
}

Result<void> check_holds(const CameraDevice& device, const Uuid& person) {
  VL_CHECK(movable(device));
  if (!device.holder || device.holder->person != person)
    return fail(DeviceError::not_yours, "take the camera first: only who holds it moves it");
  return {};
}

Result<void> check(const CameraDevice& device, const TourSaved& tour) {
  VL_CHECK(movable(device));
  if (tour.name.empty() || tour.name.size() > 100)
    return fail(DeviceError::bad_tour, "a tour's name has 1 to 100 bytes", "name");
  if (tour.steps.size() < 2 || tour.steps.size() > kMostSteps)
    return fail(DeviceError::bad_tour, "a tour has 2 to 32 presets", "steps");
  for (const auto& step : tour.steps) {
    if (!device.presets.contains(step.preset))
      return fail(DeviceError::bad_tour, "a step names a preset that the camera does not have",
                  "steps");
    if (step.dwell_s < kShortestDwell_s || step.dwell_s > kLongestDwell_s)
      return fail(DeviceError::bad_tour, "a tour stays 3 s to 1 hour at a preset", "steps");
  }
  if (!device.tours.contains(tour.tour_id) && device.tours.size() >= kMostTours)
    return fail(DeviceError::bad_tour, "a camera has 16 tours at most");
  return {};
}

bool is_default_password(std::string_view login, std::string_view password) {
  static const std::set<std::string, std::less<>> known = {
      "1111",     "111111",   "1234",      "12345",      "123456",    "1234567",      "12345678",
      "4321",     "666666",   "888888",    "9999",       "999999",    "000000",       "00000000",
      "abcd1234", "admin",    "admin1",    "admin12",    "admin123",  "admin1234",    "admin12345",
      "camera",   "default",  "guest",     "hikadmin",   "meinsm",    "operator",     "pass",
      "password", "root",     "service",   "supervisor", "system",    "ubnt",         "user",
      "viewer",   "hik12345", "password1", "qwerty",     "admin@123", "administrator"};
  std::string lower(password);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return password.empty() || password == login || known.contains(lower);
}

}  // namespace vl::devices
