#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/cameras/commands.hpp>
#include <vonglau/cameras/player_address.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/schema.hpp>
#include <vonglau/fleet/contribution_commands.hpp>
#include <vonglau/routes/node_hub.hpp>

#include "body.hpp"
#include "camera_secret.hpp"

namespace vl::routes {
namespace {

// Changes that come together (a list of cameras being registered) are pushed once.
constexpr auto kSettle = std::chrono::milliseconds(100);
constexpr auto kLook = std::chrono::seconds(1);

}  // namespace

class NodeHub::Channel final : public http::WebSocketSession,
                               public std::enable_shared_from_this<Channel> {
 public:
  Channel(NodeHub& hub, Uuid node) : hub_(hub), node_(node) {}
  void on_open(http::WebSocketPeer peer) override {
    peer_ = std::move(peer);
    hub_.joined(node_, shared_from_this());
  }
  void on_text(std::string_view text) override {
    const auto value = json::parse(text);
    if (value && value->is_object() && value->as_object().contains("done")) {
      auto done = json::read<node::TaskDoneMessage>(*value, json::Unknown::ignore);
      if (done) hub_.answered(node_, std::move(done->done));
      return;
    }
    const auto message = value ? json::read<node::HeartbeatMessage>(*value, json::Unknown::ignore)
                               : Result<node::HeartbeatMessage>(std::unexpected(value.error()));
    if (!message) {
      peer_.close(http::close_code::policy_violation, "heartbeats and answers only");
      return;
    }
    hub_.heard(node_, message->heartbeat);
    static_cast<void>(peer_.send_text(json::write(node::TimeMessage{{hub_.clock_.wall()}})));
  }
  void on_close(std::uint16_t, std::string_view) override { hub_.left(node_, this); }
  http::WebSocketPeer peer_;

 private:
  NodeHub& hub_;
  const Uuid node_;
};

NodeHub::NodeHub(ProvinceId province, const Clock& clock, journal::Journal& journal,
                 Readers& readers, vault::Vault& vault, std::int64_t away_after_us)
    : province_(province),
      clock_(clock),
      journal_(journal),
      readers_(readers),
      vault_(vault),
      away_after_us_(away_after_us),
      seen_(journal.tail().head()) {
  tail_watch_ = journal_.tail().watch([this](std::int64_t) { wake_.notify_one(); });
  thread_ = std::thread([this] { work(); });
}

NodeHub::~NodeHub() {
  tail_watch_ = {};
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void NodeHub::set_exports(const ExportDesk& desk) {
  {
    const std::scoped_lock lock(mutex_);
    exports_ = &desk;
    changed_ = true;
  }
  wake_.notify_one();
}

std::shared_ptr<http::WebSocketSession> NodeHub::work_channel(Uuid node) {
  return std::make_shared<Channel>(*this, node);
}

void NodeHub::joined(Uuid node, std::shared_ptr<Channel> channel) {
  {
    const std::scoped_lock lock(mutex_);
    auto& known = known_[node];
    known.channel = channel;
    known.live.connected = true;
    known.live.last_seen = clock_.wall();
    known.last_mono = clock_.mono();
    known.away_told = false;
    changed_ = true;
  }
  wake_.notify_one();
  journal_.submit(node::note_connected(node), [](auto) {});
}

void NodeHub::heard(Uuid node, const node::Heartbeat& heartbeat) {
  const std::scoped_lock lock(mutex_);
  auto& known = known_[node];
  known.live.last_seen = clock_.wall();
  known.live.clock_offset_us = heartbeat.wall_us.us - clock_.wall().us;
  known.live.spooled = heartbeat.spooled;
  known.last_mono = clock_.mono();
}

void NodeHub::note_storage(Uuid node, WallTime at, node::StorageStateItem storage) {
  const std::scoped_lock lock(mutex_);
  known_[node].storage.emplace(std::min(at, clock_.wall()), std::move(storage));
}

std::optional<std::pair<WallTime, node::StorageStateItem>> NodeHub::storage(Uuid node) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(node);
  return found == known_.end() ? std::nullopt : found->second.storage;
}

void NodeHub::note_refused(Uuid node, std::size_t reports) {
  const std::scoped_lock lock(mutex_);
  known_[node].live.refused += static_cast<std::int64_t>(reports);
}

void NodeHub::left(Uuid node, const Channel* channel) {
  const std::scoped_lock lock(mutex_);
  auto& known = known_[node];
  // An old connection that ends after its successor came changes nothing.
  if (const auto present = known.channel.lock(); present && present.get() != channel) return;
  known.live.connected = false;
}

std::optional<NodeLive> NodeHub::live(Uuid node) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(node);
  if (found == known_.end()) return std::nullopt;
  return found->second.live;
}

