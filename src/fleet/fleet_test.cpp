// The fleet through the journal and its tables, on each engine: topology, review, planned work,
// uptime.
#include <gtest/gtest.h>

#include <vonglau/cameras/commands.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/commands.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::fleet {
namespace {

using cameras::GapCause;
using cameras::NodeReport;

constexpr std::int64_t second_us = 1'000'000;

class Fleet : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    const store::MigrationSet sets[] = {journal::migrations(), cameras::migrations(), migrations()};
    ASSERT_TRUE(store::migrate(*session(), sets, clock_));
    journal::JournalOptions options;
    options.writer.province = kProvince;
    journal_ = *journal::Journal::open(database(), clock_, options, {&camera_tables_, &tables_},
                                       upcasters_);
    reader_ = session();
  }
  Request by() { return {journal::Actor::person(person_), {}}; }
  std::string done(journal::Command command) {
    const auto receipt = journal_->execute(std::move(command));
    EXPECT_TRUE(receipt) << receipt.error().message;
    return receipt ? receipt->reply : "";
  }
  std::string refused(journal::Command command) {
    const auto receipt = journal_->execute(std::move(command));
    return receipt ? "accepted" : std::string(receipt.error().code.name);
  }
  CameraId camera(std::string code) {
    const CameraId id{ids_.next()};
    cameras::CameraDescription c;
    c.code = code;
    c.name = code;
    c.main_url = "rtsp://127.0.0.1/" + code;
    done(cameras::register_camera({journal::Actor::person(person_), {}}, id, c, {}));
    return id;
  }
  AssetId asset(AssetKind kind, std::string code, std::vector<AssetId> hangs_on = {}) {
    const AssetId id{ids_.next()};
    done(register_asset(by(), id, {kind, code, code, std::move(hangs_on), {}}));
    return id;
  }
  void tell(NodeReport::Kind kind, const std::vector<CameraId>& cameras,
            GapCause cause = GapCause::camera_unreachable) {
    std::vector<NodeReport> reports;
    for (const auto& id : cameras) reports.push_back({kind, id, clock_.wall(), cause, "", {}});
    done(cameras::take_reports({journal::Actor::system(), {}}, std::move(reports)));
  }
  void online(const std::vector<CameraId>& cameras) { tell(NodeReport::Kind::online, cameras); }
  void offline(const std::vector<CameraId>& cameras,
               GapCause cause = GapCause::camera_unreachable) {
    tell(NodeReport::Kind::offline, cameras, cause);
  }
  std::string review() {
    return done(review_alarms([](CameraId) { return std::nullopt; },
                              [this] { return AlarmId{ids_.next()}; }));
  }
  std::vector<AlarmRow> open() { return *open_alarms(*reader_, kProvince); }
  std::int64_t events(std::string_view type) {
    return reader_
        ->query_integer(
            "SELECT count(*) FROM journal_events WHERE province_id = $1 AND"
            " type = $2",
            {kProvince, type})
        ->value_or(-1);
  }
  std::vector<CameraId> forty(AssetId parent) {
    std::vector<CameraId> out;
    for (int i = 0; i < 40; ++i) {
      out.push_back(camera("BN-" + std::to_string(100 + i)));
      done(link_camera(by(), out.back(), {parent}));
    }
    online(out);
    return out;
  }

  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 5};
  const Uuid person_ = ids_.next();
  cameras::CameraTables camera_tables_;
  FleetTables tables_;
  journal::Upcasters upcasters_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<store::Session> reader_;
};

