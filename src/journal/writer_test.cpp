// The writer's promises, on each engine: refused commands leave nothing, accepted ones are in
// the journal and the read tables together, retries are answered once, and one writer wins.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/testing/tally.hpp>
#include <vonglau/journal/verify.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::journal {
namespace {

using testing::add;
using testing::Tally;

class WriterTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    ids_.emplace(clock_, 11);
    migrate(database());
  }
  void migrate(store::Database& fresh) {
    const store::MigrationSet sets[] = {migrations(), testing::tally_migrations()};
    auto opened = fresh.open_session();
    ASSERT_TRUE(opened) << opened.error().message;
    const auto migrated = store::migrate(**opened, sets, clock_);
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  std::unique_ptr<Writer> open_writer(const Upcasters* upcasters = nullptr) {
    WriterOptions options;
    options.province = kProvince;
    options.snapshot_every = 4;
    auto writer = Writer::open(database(), clock_, options, {&projection_},
                               upcasters != nullptr ? *upcasters : no_upcasters_);
    EXPECT_TRUE(writer) << writer.error().message;
    return std::move(*writer);
  }
  std::int64_t total_in_table(const Uuid& tally) {
    auto session = database().open_reader();
    return (*session)
        ->query_integer("SELECT total FROM tally_rows WHERE province_id = $1 AND tally_id = $2",
                        {kProvince, tally})
        ->value_or(-1);
  }
  VerifyReport verify_all(std::span<const Root> roots = {}) {
    auto session = database().open_reader();
    return *verify(**session, kProvince, roots);
  }

  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  std::optional<SeededIdSource> ids_;
  testing::TallyProjection projection_;
  Upcasters no_upcasters_;
};

TEST_P(WriterTest, appends_events_and_read_rows_together) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  const Uuid b = ids_->next();
  const Command commands[] = {add(a, 5), add(b, 7), add(a, -2)};
  const auto outcome = writer->run(commands);
  ASSERT_EQ(outcome.answers.size(), 3U);
  for (const auto& answer : outcome.answers) ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(outcome.answers[2]->reply, "3");
  EXPECT_EQ(outcome.answers[2]->sequence, 3);
  EXPECT_EQ(outcome.events.size(), 3U);
  EXPECT_EQ(outcome.events[2]->stream_version, 2);
  EXPECT_EQ(total_in_table(a), 3);
  EXPECT_EQ(total_in_table(b), 7);
  EXPECT_TRUE(verify_all().ok());
}

TEST_P(WriterTest, a_refused_command_leaves_nothing_and_disturbs_nobody) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  const Command commands[] = {add(a, 5), add(a, -9), add(a, 1)};
  const auto outcome = writer->run(commands);
  EXPECT_EQ(outcome.answers[0]->reply, "5");
  ASSERT_FALSE(outcome.answers[1]);
  EXPECT_EQ(outcome.answers[1].error().code.name, "tally.below_zero");
  EXPECT_EQ(outcome.answers[2]->reply, "6");
  EXPECT_EQ(writer->head().sequence, 2);
}

TEST_P(WriterTest, a_row_the_store_refuses_fails_only_its_own_command) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  const Uuid b = ids_->next();
  const Command commands[] = {add(a, 5), add(b, 2'000'000), add(a, 1)};  // CHECK (total < 1000000)
  const auto outcome = writer->run(commands);
  EXPECT_EQ(outcome.answers[0]->reply, "5");
  ASSERT_FALSE(outcome.answers[1]);
  EXPECT_EQ(outcome.answers[1].error().code.category, Category::conflict);
  EXPECT_EQ(outcome.answers[2]->reply, "6");
  EXPECT_EQ(total_in_table(a), 6);
  EXPECT_EQ(total_in_table(b), -1);
  EXPECT_TRUE(verify_all().ok());
}

TEST_P(WriterTest, a_retried_command_gets_the_first_answer_and_does_nothing_again) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  const Uuid key = ids_->next();
  const Command twice[] = {add(a, 5, key), add(a, 5, key)};
  auto outcome = writer->run(twice);
  EXPECT_EQ(outcome.answers[1]->reply, "5");
  EXPECT_TRUE(outcome.answers[1]->repeated);
  writer = open_writer();  // a restart later
  const Command again = add(a, 5, key);
  outcome = writer->run(std::span(&again, 1));
  EXPECT_EQ(outcome.answers[0]->reply, "5");
  EXPECT_TRUE(outcome.answers[0]->repeated);
  EXPECT_EQ(total_in_table(a), 5);
  Command other = add(a, 5, key);
  other.name = "tally.other";
  outcome = writer->run(std::span(&other, 1));
  ASSERT_FALSE(outcome.answers[0]);
  EXPECT_EQ(outcome.answers[0].error().field, "Idempotency-Key");
}

