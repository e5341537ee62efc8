#include <charconv>

#include <vonglau/cameras/player_address.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/fleet_watch.hpp>
#include <vonglau/routes/node_hub.hpp>

namespace vl::routes {

bool FleetWatch::is_due() {
  const auto head = journal_.tail().head();
  if (seen_ >= 0 && head > seen_) {
    const auto events = journal_.tail().read(seen_ + 1, 100'000);
    must_look_ |= !events;
    if (events)
      for (const auto& event : *events) {
        const auto& kind = event->stream.kind;
        must_look_ |= (kind == "camera" && event->type != cameras::GapRecorded::kType &&
                       event->type != cameras::GapFilled::kType &&
                       event->type != cameras::PlaybackGranted::kType &&
                       event->type != cameras::PlayerAddressGiven::kType &&
                       event->type != cameras::PlayerAddressEnded::kType) ||
                      kind == fleet::Asset::kStream || kind == fleet::CameraLinks::kStream ||
                      kind == fleet::PlannedWork::kStream;
      }
  }
  seen_ = head;
  return must_look_ || (look_again_ && clock_.wall() >= *look_again_);
}

Result<std::string> FleetWatch::review() {
  // Read here: the review itself runs on the journal's thread.
  VL_TRY(auto session, readers_.take());
  VL_TRY(const auto nodes, node::nodes(*session, province_));
  std::vector<Uuid> recorders;
  for (const auto& node : nodes)
    if (node.kind == "recorder") recorders.push_back(node.id);
  auto receipt = journal_.execute(fleet::review_alarms(
      [recorders](fleet::CameraId camera) { return NodeHub::recorder_of(camera.value, recorders); },
      [this] { return fleet::AlarmId{ids_.next()}; }));
  if (!receipt) return fail(std::move(receipt).error());
  return std::move(receipt->reply);
}

Result<void> FleetWatch::turn() {
  if (!is_due()) return {};
  VL_TRY(const auto reply, review());
  must_look_ = false;
  look_again_.reset();
  std::int64_t due_us = 0;
  if (std::from_chars(reply.data(), reply.data() + reply.size(), due_us).ec == std::errc())
    look_again_ = WallTime{due_us};
  return {};
}

}  // namespace vl::routes
