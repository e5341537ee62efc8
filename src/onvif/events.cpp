#include <charconv>
#include <chrono>
#include <sstream>

#include <fmt/format.h>

#include <vonglau/onvif/events.hpp>

#include "xml.hpp"

namespace vl::onvif {
namespace {

constexpr std::string_view kEvents = "http://www.onvif.org/ver10/events/wsdl";
constexpr std::string_view kNotification = "http://docs.oasis-open.org/wsn/b-2";
constexpr std::string_view kTopics =
    "tns1:RuleEngine/CellMotionDetector/Motion|tns1:VideoSource/MotionAlarm";
constexpr std::size_t kLongestParameters = 2'048;

bool is_motion(std::string_view topic) {
  return topic.find("CellMotionDetector/Motion") != std::string_view::npos ||
         topic.find("VideoSource/MotionAlarm") != std::string_view::npos;
}

/// "2026-11-23T07:00:01.25Z" or with "+07:00".
std::optional<WallTime> time_of(std::string_view text) {
  bool good = text.size() >= 19;
  const auto part = [&](std::size_t from, std::size_t count) {
    int value = 0;
    if (!good) return value;
    const auto* end = text.data() + from + count;
    const auto read = std::from_chars(text.data() + from, end, value);
    good = read.ec == std::errc() && read.ptr == end;
    return value;
  };
  using namespace std::chrono;
  const year_month_day day{year{part(0, 4)}, month{static_cast<unsigned>(part(5, 2))},
                           std::chrono::day{static_cast<unsigned>(part(8, 2))}};
  const int h = part(11, 2), m = part(14, 2), s = part(17, 2);
  if (!good || !day.ok() || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
    return std::nullopt;
  std::int64_t us = 0, unit = 100'000;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.')
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
      us += (text[at] - '0') * unit;
  std::int64_t east_s = 0;
  if (text.size() == at + 6 && (text[at] == '+' || text[at] == '-')) {
    east_s = part(at + 1, 2) * 3'600 + part(at + 4, 2) * 60;
    if (text[at] == '-') east_s = -east_s;
    if (!good) return std::nullopt;
  }
  const auto point = sys_days{day} + hours{h} + minutes{m} + seconds{s};
  return WallTime{duration_cast<microseconds>(point.time_since_epoch()).count() + us -
                  east_s * 1'000'000};
}

std::optional<MotionEvent> motion_of(const Node& notification) {
  const std::string topic = text_at(notification, "Topic");
  if (!is_motion(topic)) return std::nullopt;
  const Node message = down(notification, "Message/Message");
  const auto at = time_of(message.attribute("UtcTime").as_string());
  if (!at) return std::nullopt;
  MotionEvent out{*at, topic, false};
  for (const Node& item : child(message, "Source").children())
    if (local_name(item) == "SimpleItem" && out.what.size() < 200)
      out.what += std::string("|") + std::string(item.attribute("Value").as_string()).substr(0, 64);
  bool told = false;
  for (const Node& item : child(message, "Data").children()) {
    const std::string_view name = item.attribute("Name").as_string();
    if (local_name(item) != "SimpleItem" || (name != "IsMotion" && name != "State")) continue;
    const std::string_view value = item.attribute("Value").as_string();
    out.moving = value == "true" || value == "1";
    told = true;
  }
  // What is over says so by going away.
  if (std::string_view(message.attribute("PropertyOperation").as_string()) == "Deleted")
    out.moving = false;
  else if (!told)
    return std::nullopt;
  return out;
}

std::string header(std::string_view action, const Address& address, const PullPoint* point,
                   std::string_view path) {
  return fmt::format(R"(<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">{}</a:Action>)"
                     R"(<a:To xmlns:a="http://www.w3.org/2005/08/addressing">{}</a:To>{})",
                     action, escaped(address.base_url + std::string(path)),
                     point ? point->parameters : "");
}

std::string of_events(std::string_view name, std::string_view inside) {
  return fmt::format(
      R"(<{0} xmlns="{1}" xmlns:n="{2}" xmlns:tns1="http://www.onvif.org/ver10/topics">{3}</{0}>)",
      name, kEvents, kNotification, inside);
}

Result<PullPoint> create(Device& device, const std::string& path, std::uint32_t lasts_s,
                         bool filtered) {
  const std::string filter =
      filtered
          ? fmt::format(
                R"(<Filter><n:TopicExpression Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">{}</n:TopicExpression></Filter>)",
                kTopics)
          : "";
  VL_TRY(
      const auto text,
      device.ask(path,
                 header("http://www.onvif.org/ver10/events/wsdl/EventPortType/"
                        "CreatePullPointSubscriptionRequest",
                        device.address(), nullptr, path),
                 of_events("CreatePullPointSubscription",
                           fmt::format("{}<InitialTerminationTime>PT{}S</InitialTerminationTime>",
                                       filter, lasts_s))));
  return read_pull_point(text);
}

}  // namespace