TEST_P(Fleet, a_line_that_fails_is_one_event_with_forty_cameras_and_one_when_it_is_back) {
  const auto line = asset(AssetKind::line, "LINE-1");
  const auto all = forty(line);
  EXPECT_EQ(review(), "");
  offline(all);
  const auto due = review();
  EXPECT_EQ(due, std::to_string(clock_.wall().us + CauseRules{}.settle_us));
  EXPECT_TRUE(open().empty());
  clock_.advance_us(16 * second_us);
  EXPECT_EQ(review(), "");
  auto alarms = open();
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].claim, "declared");
  EXPECT_EQ(alarms[0].cause_id, line.value);
  EXPECT_EQ(alarms[0].cameras.size(), 40U);
  EXPECT_EQ(events(AlarmOpened::kType), 1);
  review();
  EXPECT_EQ(events(AlarmOpened::kType) + events(AlarmChanged::kType), 1) << "nothing new";
  online({all.begin(), all.begin() + 30});
  review();
  alarms = open();
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].claim, "recovering");
  EXPECT_EQ(alarms[0].cameras.size(), 10U);
  EXPECT_EQ(alarms[0].most_cameras, 40);
  online({all.begin() + 30, all.end()});
  review();
  EXPECT_TRUE(open().empty());
  const auto closed = *closed_alarms(*reader_, kProvince, 10);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].how, "recovered");
}

TEST_P(Fleet, planned_work_raises_no_alarm_until_its_time_is_over) {
  const auto line = asset(AssetKind::line, "LINE-1");
  const auto one = asset(AssetKind::network_switch, "SW-1", {line});
  const auto all = forty(one);
  const WallTime start = clock_.wall(), end = start.plus_us(600 * second_us);
  done(plan_work(by(), ids_.next(), {line, {}, start, end, WorkKind::maintenance}));
  offline(all);
  clock_.advance_us(20 * second_us);
  EXPECT_EQ(review(), std::to_string(end.us)) << "looked at again when the work ends";
  EXPECT_TRUE(open().empty());
  clock_.advance_us(600 * second_us);
  review();
  ASSERT_EQ(open().size(), 1U);
  EXPECT_EQ(open()[0].cause_id, one.value);
  EXPECT_EQ(refused(plan_work(by(), ids_.next(), {line, {}, start, end, WorkKind::maintenance})),
            "fleet.bad_span")
      << "outages are not made planned afterwards";
  EXPECT_EQ(refused(plan_work(by(), ids_.next(), {{}, {}, end, end, WorkKind::power_cut})),
            "fleet.bad_link");
}

TEST_P(Fleet, uptime_comes_from_the_changes_as_they_were_known_then) {
  const auto id = camera("BN-1");
  const WallTime start = clock_.wall();
  online({id});
  clock_.advance_us(60 * second_us);
  offline({id});
  clock_.advance_us(20 * second_us);
  const WallTime then = clock_.wall();
  online({id});
  clock_.advance_us(20 * second_us);
  offline({id}, GapCause::recorder_down);
  clock_.advance_us(50 * second_us);
  const TimeSpan span{start, start.plus_us(150 * second_us)};
  const auto now = *state_changes(*reader_, kProvince, span, std::nullopt);
  const auto up = uptime_of(now.at(id), span, {});
  EXPECT_EQ(up.up_us, 80 * second_us);
  EXPECT_EQ(up.down_us, 20 * second_us);
  EXPECT_EQ(up.unknown_us, 50 * second_us)
      << "a recorder that is away says nothing about the camera";
  const auto known = *state_changes(*reader_, kProvince, span, then.plus_us(-1));
  EXPECT_EQ(uptime_of(known.at(id), span, {}).down_us, 90 * second_us);
  const TimeSpan later{start.plus_us(70 * second_us), start.plus_us(75 * second_us)};
  EXPECT_EQ(uptime_of((*state_changes(*reader_, kProvince, later, std::nullopt)).at(id), later, {})
                .down_us,
            5 * second_us)
      << "the state before the span counts";
}

