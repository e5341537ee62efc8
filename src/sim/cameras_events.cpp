// What a simulated camera tells of motion: of its clip what was seen while it was drawn, live what
// is seen now.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "cameras_question.hpp"

namespace vl::sim {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t longest_us = 300 * second_us;  // of what nobody asked for
constexpr std::size_t most_pull_points = 8;

std::string motion_xml(std::int64_t at_us, bool moves, bool is_first) {
  return fmt::format(
      R"(<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">)"
      R"(tns1:RuleEngine/CellMotionDetector/Motion</wsnt:Topic><wsnt:Message>)"
      R"(<tt:Message UtcTime="{}" PropertyOperation="{}"><tt:Source>)"
      R"(<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="lens"/>)"
      R"(<tt:SimpleItem Name="Rule" Value="cells"/></tt:Source><tt:Data>)"
      R"(<tt:SimpleItem Name="IsMotion" Value="{}"/></tt:Data></tt:Message></wsnt:Message>)"
      R"(</wsnt:NotificationMessage>)",
      format_utc(WallTime{at_us}), is_first ? "Initialized" : "Changed", moves);
}

std::string times_xml(std::string_view space, std::int64_t now_us, std::int64_t ends_us) {
  return fmt::format(
      "<{0}:CurrentTime>{1}</{0}:CurrentTime><{0}:TerminationTime>{2}</{0}:TerminationTime>", space,
      format_utc(WallTime{now_us}), format_utc(WallTime{ends_us}));
}

}  // namespace

/// Nothing while the clip is being drawn.
std::optional<bool> OnvifServices::moves(const Camera& camera, std::int64_t mono_us) const {
  if (spoils_picture(camera.fault.kind)) return false;
  if (camera.live_main) return camera.live_main->moved(mono_us);
  const StreamClip& clip = hub_.clips().playable(camera.spec.clip).sub;
  if (!clip.whole() || clip.motion.empty()) return std::nullopt;
  const auto second = static_cast<std::size_t>(hub_.phase_us(camera, mono_us) / second_us);
  return clip.motion[second % clip.motion.size()] != 0;
}

std::string OnvifServices::act_on_events(Question& q) {
  const auto now_us = hub_.clock().mono().us;
  const auto shift_us = static_cast<std::int64_t>(q.told.clock_offset_s * 1e6);
  const auto clock_us = hub_.clock().wall().us + shift_us;
  auto& points = q.told.pull_points;
  std::erase_if(points, [&](const PullPoint& one) { return one.ends_us < now_us; });
  const auto lasts_us = [&](std::string_view name) {
    const auto text = q.child_text(name);
    return static_cast<std::int64_t>(std::clamp(soap::duration_s(text), 1.0, 3'600.0) * 1e6);
  };
  if (q.name == "CreatePullPointSubscription") {
    if (points.size() >= most_pull_points) return soap::fault("MaxNotify", "no room for another");
    points.push_back(
        {q.told.next_pull_point++, now_us + lasts_us("InitialTerminationTime"), now_us, {}});
    return fmt::format(
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa5:Address>"
        "http://{}:{}/onvif/{}/pull-{}</wsa5:Address></tev:SubscriptionReference>{}"
        "</tev:CreatePullPointSubscriptionResponse>",
        hub_.config().address, port_, q.camera.spec.code, points.back().number,
        times_xml("wsnt", clock_us, clock_us + points.back().ends_us - now_us));
  }
  if (q.name != "PullMessages" && q.name != "Renew" && q.name != "Unsubscribe") return "";
  const auto point = std::ranges::find_if(points, [&](const PullPoint& one) {
    return q.service == fmt::format("pull-{}", one.number);
  });
  if (point == points.end()) return soap::fault("ResourceUnknown", "no such subscription");
  if (q.name == "PullMessages") return pull(q, *point);
  if (q.name == "Unsubscribe") {
    points.erase(point);
    return "<wsnt:UnsubscribeResponse/>";
  }
  point->ends_us = now_us + lasts_us("TerminationTime");
  return "<wsnt:RenewResponse>" + times_xml("wsnt", clock_us, clock_us + point->ends_us - now_us) +
         "</wsnt:RenewResponse>";
}

std::string OnvifServices::pull(Question& q, PullPoint& point) {
  const auto now_us = hub_.clock().mono().us;
  const auto clock_us =
      hub_.clock().wall().us + static_cast<std::int64_t>(q.told.clock_offset_s * 1e6);
  const auto limit = std::clamp(
      q.child_text("MessageLimit").empty() ? 100 : std::atoi(q.child_text("MessageLimit").c_str()),
      1, 256);
  std::string events;
  int told = 0;
  auto at_us = std::max(point.told_to_us, now_us - longest_us);
  while (at_us <= now_us && told < limit) {
    if (const auto now = moves(q.camera, at_us); now && now != point.moves) {
      events += motion_xml(clock_us - (now_us - at_us), *now, !point.moves);
      point.moves = now;
      ++told;
    }
    // To where the next second of the loop begins.
    at_us += second_us - hub_.phase_us(q.camera, at_us) % second_us;
  }
  point.told_to_us = std::min(at_us, now_us + 1);
  return "<tev:PullMessagesResponse>" +
         times_xml("tev", clock_us, clock_us + point.ends_us - now_us) + events +
         "</tev:PullMessagesResponse>";
}

}  // namespace vl::sim
