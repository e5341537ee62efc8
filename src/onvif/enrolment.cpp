#include <algorithm>
#include <cstdlib>

#include <vonglau/onvif/enrolment.hpp>

namespace vl::onvif {
namespace {

// Below it the camera's own whole seconds say nothing.
constexpr std::int64_t kClockLimit_us = 2'000'000;

bool recordable(const Profile& profile) {
  return profile.encoding == "H264" || profile.encoding == "H265" || profile.encoding.empty();
}

/// The largest is the main stream, the smallest of another size the sub stream.
Result<void> find_streams(Device& device, Enrolled& out) {
  VL_TRY(out.profiles, device.profiles());
  std::vector<const Profile*> usable;
  for (const auto& profile : out.profiles)
    if (recordable(profile) && !profile.token.empty()) usable.push_back(&profile);
  if (usable.empty())
    return fail(OnvifError::no_stream,
                "none of the camera's profiles is H.264 or H.265: set one up on the camera");
  const auto size = [](const Profile* p) { return p->width * p->height; };
  const auto* main = *std::ranges::max_element(usable, {}, size);
  const auto* sub = *std::ranges::min_element(usable, {}, size);
  VL_TRY(out.main_url, device.stream_uri(main->token));
  if (size(sub) < size(main)) {
    VL_TRY(auto uri, device.stream_uri(sub->token));
    if (uri != out.main_url) out.sub_url = std::move(uri);
  }
  return {};
}

Result<Enrolled> ask(Device& device, std::int64_t offset_us) {
  Enrolled out;
  out.clock_offset_ms = offset_us / 1000;
  VL_TRY(out.information, device.information());
  VL_CHECK(find_streams(device, out));
  VL_TRY(const auto services, device.services());
  out.ptz = services.ptz.has_value() && std::ranges::any_of(out.profiles, &Profile::ptz);
  if (out.ptz) {
    VL_TRY(out.presets, device.presets());
  }
  // A storage that does not answer is none.
  if (auto replay = device.replay_uri()) out.replay_url = std::move(*replay);
  return out;
}

Result<void> rotate(Device& device, const EnrolOrder& order, bool& rotated) {
  VL_TRY(const auto users, device.users());
  const auto ours = std::ranges::find(users, order.login.user, &User::name);
  const User user = ours != users.end() ? *ours : User{order.login.user, "Administrator"};
  if (auto set = device.set_password(user, *order.new_password); !set)
    return fail(OnvifError::not_rotated,
                "the camera does not take another password: " + set.error().message, "password");
  rotated = true;
  device.set_login({order.login.user, *order.new_password});
  if (auto works = device.information(); !works)
    return fail(OnvifError::not_rotated,
                "the camera took another password and refuses it now: " + works.error().message,
                "password");
  return {};
}

Result<Enrolled> run(Device& device, const EnrolOrder& order, bool& rotated) {
  VL_TRY(const auto offset_us, device.clock_offset_us());
  auto known = device.information();
  if (!known && known.error().code == code_of(OnvifError::wrong_password) && order.new_password) {
    const Error first = known.error();
    device.set_login({order.login.user, *order.new_password});
    if (!device.information()) return fail(first);
    rotated = true;  // by the attempt before this one
  } else if (!known) {
    return fail(std::move(known).error());
  }
  VL_TRY(auto out, ask(device, offset_us));
  if (std::abs(offset_us) >= kClockLimit_us) out.clock_set = device.set_clock().has_value();
  if (order.new_password && !rotated) VL_CHECK(rotate(device, order, rotated));
  return out;
}

}  // namespace

Enrolment enrol(Device& device, const EnrolOrder& order) {
  Enrolment out{false, Enrolled{}};
  out.outcome = run(device, order, out.rotated);
  return out;
}

}  // namespace vl::onvif
