#include <random>

#include <gtest/gtest.h>

#include <vonglau/fleet/uptime.hpp>

namespace vl::fleet {
namespace {

constexpr Heard up = Heard::up, down = Heard::down;
TimeSpan span(std::int64_t start, std::int64_t end) {
  return {{start}, {end}};
}

TEST(Uptime, is_the_share_of_the_known_time_in_which_the_camera_streamed) {
  const auto out = uptime_of({{{-5}, up}, {{60}, down}, {{70}, up}}, span(0, 100), {});
  EXPECT_EQ(out.up_us, 90);
  EXPECT_EQ(out.down_us, 10);
  EXPECT_EQ(out.outages, 1);
  EXPECT_EQ(out.longest_us, 10);
  EXPECT_EQ(out.share(), 9000);
}

TEST(Uptime, begins_with_the_last_state_before_the_span_and_knows_nothing_before_the_first) {
  EXPECT_EQ(uptime_of({{{-50}, up}, {{-10}, down}}, span(0, 100), {}).down_us, 100);
  const auto late = uptime_of({{{40}, up}}, span(0, 100), {});
  EXPECT_EQ(late.unknown_us, 40);
  EXPECT_EQ(late.share(), 10'000);
  EXPECT_FALSE(uptime_of({}, span(0, 100), {}).share());
}

TEST(Uptime, leaves_planned_work_out_even_where_plans_overlap) {
  const auto out =
      uptime_of({{{0}, up}, {{20}, down}, {{60}, up}}, span(0, 100), {span(10, 40), span(30, 50)});
  EXPECT_EQ(out.planned_us, 40);
  EXPECT_EQ(out.down_us, 10);
  EXPECT_EQ(out.up_us, 50);
  EXPECT_EQ(out.outages, 1);
  const auto covered =
      uptime_of({{{0}, up}, {{20}, down}, {{30}, up}}, span(0, 100), {span(20, 30)});
  EXPECT_EQ(covered.share(), 10'000);
  EXPECT_EQ(covered.outages, 0) << "an outage that was planned is none";
}

TEST(Uptime, does_not_call_a_span_with_a_hole_whole) {
  EXPECT_EQ(uptime_of({{{0}, up}, {{999'999}, down}}, span(0, 1'000'000), {}).share(), 9999);
}

TEST(Uptime, counts_an_outage_that_is_reported_twice_once) {
  const auto out =
      uptime_of({{{0}, up}, {{10}, down}, {{20}, down}, {{30}, up}, {{40}, down}}, span(0, 50), {});
  EXPECT_EQ(out.outages, 2);
  EXPECT_EQ(out.longest_us, 20);
}

TEST(Uptime, always_accounts_for_every_moment_once) {
  std::mt19937 random(7);
  const auto pick = [&](int count) {
    return static_cast<int>(random() % static_cast<unsigned>(count));
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<StateChange> changes;
    for (int i = pick(12); i > 0; --i)
      changes.push_back({{pick(140) - 20}, static_cast<Heard>(pick(3))});
    std::vector<TimeSpan> planned;
    for (int i = pick(4); i > 0; --i) {
      const int start = pick(120) - 10;
      planned.push_back(span(start, start + pick(30)));
    }
    const auto out = uptime_of(changes, span(0, 100), planned);
    EXPECT_EQ(out.up_us + out.down_us + out.planned_us + out.unknown_us, 100);
    EXPECT_LE(out.longest_us, out.down_us);
    EXPECT_EQ(out.outages == 0, out.down_us == 0);
    // Cut in two, the halves are the whole.
    auto halves = uptime_of(changes, span(0, 37), planned);
    halves.add(uptime_of(changes, span(37, 100), planned));
    EXPECT_EQ(halves.up_us, out.up_us);
    EXPECT_EQ(halves.down_us, out.down_us);
  }
}

}  // namespace
}  // namespace vl::fleet
