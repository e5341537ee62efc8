#include <gtest/gtest.h>

#include <vonglau/devices/schema.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::devices {
namespace {

Uuid id(std::uint8_t number) {
  Uuid out;
  out.bytes[15] = number;
  return out;
}
const Uuid an = id(1), binh = id(2);

template <class E>
void apply(CameraDevice& device, const E& event) {
  journal::Event out;
  out.stream = {std::string(CameraDevice::kStream), id(9)};
  out.type = E::kType;
  out.version = E::kVersion;
  out.body = json::write(event);
  device.apply(out);
}

CameraDevice movable() {
  CameraDevice device;
  Enrolled enrolled;
  enrolled.ptz = true;
  enrolled.presets = {{"1", "Cổng"}, {"2", "Ngã tư"}};
  apply(device, enrolled);
  return device;
}

TEST(Control, NobodyMovesACameraThatIsNotEnrolledOrHasNoMotors) {
  CameraDevice device;
  EXPECT_EQ(decide_take(device, an, ControlPriority::duty, {}).error().code.name,
            "devices.not_enrolled");
  apply(device, Enrolled{});
  EXPECT_EQ(decide_take(device, an, ControlPriority::duty, {}).error().code.name,
            "devices.no_motors");
}

TEST(Control, OnlyWhoHoldsItMovesIt) {
  auto device = movable();
  EXPECT_EQ(check_holds(device, an).error().code.name, "devices.not_yours");
  apply(device, **decide_take(device, an, ControlPriority::watch, {}));
  EXPECT_TRUE(check_holds(device, an));
  EXPECT_EQ(check_holds(device, binh).error().code.name, "devices.not_yours");
  apply(device, *decide_return(device, an, ReturnReason::handed_back));
  EXPECT_FALSE(check_holds(device, an));
}

TEST(Control, AHigherPriorityTakesOverAndTheSameDoesNot) {
  const ControlPriority rising[] = {ControlPriority::watch, ControlPriority::dispatch,
                                    ControlPriority::incident, ControlPriority::duty};
  for (const auto held : rising)
    for (const auto wanted : rising) {
      auto device = movable();
      apply(device, **decide_take(device, an, held, {}));
      const auto taken = decide_take(device, binh, wanted, {});
      if (wanted > held) {
        ASSERT_TRUE(taken);
        EXPECT_EQ((*taken)->from_id, an);
        apply(device, **taken);
        EXPECT_TRUE(check_holds(device, binh));
        EXPECT_FALSE(check_holds(device, an));
      } else {
        EXPECT_EQ(taken.error().code.name, "devices.held");
      }
    }
}

TEST(Control, TakingAgainIsNothingUnlessItIsForSomethingElse) {
  auto device = movable();
  apply(device, **decide_take(device, an, ControlPriority::dispatch, {}));
  EXPECT_EQ(*decide_take(device, an, ControlPriority::dispatch, {}), std::nullopt);
  EXPECT_TRUE((*decide_take(device, an, ControlPriority::incident, id(7))).has_value());
}

TEST(Tours, GoOnlyWhereThereAreAndForAsLongAsMakesSense) {
  const auto device = movable();
  const auto tour = [](std::vector<TourStep> steps) { return TourSaved{id(5), "Đêm", steps}; };
  EXPECT_TRUE(check(device, tour({{"1", 3}, {"2", 3600}})));
  EXPECT_FALSE(check(device, tour({{"1", 10}})));
  EXPECT_FALSE(check(device, tour({{"1", 10}, {"3", 10}})));
  EXPECT_FALSE(check(device, tour({{"1", 2}, {"2", 10}})));
  EXPECT_FALSE(check(device, tour({{"1", 10}, {"2", 3601}})));
  EXPECT_FALSE(check(device, TourSaved{id(5), "", {{"1", 10}, {"2", 10}}}));
}

TEST(Tours, OneThatIsRemovedRunsNoMore) {
  auto device = movable();
  apply(device, TourSaved{id(5), "Đêm", {{"1", 10}, {"2", 10}}});
  apply(device, TourStarted{id(5)});
  EXPECT_EQ(device.running, id(5));
  apply(device, TourRemoved{id(5)});
  EXPECT_EQ(device.running, std::nullopt);
}

TEST(Passwords, ThatEverybodyKnowsAreNone) {
  for (const auto* bad : {"", "admin", "ADMIN", "12345", "888888", "Admin123", "gate-7"})
    EXPECT_TRUE(is_default_password("gate-7", bad)) << bad;
  for (const auto* good : {"vong-lau-camera", "q7XvQe2mRt9", "admin-of-gate-7"})
    EXPECT_FALSE(is_default_password("admin", good)) << good;
}

class DeviceSchemas : public store::testing::EachEngine {};
TEST_P(DeviceSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/devices/schemas"),
                   .set = migrations(),
                   .others = {}});
}
VL_ON_EACH_ENGINE(DeviceSchemas);

}  // namespace
}  // namespace vl::devices
