// The picture as of any past sequence is what the read tables said at that sequence.
#include <random>

#include <vonglau/base/json.hpp>
#include <vonglau/dispatch/testing/main_job.hpp>
#include <vonglau/situation/history.hpp>

namespace vl::situation {
namespace {

using dispatch::testing::MainJob;
using incidents::IncidentId;
using incidents::Milestone;
using incidents::UnitId;

class HistoryTest : public MainJob {
 protected:
  void SetUp() override {
    MainJob::SetUp();
    if (IsSkipped()) return;
    const store::MigrationSet sets[] = {snapshot_migrations()};
    snapshots_ = session();
    ASSERT_TRUE(store::migrate(*snapshots_, sets, clock_));
  }
  /// What the read tables say now, in the words of Situation.
  std::string tables() {
    Situation now;
    for (auto& row : *incidents::incidents(*reader_, kProvince, "open", 1000)) {
      // The order of assignments in time is kept by the fold; the tables sort by unit within it.
      std::ranges::sort(row.assignments, {}, &incidents::AssignmentRow::unit_id);
      now.incidents[row.id.value] = std::move(row);
    }
    for (auto& row : *incidents::reports(*reader_, kProvince, std::nullopt, 1000))
      if (row.state != "closed") now.reports[row.id.value] = std::move(row);
    for (auto& row : *dispatch::units(*reader_, kProvince)) now.units[row.id.value] = row;
    return now.save();
  }
  std::string as_of(std::int64_t sequence) {
    auto situation = history_.at(*reader_, *snapshots_, sequence);
    EXPECT_TRUE(situation) << situation.error().message;
    for (auto& [id, row] : situation->incidents)
      std::ranges::sort(row.assignments, {}, &incidents::AssignmentRow::unit_id);
    return situation->save();
  }
  void act(std::mt19937& random) {
    const auto pick = [&](auto& list) { return list[random() % list.size()]; };
    clock_.advance_us(1'000'000);
    const auto go = [&](journal::Command c) { static_cast<void>(journal_->execute(std::move(c))); };
    switch (random() % 7) {
      case 0:
        all_.push_back(open_incident());
        break;
      case 1:
        receive();
        break;
      case 2:
        go(dispatch::assign_unit(by(an_), pick(all_), pick(units_)));
        break;
      case 3:
      case 4:
        go(dispatch::reach_milestone(by(an_), pick(all_), pick(units_),
                                     static_cast<Milestone>(1 + random() % 4)));
        break;
      case 5:
        go(incidents::close_incident(by(an_), pick(all_), incidents::Outcome::resolved, {}, {}));
        break;
      case 6:
        go(incidents::reopen_incident(by(an_), pick(all_), {}, {}));
        break;
    }
  }

  journal::Upcasters none_;
  History history_{kProvince, none_, 40};
  std::unique_ptr<store::Session> snapshots_;
  std::vector<IncidentId> all_;
  std::vector<UnitId> units_;
};

TEST_P(HistoryTest, the_picture_as_of_any_sequence_is_what_the_tables_said_then) {
  std::mt19937 random(5);
  for (int i = 0; i < 4; ++i) units_.push_back(register_one("U-" + std::to_string(i)));
  all_.push_back(open_incident());
  std::map<std::int64_t, std::string> seen;
  for (int i = 0; i < 150; ++i) {
    act(random);
    seen[journal_->head().sequence] = tables();
  }
  for (const auto& [sequence, expected] : seen) ASSERT_EQ(as_of(sequence), expected) << sequence;
  const auto written = history_.keep_up(*reader_, *snapshots_, journal_->head().sequence);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(*written, journal_->head().sequence / 40);
  for (const auto& [sequence, expected] : seen)
    ASSERT_EQ(as_of(sequence), expected) << sequence << " with snapshots";
}

TEST_P(HistoryTest, an_incident_as_of_a_moment_comes_from_its_own_stream) {
  const IncidentId id = open_incident();
  std::vector<journal::Event> stream;
  journal::EventRange range;
  range.stream = journal::StreamKey{"incident", id.value};
  ASSERT_TRUE(journal::read_events(*reader_, kProvince, range, nullptr, [&](journal::Event&& e) {
    stream.push_back(std::move(e));
    return true;
  }));
  const auto row = incident_after(stream);
  ASSERT_TRUE(row);
  EXPECT_EQ(json::write(*row), json::write(incident(id)));
  EXPECT_FALSE(incident_after({}));
}

VL_ON_EACH_ENGINE(HistoryTest);

}  // namespace
}  // namespace vl::situation
