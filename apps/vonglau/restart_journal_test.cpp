#include "restart_journal.hpp"

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/store/migrations.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::app {
namespace {

using Kind = supervise::ProcessEventKind;

struct Restarts : testing::Test {
  std::unique_ptr<journal::Journal> open() {
    const store::MigrationSet sets[] = {journal::migrations()};
    EXPECT_TRUE(store::migrate(**fresh.database().open_session(), sets, clock));
    journal::JournalOptions options;
    options.writer.province = province;
    return *journal::Journal::open(fresh.database(), clock, options, {}, upcasters);
  }
  void happened(std::string process, Kind kind, std::string detail = {}) {
    report.events.push_back({++number, clock.wall(), std::move(process), kind, std::move(detail)});
  }
  void crash(const std::string& process) {
    happened(process, Kind::exited, "killed by signal 9 (Killed)");
    happened(process, Kind::started);
  }
  void follow() { ASSERT_TRUE(restarts.record(report)); }
  std::vector<std::string> recorded() {
    std::vector<std::string> names;
    const auto session = *fresh.database().open_reader();
    EXPECT_TRUE(journal::read_events(*session, province, {}, nullptr, [&](journal::Event&& event) {
      EXPECT_EQ(event.type, "process.restarted");
      names.emplace_back(json::parse(event.body)->at("name").as_string());
      return true;
    }));
    return names;
  }

  const ProvinceId province{24};
  ManualClock clock;
  store::testing::FreshDatabase fresh{store::Engine::sqlite};
  journal::Upcasters upcasters;
  std::unique_ptr<journal::Journal> history = open();
  RestartJournal restarts{*history, ""};
  supervise::StatusReport report{1, {1000}, {}, {}};
  std::int64_t number = 0;
};

TEST_F(Restarts, a_first_start_is_none_and_a_restart_is_recorded_with_how_it_ended) {
  happened("core", Kind::started);
  follow();
  EXPECT_TRUE(recorded().empty());
  crash("core");
  ASSERT_EQ(restarts_in(report).size(), 1U);
  EXPECT_EQ(restarts_in(report)[0].how, "killed by signal 9 (Killed)");
  follow();
  EXPECT_EQ(recorded(), (std::vector<std::string>{"core"}));
}

TEST_F(Restarts, are_recorded_once_however_often_they_are_told_and_by_whom) {
  happened("core", Kind::started);
  crash("core");
  crash("recorder");
  follow();
  follow();
  RestartJournal after_the_cores_own_restart(*history, "");
  ASSERT_TRUE(after_the_cores_own_restart.record(report));
  EXPECT_EQ(recorded(), (std::vector<std::string>{"core", "recorder"}));
  crash("core");
  ASSERT_TRUE(after_the_cores_own_restart.record(report));
  EXPECT_EQ(recorded().size(), 3U);
}

TEST_F(Restarts, of_a_new_supervisor_count_from_its_own_beginning) {
  crash("core");
  follow();
  report = {2, {2000}, {}, {}};
  number = 0;
  crash("core");
  follow();
  EXPECT_EQ(recorded().size(), 2U);
}

TEST_F(Restarts, without_a_supervisor_nothing_is_wrong) {
  EXPECT_TRUE(restarts.follow());
  EXPECT_TRUE(recorded().empty());
}

}  // namespace
}  // namespace vl::app