Result<PullPoint> read_pull_point(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "CreatePullPointSubscriptionResponse"));
  const Node reference = child(answer, "SubscriptionReference");
  PullPoint out;
  if (auto path = path_of(text_at(reference, "Address"))) out.path = std::move(*path);
  if (out.path.empty())
    return fail(OnvifError::bad_answer, "the camera does not say where its events are");
  std::ostringstream raw;
  for (const Node& one : child(reference, "ReferenceParameters").children())
    if (one.type() == pugi::node_element) one.print(raw, "", pugi::format_raw);
  out.parameters = raw.str();
  if (out.parameters.size() > kLongestParameters)
    return fail(OnvifError::bad_answer, "the camera's address of events is too long");
  return out;
}

Result<std::vector<MotionEvent>> read_motion(std::string_view text, std::size_t& total) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "PullMessagesResponse"));
  std::vector<MotionEvent> out;
  total = 0;
  for (const Node& one : answer.children()) {
    if (local_name(one) != "NotificationMessage") continue;
    ++total;
    if (auto event = motion_of(one); event && out.size() < kMostEvents)
      out.push_back(std::move(*event));
  }
  return out;
}

Result<PullPoint> subscribe_motion(Device& device, std::uint32_t lasts_s) {
  VL_TRY(const auto services, device.services());
  if (!services.events) return fail(OnvifError::not_supported, "the camera has no events service");
  auto point = create(device, *services.events, lasts_s, true);
  // Some know no filters; what is not motion is left out here anyway.
  if (!point && (point.error().code == code_of(OnvifError::refused) ||
                 point.error().code == code_of(OnvifError::bad_answer)))
    point = create(device, *services.events, lasts_s, false);
  return point;
}

Result<std::vector<MotionEvent>> pull_motion(Device& device, const PullPoint& point,
                                             std::size_t& total) {
  VL_TRY(const auto text,
         device.ask(point.path,
                    header("http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/"
                           "PullMessagesRequest",
                           device.address(), &point, point.path),
                    of_events("PullMessages",
                              fmt::format("<Timeout>PT0S</Timeout><MessageLimit>{}</MessageLimit>",
                                          kMostEvents))));
  return read_motion(text, total);
}

Result<void> renew(Device& device, const PullPoint& point, std::uint32_t lasts_s) {
  VL_TRY(const auto text,
         device.ask(
             point.path,
             header("http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest",
                    device.address(), &point, point.path),
             fmt::format(
                 R"(<n:Renew xmlns:n="{}"><n:TerminationTime>PT{}S</n:TerminationTime></n:Renew>)",
                 kNotification, lasts_s)));
  return read_done(text, "RenewResponse");
}

Result<void> unsubscribe(Device& device, const PullPoint& point) {
  VL_TRY(const auto text,
         device.ask(point.path,
                    header("http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/"
                           "UnsubscribeRequest",
                           device.address(), &point, point.path),
                    fmt::format(R"(<n:Unsubscribe xmlns:n="{}"/>)", kNotification)));
  return read_done(text, "UnsubscribeResponse");
}

}  // namespace vl::onvif