TEST_P(WriterTest, a_retry_that_would_be_refused_now_still_gets_the_first_answer) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  const Uuid key = ids_->next();
  const Command first[] = {add(a, 5), add(a, -5, key)};
  ASSERT_EQ(writer->run(first).answers[1]->reply, "0");
  writer = open_writer();
  const Uuid b = ids_->next();
  const Command later[] = {add(b, 1, ids_->next()), add(a, -5, key), add(b, -9, ids_->next())};
  const auto outcome = writer->run(later);
  EXPECT_EQ(outcome.answers[0]->reply, "1");
  ASSERT_TRUE(outcome.answers[1]) << outcome.answers[1].error().message;
  EXPECT_EQ(outcome.answers[1]->reply, "0");
  EXPECT_TRUE(outcome.answers[1]->repeated);
  EXPECT_FALSE(outcome.answers[2]);
  EXPECT_EQ(writer->head().sequence, 3);
}

TEST_P(WriterTest, a_retry_among_new_commands_disturbs_none_of_them) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  const Uuid b = ids_->next();
  const Uuid key = ids_->next();
  const Command first = add(a, 5, key);
  ASSERT_TRUE(writer->run(std::span(&first, 1)).answers[0]);
  const Command later[] = {add(b, 7, ids_->next()), add(a, 5, key), add(a, 2, ids_->next())};
  const auto outcome = writer->run(later);
  EXPECT_EQ(outcome.answers[0]->reply, "7");
  EXPECT_EQ(outcome.answers[1]->reply, "5");
  EXPECT_TRUE(outcome.answers[1]->repeated);
  EXPECT_EQ(outcome.answers[2]->reply, "7");
  EXPECT_EQ(outcome.events.size(), 2U);
  EXPECT_EQ(total_in_table(a), 7);
  EXPECT_TRUE(verify_all().ok());
}

TEST_P(WriterTest, of_two_writers_the_later_wins_and_nothing_forks) {
  auto first = open_writer();
  const Uuid a = ids_->next();
  const Command command = add(a, 1);
  EXPECT_TRUE(first->run(std::span(&command, 1)).answers[0]);
  auto second = open_writer();
  EXPECT_TRUE(second->run(std::span(&command, 1)).answers[0]);
  const auto late = first->run(std::span(&command, 1));
  ASSERT_FALSE(late.answers[0]);
  EXPECT_EQ(late.answers[0].error().code.name, "journal.fenced");
  EXPECT_TRUE(first->fenced());
  EXPECT_TRUE(second->run(std::span(&command, 1)).answers[0]);
  EXPECT_EQ(total_in_table(a), 3);
  const auto report = verify_all();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.events, 3);
}

TEST_P(WriterTest, states_come_back_from_snapshots_and_the_events_after_them) {
  const Uuid a = ids_->next();
  {
    auto writer = open_writer();
    for (int i = 0; i < 11; ++i) {
      const Command command = add(a, i);
      ASSERT_TRUE(writer->run(std::span(&command, 1)).answers[0]);
    }
  }
  auto writer = open_writer();
  const Command command = add(a, 0);
  EXPECT_EQ(writer->run(std::span(&command, 1)).answers[0]->reply, "55");
  auto session = database().open_reader();
  EXPECT_EQ((*session)
                ->query_integer("SELECT stream_version FROM journal_snapshots WHERE province_id ="
                                " $1 AND stream_id = $2",
                                {kProvince, a})
                ->value_or(0),
            12);
}

TEST_P(WriterTest, expected_versions_are_held) {
  auto writer = open_writer();
  const Uuid a = ids_->next();
  Command command = add(a, 1);
  ASSERT_TRUE(writer->run(std::span(&command, 1)).answers[0]);
  command.decide = [&](Decision& d) -> Result<std::string> {
    VL_CHECK(d.expect({"tally", a}, 0));
    return "never";
  };
  const auto outcome = writer->run(std::span(&command, 1));
  ASSERT_FALSE(outcome.answers[0]);
  EXPECT_EQ(outcome.answers[0].error().code.name, "journal.version_conflict");
}