TEST_P(Fleet, a_topology_is_imported_whole_or_not_at_all) {
  const auto id = camera("BN-0877");
  const auto import = [&](std::string_view text) {
    auto rows = read_topology(text);
    EXPECT_TRUE(rows) << rows.error().message;
    std::vector<AssetId> fresh;
    for (std::size_t i = 0; i < rows->size(); ++i) fresh.push_back({ids_.next()});
    return journal_->execute(import_topology(by(), std::move(*rows), std::move(fresh)));
  };
  const std::string good =
      "kind,code,name,hangs_on,service_level\nline,LINE-3,Tuyến 3,VNPT,99.5\n"
      "provider,VNPT,VNPT,,\nnetwork_switch,SW-17,,LINE-3,\ncamera,BN-0877,,SW-17,\n";
  const auto bad = import(good + "camera,BN-9999,,SW-17,\n");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().field, "line 6");
  EXPECT_TRUE(assets(*reader_, kProvince)->empty());
  const auto taken = import(good);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->reply,
            R"({"assets_added":3,"assets_changed":0,"cameras_linked":1,"unchanged":0})");
  const auto rows = *assets(*reader_, kProvince);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].service_level, 9950);
  EXPECT_EQ(camera_links(*reader_, kProvince)->at(id), std::vector{rows[1].id});
  EXPECT_EQ(import(good)->reply,
            R"({"assets_added":0,"assets_changed":0,"cameras_linked":0,"unchanged":4})");
  const auto circle = import("kind,code,hangs_on\nprovider,VNPT,SW-17\n");
  ASSERT_FALSE(circle);
  EXPECT_EQ(circle.error().code.name, "fleet.bad_import");
}

TEST_P(Fleet, assets_are_changed_and_retired_only_where_that_leaves_nothing_hanging) {
  const auto line = asset(AssetKind::line, "LINE-1");
  const auto one = asset(AssetKind::network_switch, "SW-1", {line});
  EXPECT_EQ(refused(retire_asset(by(), line)), "fleet.in_use");
  EXPECT_EQ(refused(change_asset(by(), line, {AssetKind::line, "LINE-1", "x", {one}, {}})),
            "fleet.bad_link");
  EXPECT_EQ(refused(change_asset(by(), line, {AssetKind::line, "SW-1", "x", {}, {}})),
            "fleet.bad_code");
  EXPECT_EQ(refused(register_asset(by(), AssetId{ids_.next()},
                                   {AssetKind::line, "LINE-2", "x", {}, 10'001})),
            "fleet.bad_level");
  done(retire_asset(by(), one));
  done(retire_asset(by(), line));
  EXPECT_EQ(refused(retire_asset(by(), line)), "fleet.not_found");
  EXPECT_EQ(refused(link_camera(by(), camera("BN-1"), {line})), "fleet.bad_link");
  asset(AssetKind::line, "LINE-1");  // the code is free again
}

TEST_P(Fleet, tables_can_be_made_again_from_the_events) {
  const auto line = asset(AssetKind::line, "LINE-1");
  const auto all = forty(line);
  const Uuid work = ids_.next();
  done(plan_work(by(), work,
                 {line, {}, clock_.wall(), clock_.wall().plus_us(second_us), WorkKind::power_cut}));
  done(end_work(by(), work));
  clock_.advance_us(2 * second_us);
  offline(all);
  clock_.advance_us(16 * second_us);
  review();
  online({all[0]});
  review();
  store::testing::FreshDatabase scratch(GetParam());
  auto into = *scratch.database().open_session();
  const store::MigrationSet sets[] = {journal::migrations(), cameras::migrations(), migrations()};
  ASSERT_TRUE(store::migrate(*into, sets, clock_));
  auto live = session();
  journal::Projection* const projections[] = {&camera_tables_, &tables_};
  const auto report = journal::rebuild(*live, *into, kProvince, projections, upcasters_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->same()) << report->differences[0].table << ": "
                              << report->differences[0].first_difference;
}

VL_ON_EACH_ENGINE(Fleet);

}  // namespace
}  // namespace vl::fleet
