#include <gtest/gtest.h>

#include <vonglau/walls/wall.hpp>

namespace vl::walls {
namespace {

constexpr WallTime now{1'763'800'000'000'000};

CameraId camera(std::uint8_t n) {
  return CameraId{{{n}}};
}
WallEventId event_id(std::uint8_t n) {
  return WallEventId{{{0, n}}};
}

Wall accepting() {
  Wall wall;
  wall.exists = true;
  wall.description = {"Sảnh", true, true};
  return wall;
}

Happening incident(std::uint8_t n, WallTime until = now) {
  return {EventCause::incident, {{9, n}}, {camera(n)}, until};
}

TEST(Arrangement, HasAsManyTilesAsRowsTimesColumnsAndEachCameraOnce) {
  EXPECT_TRUE(check({4, {camera(1), camera(2)}}));
  EXPECT_TRUE(check({64, {}}));
  EXPECT_EQ(check({5, {}}).error().field, "tiles");
  EXPECT_EQ(check({1, {camera(1), camera(2)}}).error().field, "cameras");
  EXPECT_EQ(check({9, {camera(1), camera(2), camera(1)}}).error().field, "cameras");
}

TEST(WallName, IsPlainText) {
  EXPECT_TRUE(check_name("Tường lớn phòng chỉ huy"));
  for (const auto* bad : {"", " x", "x ", "a\nb"}) EXPECT_FALSE(check_name(bad)) << bad;
  EXPECT_FALSE(check_name(std::string(101, 'a')));
}

TEST(WallEvents, AreShownOnlyWhereTheyAreAcceptedAndOnlyOnce) {
  auto wall = accepting();
  const auto first = steps(wall, incident(1), event_id(1));
  ASSERT_TRUE(first.shown);
  EXPECT_TRUE(first.ended.empty());
  wall.events.push_back(*first.shown);
  EXPECT_FALSE(steps(wall, incident(1), event_id(2)).shown);
  // The same id of another kind of cause is another cause.
  auto picture = incident(1);
  picture.cause = EventCause::picture;
  EXPECT_TRUE(steps(wall, picture, event_id(2)).shown);
  wall.description.accepts_pictures = false;
  EXPECT_FALSE(steps(wall, picture, event_id(2)).shown);
  wall.exists = false;
  EXPECT_FALSE(steps(wall, incident(2), event_id(3)).shown);
  EXPECT_FALSE(steps(accepting(), {EventCause::incident, {}, {}, now}, event_id(1)).shown);
}

TEST(WallEvents, TakeFourTilesAtMost) {
  auto many = incident(1);
  for (std::uint8_t n = 2; n < 10; ++n) many.cameras.push_back(camera(n));
  const auto step = steps(accepting(), many, event_id(1));
  ASSERT_TRUE(step.shown);
  EXPECT_EQ(step.shown->cameras.size(), most_event_cameras);
  EXPECT_EQ(step.shown->cameras.front(), camera(1));
}

TEST(WallEvents, GiveWayWhereThereAreTooMany) {
  auto wall = accepting();
  for (std::uint8_t n = 0; n < most_events; ++n)
    wall.events.push_back(
        *steps(wall, incident(n, now.plus_us(n == 3 ? 1 : 10)), event_id(n)).shown);
  const auto step = steps(wall, incident(100, now.plus_us(20)), event_id(100));
  ASSERT_TRUE(step.shown);
  ASSERT_EQ(step.ended.size(), 1U);
  EXPECT_EQ(step.ended[0].event_id, event_id(3));
  EXPECT_EQ(step.ended[0].how, EventEnd::room);
}

TEST(WallEvents, AreOverWhenTheirTimeIs) {
  auto wall = accepting();
  wall.events.push_back(*steps(wall, incident(1, now), event_id(1)).shown);
  wall.events.push_back(*steps(wall, incident(2, now.plus_us(1)), event_id(2)).shown);
  const auto ended = over(wall, now);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].event_id, event_id(1));
  EXPECT_EQ(ended[0].how, EventEnd::time);
}

}  // namespace
}  // namespace vl::walls