TEST_P(WriterTest, old_event_versions_are_lifted_when_read_and_keep_their_hash) {
  const Uuid a = ids_->next();
  {
    auto writer = open_writer();
    Command command = add(a, 0);
    command.decide = [&](Decision& d) -> Result<std::string> {
      VL_CHECK(d.record({{"tally", a}, "tally.added", 1, R"({"amount":4})"}));
      return "";
    };
    ASSERT_TRUE(writer->run(std::span(&command, 1)).answers[0]);
  }
  Upcasters upcasters;  // version 2 counts in tens
  upcasters.add("tally.added", 1, [](const std::string& body) -> Result<std::string> {
    VL_TRY(const auto old, json::read_text<testing::Added>(body));
    return json::write(testing::Added{old.amount * 10});
  });
  auto writer = open_writer(&upcasters);
  Command look = add(a, 0);
  look.decide = [&](Decision& d) -> Result<std::string> {
    VL_TRY(const auto* state, d.state<Tally>(a));
    return std::to_string(state->total);
  };
  EXPECT_EQ(writer->run(std::span(&look, 1)).answers[0]->reply, "40");
  EXPECT_TRUE(verify_all().ok());
}

TEST_P(WriterTest, any_run_of_commands_gives_what_a_plain_model_gives) {
  auto writer = open_writer();
  std::map<Uuid, std::int64_t> model;
  std::vector<Uuid> tallies;
  for (int i = 0; i < 4; ++i) tallies.push_back(ids_->next());
  const bool held = rc::check("decide, apply and the read tables agree with a model", [&] {
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(-20, 20)));
    std::vector<Command> commands;
    for (const auto& [which, amount] : steps) commands.push_back(add(tallies[which], amount));
    const auto outcome = writer->run(commands);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      auto& expected = model[tallies[steps[i].first]];
      const bool allowed = expected + steps[i].second >= 0;
      RC_ASSERT(outcome.answers[i].has_value() == allowed);
      if (allowed) expected += steps[i].second;
      if (allowed) RC_ASSERT(outcome.answers[i]->reply == std::to_string(expected));
    }
  });
  EXPECT_TRUE(held);
  for (const auto& [tally, total] : model)
    if (total_in_table(tally) != -1 || total != 0) EXPECT_EQ(total_in_table(tally), total);
  EXPECT_TRUE(verify_all().ok());
}

TEST_P(WriterTest, rebuilding_gives_the_same_tables_and_shows_a_row_somebody_changed) {
  auto writer = open_writer();
  for (int i = 0; i < 20; ++i) {
    const Command command = add(ids_->next(), i);
    ASSERT_TRUE(writer->run(std::span(&command, 1)).answers[0]);
  }
  Projection* const projections[] = {&projection_};
  const auto check = [&] {
    store::testing::FreshDatabase scratch(GetParam());
    migrate(scratch.database());
    auto live = database().open_session();
    auto into = scratch.database().open_session();
    auto report = rebuild(**live, **into, kProvince, projections, no_upcasters_);
    EXPECT_TRUE(report) << report.error().message;
    if (!report->same()) EXPECT_TRUE(replace_tables(**live, **into, kProvince, projections));
    return *report;
  };
  EXPECT_TRUE(check().same());
  auto session = database().open_session();
  ASSERT_TRUE((*session)->execute("UPDATE tally_rows SET total = 99 WHERE total = 7", {}));
  const auto report = check();
  ASSERT_EQ(report.differences.size(), 1U);
  EXPECT_EQ(report.differences[0].table, "tally_rows");
  EXPECT_EQ(report.differences[0].different_rows, 2);
  EXPECT_NE(report.differences[0].first_difference.find(", 7"), std::string::npos);
  EXPECT_TRUE(check().same());  // the first check put the rebuilt rows in place
}

struct Tampering {
  const char* name;
  const char* sql;
  VerifyProblem::What what;
  std::int64_t sequence;
};
const Tampering kTamperings[] = {
    {"edited", "UPDATE journal_events SET body = '{\"amount\":999}' WHERE sequence = 4",
     VerifyProblem::What::edited, 4},
    {"deleted", "DELETE FROM journal_events WHERE sequence = 4", VerifyProblem::What::missing, 4},
    {"cut off at the end", "DELETE FROM journal_events WHERE sequence >= 9",
     VerifyProblem::What::truncated, 9},
    {"backdated", "UPDATE journal_events SET wall_us = wall_us - 60000000 WHERE sequence = 2",
     VerifyProblem::What::edited, 2},
};