Result<node::TaskDone> NodeHub::ask(const Uuid& node, std::string kind, boost::json::value body,
                                    IdSource& ids, std::int64_t wait_ms) {
  std::shared_ptr<Channel> channel;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = known_.find(node); found != known_.end())
      channel = found->second.channel.lock();
  }
  if (!channel)
    return fail(RouteError::no_recorder,
                "the recorder of this camera is away: try again when it is back");
  const Uuid id = ids.next();
  std::unique_lock lock(asked_mutex_);
  if (asked_.size() >= most_asked)
    return fail(RouteError::busy, "too much is being asked of cameras: try again in a moment");
  asked_[id].node = node;
  const auto sent =
      channel->peer_.send_text(json::write(node::TaskMessage{{id, std::move(kind), body}}));
  if (sent != http::Sent::closed)
    asked_changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                            [&] { return asked_[id].done.has_value(); });
  auto done = std::move(asked_[id].done);
  asked_.erase(id);
  if (!done)
    return fail(RouteError::no_recorder,
                "the recorder did not answer in time: look at the camera before trying again");
  return std::move(*done);
}

void NodeHub::answered(const Uuid& node, node::TaskDone done) {
  {
    const std::scoped_lock lock(asked_mutex_);
    const auto found = asked_.find(done.id);
    if (found == asked_.end() || found->second.node != node) return;
    found->second.done = std::move(done);
  }
  asked_changed_.notify_all();
}

Result<void> NodeHub::add_devices(store::Session& session,
                                  std::map<Uuid, node::AssignmentMessage>& messages) const {
  VL_TRY(const auto all, devices::devices(session, province_));
  std::map<Uuid, const devices::DeviceRow*> by_camera;
  for (const auto& one : all)
    if (one.enrolled) by_camera[one.camera_id.value] = &one;
  for (auto& [ignored, message] : messages)
    for (auto& camera : message.assignment.cameras) {
      const auto found = by_camera.find(camera.id);
      if (found == by_camera.end()) continue;
      const auto& device = *found->second;
      camera.device.emplace(
          node::DeviceAssignment{device.address, device.ptz, device.holder.has_value(), {}});
      for (const auto& tour : device.tours)
        for (const auto& step : tour.steps)
          camera.device->tour.push_back({step.preset, step.dwell_s});
    }
  return {};
}

std::optional<Uuid> NodeHub::recorder_of(const Uuid& camera, std::span<const Uuid> recorders) {
  std::optional<Uuid> best;
  Digest highest{};
  for (const auto& recorder : recorders) {
    Bytes both(camera.bytes.begin(), camera.bytes.end());
    both.insert(both.end(), recorder.bytes.begin(), recorder.bytes.end());
    const Digest weight = sha256(both);
    if (!best || weight > highest) best = recorder, highest = weight;
  }
  return best;
}

Result<void> NodeHub::add_exports(store::Session& session,
                                  std::map<Uuid, node::AssignmentMessage>& messages) const {
  const ExportDesk* desk = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    desk = exports_;
  }
  if (desk == nullptr) return {};
  for (auto& [ignored, message] : messages) message.assignment.exports.emplace();
  VL_TRY(auto exports, desk->assignments(session));
  // Whose work it became when it was asked for, wherever its cameras are now.
  for (auto& [recorder, one] : exports)
    if (const auto found = messages.find(recorder); found != messages.end())
      found->second.assignment.exports->push_back(std::move(one));
  return {};
}

