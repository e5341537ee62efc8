// From a report to an outcome, through the journal and its read tables, on each engine.
#include <future>

#include <vonglau/dispatch/testing/main_job.hpp>

namespace vl::dispatch {
namespace {

using incidents::IncidentCategory;
using incidents::Outcome;
using incidents::PersonId;
using incidents::ReportId;
using incidents::Severity;
using testing::MainJob;

TEST_P(MainJob, a_report_becomes_an_incident_a_unit_is_sent_and_the_outcome_is_recorded) {
  const IncidentId id = open_incident();
  const UnitId engine = register_one("CC-01");
  done(assign_unit(by(an_), id, engine));
  EXPECT_EQ(refused(incidents::close_incident(by(an_), id, Outcome::resolved, {}, {})),
            "incidents.still_assigned");
  for (const auto m : {Milestone::accepted, Milestone::en_route, Milestone::on_scene}) {
    clock_.advance_us(60'000'000);
    done(reach_milestone(by(an_), id, engine, m));
  }
  EXPECT_EQ(refused(reach_milestone(by(an_), id, engine, Milestone::en_route)),
            "incidents.milestone_passed");
  EXPECT_EQ(unit(*reader_, kProvince, engine)->status, "on_scene");
  done(reach_milestone(by(an_), id, engine, Milestone::released));
  done(incidents::close_incident(by(an_), id, Outcome::resolved, {}, {}));
  const auto row = incident(id);
  EXPECT_EQ(row.state, "closed");
  EXPECT_EQ(row.outcome, "resolved");
  ASSERT_EQ(row.assignments.size(), 1U);
  EXPECT_EQ(row.assignments[0].status, "released");
  EXPECT_EQ(row.report_ids.size(), 1U);
  EXPECT_EQ(unit(*reader_, kProvince, engine)->status, "available");
  done(incidents::reopen_incident(by(an_), id, {}, {}));
  EXPECT_EQ(incident(id).state, "open");
}

TEST_P(MainJob, of_two_operators_who_claim_one_report_one_wins_and_the_other_is_told_who) {
  for (int round = 0; round < 20; ++round) {
    const ReportId id = receive();
    auto other = std::async(std::launch::async, [&] {
      return journal_->execute(incidents::claim_report(by(binh_), id));
    });
    const auto mine = journal_->execute(incidents::claim_report(by(an_), id));
    const auto theirs = other.get();
    ASSERT_NE(mine.has_value(), theirs.has_value());
    const Error& error = mine ? theirs.error() : mine.error();
    EXPECT_EQ(error.code.name, "incidents.already_claimed");
    EXPECT_EQ(error.field, "claimed_by");
    EXPECT_NE(error.message.find((mine ? an_ : binh_).text()), std::string::npos);
    EXPECT_EQ(incidents::report(*reader_, kProvince, id)->claimed_by, mine ? an_ : binh_);
  }
}

TEST_P(MainJob, of_two_dispatchers_who_send_one_unit_exactly_one_succeeds) {
  const UnitId engine = register_one("CC-01");
  const IncidentId a = open_incident();
  const IncidentId b = open_incident();
  auto other = std::async(std::launch::async,
                          [&] { return journal_->execute(assign_unit(by(binh_), b, engine)); });
  const auto mine = journal_->execute(assign_unit(by(an_), a, engine));
  const auto theirs = other.get();
  ASSERT_NE(mine.has_value(), theirs.has_value());
  EXPECT_EQ((mine ? theirs : mine).error().code.name, "dispatch.unit_busy");
  EXPECT_EQ(incident(a).assignments.size() + incident(b).assignments.size(), 1U);
}

TEST_P(MainJob, a_second_report_of_the_same_event_is_offered_and_joined) {
  const IncidentId id = open_incident();
  clock_.advance_us(120'000'000);
  const ReportId second = receive();
  const auto row = *incidents::report(*reader_, kProvince, second);
  const auto open = *incidents::incidents(*reader_, kProvince, "open", 100);
  const auto candidates = incidents::duplicates_of(row, open, {}, clock_.wall());
  ASSERT_EQ(candidates.size(), 1U);
  EXPECT_EQ(candidates[0].incident_id, id);
  EXPECT_EQ(candidates[0].age_s, 120);
  EXPECT_EQ(candidates[0].why, (std::vector<std::string>{"near", "same_category", "recent"}));
  done(incidents::claim_report(by(binh_), second));
  done(incidents::attach_to_incident(by(binh_), second, id));
  EXPECT_EQ(incident(id).report_ids.size(), 2U);
  EXPECT_EQ(incidents::report(*reader_, kProvince, second)->closure, "duplicate");
  EXPECT_TRUE(*incidents::has_worked_on(*reader_, kProvince, id, PersonId{binh_}));
  EXPECT_FALSE(*incidents::has_worked_on(*reader_, kProvince, id, PersonId{ids_.next()}));
}

TEST_P(MainJob, reports_far_away_or_of_another_kind_are_not_offered_as_duplicates) {
  open_incident();
  auto row = *incidents::report(*reader_, kProvince, receive(IncidentCategory::theft));
  const auto open = *incidents::incidents(*reader_, kProvince, "open", 100);
  row.lat = *row.lat + 0.05;  // 5.5 km
  EXPECT_TRUE(incidents::duplicates_of(row, open, {}, clock_.wall()).empty());
}

TEST_P(MainJob, triage_needs_the_claim_and_happens_once) {
  const ReportId id = receive();
  EXPECT_EQ(refused(incidents::close_report(by(an_), id, incidents::Closure::false_report)),
            "incidents.not_claimed_by_you");
  done(incidents::claim_report(by(an_), id));
  EXPECT_EQ(refused(incidents::close_report(by(binh_), id, incidents::Closure::false_report)),
            "incidents.already_claimed");
  done(incidents::release_report(by(an_), id, false));
  done(incidents::claim_report(by(binh_), id));
  done(incidents::close_report(by(binh_), id, incidents::Closure::false_report));
  EXPECT_EQ(refused(incidents::close_report(by(binh_), id, incidents::Closure::false_report)),
            "incidents.already_closed");
  EXPECT_EQ(refused(register_unit(by(an_), UnitId{ids_.next()}, {"", UnitKind::rescue, {}})),
            "dispatch.bad_call_sign");
}

TEST_P(MainJob, the_read_tables_can_be_made_again_from_the_events) {
  const IncidentId id = open_incident();
  const UnitId engine = register_one("CC-01");
  done(assign_unit(by(an_), id, engine));
  done(incidents::classify_incident(by(an_), id, IncidentCategory::explosion, Severity::serious));
  done(incidents::add_note(by(an_), id, ids_.next(), {ids_.next(), ids_.next(), {}}, {}));
  store::testing::FreshDatabase scratch(GetParam());
  migrate(scratch.database());
  journal::Projection* const projections[] = {&incident_tables_, &unit_tables_};
  auto live = database().open_session();
  auto into = scratch.database().open_session();
  const auto report = journal::rebuild(**live, **into, kProvince, projections, upcasters_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->same()) << report->differences[0].table << ": "
                              << report->differences[0].first_difference;
  EXPECT_EQ(report->tables, 6);
}

VL_ON_EACH_ENGINE(MainJob);

}  // namespace
}  // namespace vl::dispatch
