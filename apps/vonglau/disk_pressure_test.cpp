#include "disk_pressure.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/store/migrations.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::app {
namespace {

struct Pressure : testing::Test {
  std::unique_ptr<journal::Journal> open() {
    const store::MigrationSet sets[] = {journal::migrations()};
    EXPECT_TRUE(store::migrate(**fresh.database().open_session(), sets, clock));
    journal::JournalOptions options;
    options.writer.province = province;
    return *journal::Journal::open(fresh.database(), clock, options, {}, upcasters);
  }
  /// Waits for what was submitted: the journal takes commands in their order.
  std::vector<std::string> recorded() {
    EXPECT_TRUE(journal->execute({journal::Actor::system(), "nothing", std::nullopt,
                                  [](journal::Decision&) -> Result<std::string> { return ""; }}));
    std::vector<std::string> types;
    const auto session = *fresh.database().open_reader();
    EXPECT_TRUE(journal::read_events(*session, province, {}, nullptr, [&](journal::Event&& event) {
      types.push_back(event.type);
      last = *json::parse(event.body);
      return true;
    }));
    return types;
  }

  const ProvinceId province{24};
  ManualClock clock;
  store::testing::FreshDatabase fresh{store::Engine::sqlite};
  journal::Upcasters upcasters;
  std::unique_ptr<journal::Journal> journal = open();
  std::unique_ptr<store::DiskReserve> reserve =
      *store::DiskReserve::open(fresh.folder() + "/reserve", 8 << 20);
  http::Metrics metrics;
  DiskPressure pressure{*journal, reserve.get(), metrics};
  json::Value last;
};

TEST_F(Pressure, is_recorded_when_the_reserve_is_touched_when_it_is_used_up_and_when_it_is_whole) {
  std::vector<std::string> expected;
  pressure.tell();
  EXPECT_EQ(recorded(), expected);
  ASSERT_TRUE(reserve->give_up());  // as the journal does when a commit finds no room
  expected.emplace_back("storage.pressure");
  for (int times = 0; times < 3; ++times) {
    pressure.tell();
    EXPECT_EQ(recorded(), expected) << "once";
  }
  EXPECT_EQ(last.at("reserve_left_bytes").as_int64(), 7 << 20);
  EXPECT_EQ(last.at("reserve_bytes").as_int64(), 8 << 20);
  EXPECT_GT(last.at("free_bytes").as_int64(), 0);

  while (reserve->give_up()) {
  }
  pressure.tell();
  expected.emplace_back("storage.pressure");
  EXPECT_EQ(recorded(), expected);
  EXPECT_EQ(last.at("reserve_left_bytes").as_int64(), 0);

  pressure.turn();  // this disk has room
  EXPECT_EQ(reserve->held_bytes(), reserve->size_bytes());
  expected.emplace_back("storage.relieved");
  EXPECT_EQ(recorded(), expected);
}

TEST_F(Pressure, without_a_reserve_says_nothing) {
  DiskPressure none{*journal, nullptr, metrics};
  none.turn();
  EXPECT_TRUE(recorded().empty());
}

}  // namespace
}  // namespace vl::app