Result<void> NodeHub::push_assignments() {
  VL_TRY(auto session, readers_.take());
  VL_TRY(const auto nodes, node::nodes(*session, province_));
  std::vector<Uuid> recorders;
  for (const auto& node : nodes)
    if (node.kind == "recorder") recorders.push_back(node.id);
  VL_TRY(const auto cameras, cameras::cameras(*session, province_));
  // What its owner does not allow is not even taken from the camera.
  VL_TRY(const auto denied, fleet::not_taken(*session, province_, clock_.wall()));
  consent_changes_ = denied.next;
  std::map<Uuid, node::AssignmentMessage> messages;
  for (const auto& recorder : recorders)
    messages[recorder].assignment.revision = journal_.head().sequence;
  for (const auto& camera : cameras) {
    if (camera.state == "disabled" ||
        std::ranges::find(denied.cameras, camera.id) != denied.cameras.end())
      continue;
    const auto recorder = recorder_of(camera.id.value, recorders);
    if (!recorder) break;
    node::CameraAssignment work;
    work.id = camera.id.value;
    work.main_url = camera.main_url;
    work.sub_url = camera.sub_url;
    work.replay_url = camera.replay_url;
    work.retention_days = camera.retention_days;
    if (camera.credentials_item) {
      auto secret = read_camera_secret(vault_, *session, *camera.credentials_item);
      if (secret) {
        work.login = secret->login;
        work.password = secret->password;
      } else {
        log::error("nodes.credentials_unreadable",
                   {{"camera", camera.id.text()}, {"why", secret.error().message}});
      }
    }
    messages[*recorder].assignment.cameras.push_back(std::move(work));
  }
  VL_TRY(const auto ended, cameras::ended_addresses(*session, province_, clock_.wall()));
  for (auto& [ignored, message] : messages) message.assignment.ended_addresses = ended;
  VL_CHECK(add_devices(*session, messages));
  VL_CHECK(add_exports(*session, messages));
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, message] : messages) {
    const auto found = known_.find(id);
    if (found == known_.end()) continue;
    if (const auto channel = found->second.channel.lock())
      static_cast<void>(channel->peer_.send_text(json::write(message)));
  }
  return {};
}

Result<void> NodeHub::cameras_down(Uuid node) {
  VL_TRY(auto session, readers_.take());
  VL_TRY(const auto nodes, node::nodes(*session, province_));
  std::vector<Uuid> recorders;
  for (const auto& one : nodes)
    if (one.kind == "recorder") recorders.push_back(one.id);
  VL_TRY(const auto cameras, cameras::cameras(*session, province_));
  std::vector<cameras::NodeReport> reports;
  for (const auto& camera : cameras)
    if (camera.state == "online" && recorder_of(camera.id.value, recorders) == node)
      reports.push_back({cameras::NodeReport::Kind::offline,
                         camera.id,
                         clock_.wall(),
                         cameras::GapCause::recorder_down,
                         "",
                         {}});
  if (!reports.empty())
    VL_CHECK(journal_.execute(
        cameras::take_reports({journal::Actor::system(), {}}, std::move(reports))));
  return {};
}

void NodeHub::tell_away() {
  std::vector<std::pair<Uuid, WallTime>> away;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [id, known] : known_)
      if (!known.away_told && clock_.mono().us - known.last_mono.us > away_after_us_) {
        known.away_told = true;
        known.live.connected = false;
        away.emplace_back(id, known.live.last_seen);
      }
  }
  for (const auto& [id, last_seen] : away) {
    journal_.submit(node::note_away(id, last_seen), [](auto) {});
    if (auto done = cameras_down(id); !done)
      log::warn("nodes.away_not_recorded", {{"why", done.error().message}});
  }
}

void NodeHub::work() {
  for (;;) {
    bool push = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kLook,
                     [&] { return stopping_ || changed_ || journal_.tail().head() > seen_; });
      if (stopping_) return;
      push = std::exchange(changed_, false);
    }
    const auto events = journal_.tail().read(seen_ + 1, 10'000);
    if (!events) {
      push = true;
      seen_ = journal_.tail().head();
    } else {
      for (const auto& event : *events) {
        seen_ = event->sequence;
        push |= event->type == node::NodeRegistered::kType ||
                event->type == cameras::CameraRegistered::kType ||
                event->type == cameras::CameraChanged::kType ||
                event->type == cameras::CameraDisabled::kType ||
                event->type == cameras::CameraEnabled::kType || cameras::ends_addresses(*event) ||
                event->stream.kind == devices::CameraDevice::kStream ||
                (event->stream.kind == "export" && event->type != "export.downloaded" &&
                 event->type != "export.ticket_given") ||
                (event->stream.kind == fleet::Contribution::kStream &&
                 event->type != fleet::ContributionViewed::kType);
      }
    }
    push |= consent_changes_ && clock_.wall() >= *consent_changes_;
    if (push) {
      std::this_thread::sleep_for(kSettle);
      if (auto pushed = push_assignments(); !pushed) {
        log::warn("nodes.assignments_not_pushed", {{"why", pushed.error().message}});
        const std::scoped_lock lock(mutex_);
        changed_ = true;
      }
    }
    tell_away();
  }
}

}  // namespace vl::routes