TEST_P(WriterTest, tampering_is_found_and_the_place_named) {
  const auto directory = std::filesystem::path(folder()) / "anchor";
  const auto key = SigningKey::from_seed({1, 2, 3});
  {
    auto writer = open_writer();
    const Uuid a = ids_->next();
    auto log = RootLog::open(directory, kProvince);
    for (int i = 0; i < 10; ++i) {
      const Command command = add(a, i);
      ASSERT_TRUE(writer->run(std::span(&command, 1)).answers[0]);
      if (i % 3 == 0 || i == 9) ASSERT_TRUE(log->append(writer->head(), clock_.wall(), key));
    }
  }
  const auto roots = read_roots(directory, key.public_key());
  ASSERT_TRUE(roots) << roots.error().message;
  const auto clean = verify_all(*roots);
  EXPECT_TRUE(clean.ok());
  EXPECT_EQ(clean.anchored_sequence, 10);
  for (const auto& tampering : kTamperings) {
    SCOPED_TRACE(tampering.name);
    auto session = database().open_session();
    ASSERT_TRUE((*session)->begin_write());
    ASSERT_TRUE((*session)->script(tampering.sql));
    const auto report = verify(**session, kProvince, *roots);
    (*session)->rollback();
    ASSERT_TRUE(report);
    ASSERT_FALSE(report->ok());
    EXPECT_EQ(report->problems[0].what, tampering.what) << name_of(report->problems[0].what);
    EXPECT_EQ(report->problems[0].sequence, tampering.sequence);
    EXPECT_LT(report->anchored_sequence, tampering.sequence);
  }
}

TEST_P(WriterTest, a_history_rewritten_with_fresh_hashes_is_caught_by_the_signed_roots) {
  const auto directory = std::filesystem::path(folder()) / "anchor";
  const auto key = SigningKey::from_seed({9});
  auto log = RootLog::open(directory, kProvince);
  const Uuid a = ids_->next();
  {
    auto writer = open_writer();
    const Command commands[] = {add(a, 1), add(a, 2), add(a, 3)};
    writer->run(commands);
    ASSERT_TRUE(log->append(writer->head(), clock_.wall(), key));
  }
  // A superuser forges a whole consistent chain: same length, other amounts.
  auto session = database().open_session();
  ASSERT_TRUE((*session)->script("DELETE FROM journal_events"));
  {
    auto writer = open_writer();
    const Command commands[] = {add(a, 1), add(a, 200), add(a, 3)};
    writer->run(commands);
  }
  EXPECT_TRUE(verify_all().ok()) << "without roots the forged chain looks whole";
  const auto report = verify_all(*read_roots(directory, key.public_key()));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems[0].what, VerifyProblem::What::rewritten);
  EXPECT_EQ(report.anchored_sequence, 0);
  EXPECT_FALSE(read_roots(directory, SigningKey::from_seed({8}).public_key()));
}

TEST_P(WriterTest, a_running_journal_answers_many_callers_and_watchers_hear_in_order) {
  JournalOptions options;
  options.writer.province = kProvince;
  auto journal = Journal::open(database(), clock_, options, {&projection_}, no_upcasters_);
  ASSERT_TRUE(journal);
  std::atomic<std::int64_t> told{0};
  const auto watch =
      (*journal)->tail().watch([&](std::int64_t head) { EXPECT_GT(head, told.exchange(head)); });
  const Uuid a = ids_->next();
  std::vector<std::thread> callers;
  std::atomic<int> accepted{0};
  for (int t = 0; t < 8; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 25; ++i) accepted += (*journal)->execute(add(a, 1)).has_value() ? 1 : 0;
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(accepted, 200);
  EXPECT_EQ((*journal)->head().sequence, 200);
  const auto events = (*journal)->tail().read(1, 1000);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 200U);
  for (std::size_t i = 0; i < events->size(); ++i)
    EXPECT_EQ((*events)[i]->sequence, static_cast<std::int64_t>(i) + 1);
  EXPECT_EQ(total_in_table(a), 200);
}

VL_ON_EACH_ENGINE(WriterTest);

}  // namespace
}  // namespace vl::journal
