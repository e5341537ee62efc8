#include "device_work.hpp"

#include <algorithm>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/onvif/discovery.hpp>
#include <vonglau/onvif/enrolment.hpp>

namespace vl::recorder {

namespace {

constexpr std::uint32_t kPtzCall_ms = 2'500;
constexpr std::uint32_t kMove_ms = 1'000;
constexpr std::int64_t kClockLimit_us = 2'000'000;

node::TaskDone failed(const Uuid& id, const Error& error) {
  return {id, std::string(error.code.name), error.message, error.field, nullptr};
}
template <class Body>
node::TaskDone well(const Uuid& id, const Body& body) {
  return {id, "", "", "", json::value_of(body)};
}

node::DeviceFacts facts_of(const onvif::Device& device, const onvif::Enrolled& done) {
  node::DeviceFacts out;
  out.address = onvif::text_of(device.address());
  out.manufacturer = done.information.manufacturer;
  out.model = done.information.model;
  out.firmware = done.information.firmware;
  out.serial = done.information.serial;
  for (const auto& p : done.profiles)
    out.profiles.push_back({p.name, p.encoding, p.width, p.height, p.frames_per_s});
  out.main_url = done.main_url;
  out.sub_url = done.sub_url;
  out.replay_url = done.replay_url;
  out.ptz = done.ptz;
  for (const auto& p : done.presets) out.presets.push_back({p.token, p.name});
  out.clock_offset_ms = done.clock_offset_ms;
  out.clock_set = done.clock_set;
  return out;
}

bool same_tour(const node::DeviceAssignment& a, const node::DeviceAssignment& b) {
  return std::ranges::equal(a.tour, b.tour, [](const auto& x, const auto& y) {
    return x.preset == y.preset && x.dwell_s == y.dwell_s;
  });
}

}  // namespace

DeviceWork::DeviceWork(DeviceOptions options, CoreReports& reports, const Clock& clock)
    : options_(options), reports_(reports), clock_(clock) {
  for (std::size_t i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

DeviceWork::~DeviceWork() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void DeviceWork::work(const std::stop_token& stop) {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !jobs_.empty(); })) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

bool DeviceWork::enqueue(std::function<void()> job) {
  if (jobs_.size() >= most_jobs) return false;
  jobs_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

bool DeviceWork::enqueue_for(const Uuid& camera, Known& known, Run run) {
  if (known.jobs >= most_of_one) return false;
  const bool taken = enqueue([this, camera, device = known.device, run = std::move(run)] {
    run(*device);
    const std::scoped_lock lock(mutex_);
    if (const auto found = known_.find(camera); found != known_.end() && found->second.jobs > 0)
      --found->second.jobs;
  });
  if (taken) ++known.jobs;
  return taken;
}

void DeviceWork::assign(const node::Assignment& assignment) {
  const std::scoped_lock lock(mutex_);
  std::map<Uuid, Known> next;
  for (const auto& camera : assignment.cameras) {
    if (!camera.device) continue;
    const onvif::Login login{camera.login.value_or(""), camera.password.value_or("")};
    auto known = known_.find(camera.id);
    const bool same =
        known != known_.end() && known->second.assigned.address == camera.device->address &&
        known->second.login.user == login.user && known->second.login.password == login.password;
    Known one;
    if (same) {
      one = std::move(known->second);
    } else {
      const auto address = onvif::parse_address(camera.device->address);
      if (!address) continue;
      one.login = login;
      one.device = std::make_shared<onvif::Device>(*address, login, clock_, kPtzCall_ms);
      // Of a thousand cameras that are assigned together, not all at once.
      one.next_clock = {clock_.mono().us + options_.clock_first_us +
                        camera.id.bytes[15] * options_.clock_first_us / 64};
    }
    change(one, *camera.device, camera.id);
    next[camera.id] = std::move(one);
  }
  known_ = std::move(next);
}

/// Handed back, it goes home, or on with its tour at once.
void DeviceWork::change(Known& known, const node::DeviceAssignment& next, const Uuid& camera) {
  const bool handed_back = known.assigned.held && !next.held;
  const bool other_tour = !same_tour(known.assigned, next);
  known.assigned = next;
  if (other_tour) known.step = 0;
  if (next.tour.empty() || next.held)
    known.next_step.reset();
  else if (handed_back || other_tour || !known.next_step)
    known.next_step = clock_.mono();
  if (handed_back) known.stop_at.reset();
  if (handed_back && next.ptz && next.tour.empty())
    static_cast<void>(enqueue_for(camera, known, [camera](onvif::Device& device) {
      if (auto home = device.go_home(); !home)
        log::warn("camera.not_home", {{"camera", camera.text()}, {"why", home.error().message}});
    }));
}

bool DeviceWork::is_turned(const Uuid& camera) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(camera);
  return found != known_.end() && found->second.assigned.ptz;
}

void DeviceWork::keep() {
  const std::scoped_lock lock(mutex_);
  const MonoTime now = clock_.mono();
  for (auto& [camera, known] : known_) keep_one(camera, known, now);
}

void DeviceWork::keep_one(const Uuid& camera, Known& known, MonoTime now) {
  if (known.stop_at && now >= *known.stop_at) {
    known.stop_at.reset();
    static_cast<void>(enqueue_for(camera, known, [camera](onvif::Device& device) {
      if (auto stopped = device.stop(); !stopped)
        log::warn("camera.not_stopped",
                  {{"camera", camera.text()}, {"why", stopped.error().message}});
    }));
  }
  if (known.next_step && now >= *known.next_step && !known.assigned.tour.empty()) {
    const auto& step = known.assigned.tour[known.step % known.assigned.tour.size()];
    if (enqueue_for(camera, known, [camera, preset = step.preset](onvif::Device& device) {
          if (auto went = device.go_to(preset); !went)
            log::warn("camera.tour_step_missed",
                      {{"camera", camera.text()}, {"why", went.error().message}});
        }))
      known.step = (known.step + 1) % known.assigned.tour.size();
    known.next_step = {now.us + step.dwell_s * 1'000'000};
  }
  if (now >= known.next_clock && !known.assigned.held) {
    known.next_clock = {now.us + options_.clock_every_us};
    static_cast<void>(enqueue_for(
        camera, known, [this, camera](onvif::Device& device) { check_clock(camera, device); }));
  }
}

void DeviceWork::check_clock(const Uuid& camera, onvif::Device& device) {
  const auto offset_us = device.clock_offset_us();
  if (!offset_us || std::abs(*offset_us) < kClockLimit_us) return;
  if (auto set = device.set_clock(); !set) {
    log::warn("camera.clock_not_set", {{"camera", camera.text()}, {"why", set.error().message}});
    return;
  }
  reports_.clock_set(camera, *offset_us / 1000);
}

void DeviceWork::take(node::Task task, Answer answer) {
  const Error busy({Category::limited, "cameras.busy"},
                   "the recorder has too much to ask of cameras: try again in a moment");
  if (task.kind == "ptz") return ptz(task, std::move(answer));
  if (task.kind != "discover" && task.kind != "enrol")
    return answer(failed(task.id, Error({Category::conflict, "onvif.not_supported"},
                                        "this recorder does not know such a task")));
  bool taken = false;
  {
    const std::scoped_lock lock(mutex_);
    taken = enqueue([this, task, answer] {
      if (task.kind == "discover")
        discover(task, answer);
      else
        enrol(task, answer);
    });
  }
  if (!taken) answer(failed(task.id, busy));
}

void DeviceWork::discover(const node::Task& task, const Answer& answer) const {
  const auto found = onvif::discover({.port = options_.discovery_port});
  if (!found) return answer(failed(task.id, found.error()));
  node::DiscoverAnswer out;
  for (const auto& one : *found)
    out.devices.push_back({one.address, one.name, one.hardware, one.location});
  answer(well(task.id, out));
}

void DeviceWork::enrol(const node::Task& task, const Answer& answer) const {
  const auto order = json::read<node::EnrolTask>(task.body, json::Unknown::ignore);
  if (!order) return answer(failed(task.id, order.error()));
  const auto address = onvif::parse_address(order->address);
  if (!address) return answer(failed(task.id, address.error()));
  const onvif::Login login{order->login, order->password};
  onvif::Device device(*address, login, clock_);
  const auto done = onvif::enrol(device, {login, order->new_password});
  node::EnrolAnswer out;
  out.password_replaced = done.rotated;
  if (done.outcome) {
    out.facts = facts_of(device, *done.outcome);
  } else {
    out.code = done.outcome.error().code.name;
    out.message = done.outcome.error().message;
    out.field = done.outcome.error().field;
  }
  answer(well(task.id, out));
}

void DeviceWork::ptz(const node::Task& task, Answer answer) {
  const auto order = json::read<node::PtzTask>(task.body, json::Unknown::ignore);
  if (!order) return answer(failed(task.id, order.error()));
  const auto run = [id = task.id, order = *order, answer](onvif::Device& device) {
    Result<void> done;
    node::PtzAnswer out;
    switch (order.action) {
      case node::PtzAction::move:
        done = device.move({order.pan, order.tilt, order.zoom}, kMove_ms);
        break;
      case node::PtzAction::go:
        done = device.go_to(order.preset);
        break;
      case node::PtzAction::home:
        done = device.go_home();
        break;
      case node::PtzAction::set_home:
        done = device.set_home();
        break;
      case node::PtzAction::remove_preset:
        done = device.remove_preset(order.preset);
        break;
      case node::PtzAction::save_preset: {
        auto token = device.save_preset(order.preset);
        if (token)
          out.preset = *token;
        else
          done = std::unexpected(token.error());
      }
    }
    answer(done ? well(id, out) : failed(id, done.error()));
  };
  std::optional<Error> refused;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(order->camera_id);
    if (found == known_.end()) {
      refused = Error({Category::conflict, "onvif.not_supported"},
                      "this recorder does not have the camera: try again in a moment");
    } else {
      const bool moves = order->action == node::PtzAction::move &&
                         (order->pan != 0 || order->tilt != 0 || order->zoom != 0);
      found->second.stop_at.reset();
      if (moves) found->second.stop_at = MonoTime{clock_.mono().us + options_.move_us};
      if (!enqueue_for(order->camera_id, found->second, run))
        refused = Error({Category::limited, "cameras.busy"},
                        "the camera is slow to answer: try again in a moment");
    }
  }
  if (refused) answer(failed(task.id, *refused));
}

}  // namespace vl::recorder
