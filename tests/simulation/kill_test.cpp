// A running journal that is killed at a random moment, again and again, and two that run at once:
// what either acknowledged is there, once, in one chain.
#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <set>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <vonglau/store/testing/fresh_database.hpp>

#include "tally_province.hpp"
#include "victim.hpp"

namespace vl::simulation {
namespace {

using Kind = Message::Kind;

/// A database that journals are killed on, and everything that was ever asked and answered.
class Scene {
 public:
  explicit Scene(store::Engine engine) : engine_(engine), fresh_(engine) {
    const auto migrated = province_.migrate(database());
    EXPECT_TRUE(migrated) << migrated.error().message;
  }

  store::Database& database() { return fresh_.database(); }
  const std::string& address() const { return fresh_.address(); }

  void hear(const Message& message) {
    if (message.kind == Kind::asked) unanswered_[message.key] = message;
    if (message.kind != Kind::acknowledged) return;
    unanswered_.erase(message.key);
    recent_.push_back(message);
    ++acknowledged_;
    if (std::ssize(promised_) < message.sequence)
      promised_.resize(static_cast<std::size_t>(message.sequence));
    auto& promise = promised_[static_cast<std::size_t>(message.sequence) - 1];
    EXPECT_FALSE(promise) << "two commands were answered with sequence " << message.sequence;
    promise = Entry{message.tally, message.amount};
  }

  /// Opens the journal as the next process would and holds it against every answer.
  void check() {
    auto writer = province_.open_writer(database());  // waits for what a dead client left behind
    ASSERT_TRUE(writer) << writer.error().message;
    const auto holdings = read_holdings(database());
    ASSERT_TRUE(holdings) << holdings.error().message;
    EXPECT_EQ(holdings->unsound, "");
    ASSERT_GE(holdings->events.size(), promised_.size()) << "acknowledged commands are lost";
    for (std::size_t i = 0; i < promised_.size(); ++i)
      if (promised_[i]) {
        ASSERT_EQ(holdings->events[i], *promised_[i]) << "lost: sequence " << i + 1;
      }
    retry(**writer);
  }

  /// Read tables made again from the events are the same.
  void check_rebuild() {
    store::testing::FreshDatabase scratch(engine_);
    const auto report = province_.rebuild(database(), scratch.database());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->same()) << report->differences.front().first_difference;
    EXPECT_EQ(report->events, done_);
  }

  std::int64_t acknowledged() const { return acknowledged_; }
  std::int64_t unanswered() const { return unanswered_ever_; }

 private:
  /// Clients send again what they have no answer to, and some what they have.
  void retry(journal::Writer& writer) {
    std::vector<journal::Command> commands;
    for (const auto& sent : recent_)
      commands.push_back(journal::testing::add(sent.tally, sent.amount, sent.key));
    const auto first = writer.run(commands);
    for (std::size_t i = 0; i < recent_.size(); ++i) {
      ASSERT_TRUE(first.answers[i]) << first.answers[i].error().message;
      EXPECT_TRUE(first.answers[i]->repeated);
      EXPECT_EQ(first.answers[i]->sequence, recent_[i].sequence);
      EXPECT_EQ(first.answers[i]->reply, std::to_string(recent_[i].total));
    }
    commands.clear();
    for (const auto& [key, sent] : unanswered_)
      commands.push_back(journal::testing::add(sent.tally, sent.amount, sent.key));
    for (const auto& answer : writer.run(commands).answers) ASSERT_TRUE(answer);
    done_ += std::ssize(recent_) + std::ssize(unanswered_);
    unanswered_ever_ += std::ssize(unanswered_);
    recent_.clear();
    unanswered_.clear();
    // Every command that was ever asked is recorded once: amounts are positive, none is refused.
    EXPECT_EQ(writer.head().sequence, done_);
  }

  const store::Engine engine_;
  store::testing::FreshDatabase fresh_;
  SystemClock clock_;
  TallyProvince province_{clock_};
  std::vector<std::optional<Entry>> promised_;  // by sequence - 1
  std::vector<Message> recent_;                 // answered since the last check
  std::map<Uuid, Message> unanswered_;
  std::int64_t acknowledged_ = 0;
  std::int64_t unanswered_ever_ = 0;
  std::int64_t done_ = 0;
};

/// Lets a journal run for a random while and kills it.
void run_and_kill(Scene& scene, Random& random) {
  Victim victim(scene.address(), random.next());
  if (random.one_in(10)) {
    victim.next(static_cast<int>(random.below(20)));  // perhaps while it is still starting
  } else {
    auto answers = 1 + static_cast<std::int64_t>(random.below(60));
    while (answers > 0) {
      const auto message = victim.next();
      ASSERT_TRUE(message) << "the journal has stopped by itself";
      ASSERT_NE(message->kind, Kind::fenced);
      ASSERT_NE(message->kind, Kind::failed);
      scene.hear(*message);
      if (message->kind == Kind::acknowledged) --answers;
    }
    // Somewhere inside the next commit.
    if (const auto message = victim.next(static_cast<int>(random.below(4)))) scene.hear(*message);
  }
  victim.kill();
  while (const auto message = victim.next()) scene.hear(*message);
  EXPECT_TRUE(victim.at_end());
  const int status = victim.wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

class KillNine : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (const auto why = store::testing::missing(GetParam())) GTEST_SKIP() << *why;
  }
};

TEST_P(KillNine, loses_nothing_that_was_acknowledged) {
  auto rounds = number_from("VL_KILLS", 200);
  if (GetParam() == store::Engine::postgresql) rounds = std::max<std::uint64_t>(1, rounds / 10);
  Random random(rounds);
  std::int64_t acknowledged = 0;
  std::int64_t unanswered = 0;
  for (std::uint64_t round = 0; round < rounds;) {
    Scene scene(GetParam());
    for (int times = 0; times < 25 && round < rounds; ++times, ++round) {
      run_and_kill(scene, random);
      scene.check();
      ASSERT_FALSE(HasFailure()) << "round " << round;
    }
    scene.check_rebuild();
    acknowledged += scene.acknowledged();
    unanswered += scene.unanswered();
  }
  EXPECT_GT(acknowledged, static_cast<std::int64_t>(rounds) * 10);
  EXPECT_GT(unanswered, 0) << "never killed with a command on its way";
  fmt::print("  {} rounds on {}: {} commands acknowledged, 0 lost; {} without an answer\n", rounds,
             store::testing::name_of(GetParam()), acknowledged, unanswered);
}

TEST_P(KillNine, of_two_journals_on_one_store_one_is_fenced_and_nothing_forks) {
  const int rounds = GetParam() == store::Engine::sqlite ? 10 : 5;
  Scene scene(GetParam());
  Random random(5);
  for (int round = 0; round < rounds; ++round) {
    std::array<std::unique_ptr<Victim>, 2> victims;
    // In turns, so that neither waits for us, until one has lost. Who finds the store too busy to
    // open at all is told so and ends: another one tries.
    std::set<const Victim*> fenced;
    int turned_away = 0;
    while (fenced.empty()) {
      for (auto& victim : victims) {
        if (!victim) victim = std::make_unique<Victim>(scene.address(), random.next());
        while (const auto message = victim->next(1)) {
          // SQLite's one lock is not fair: who waits for it too long is refused.
          if (GetParam() != store::Engine::sqlite) ASSERT_NE(message->kind, Kind::failed);
          if (message->kind == Kind::fenced) fenced.insert(victim.get());
          scene.hear(*message);
        }
        if (!victim->at_end() || !fenced.empty()) continue;
        const int status = WEXITSTATUS(victim->wait());
        ASSERT_TRUE(status == kCouldNotOpen || (status == 0 && GetParam() == store::Engine::sqlite))
            << status;
        ASSERT_LT(++turned_away, 10);
        victim.reset();
      }
    }
    Victim& loser = fenced.contains(victims[0].get()) ? *victims[0] : *victims[1];
    Victim& winner = fenced.contains(victims[0].get()) ? *victims[1] : *victims[0];
    int late = 0;
    while (const auto message = loser.next()) {
      late += message->kind == Kind::acknowledged ? 1 : 0;
      scene.hear(*message);
    }
    // Its other threads may tell now what they were answered before, each once.
    EXPECT_LT(late, Victim::threads) << "answered after it was fenced";
    EXPECT_TRUE(loser.at_end());
    EXPECT_EQ(loser.wait(), 0) << "the loser ends in order";
    for (int answers = 20; answers > 0;) {
      const auto message = winner.next();
      ASSERT_TRUE(message);
      ASSERT_NE(message->kind, Kind::fenced) << "both were fenced";
      scene.hear(*message);
      if (message->kind == Kind::acknowledged) --answers;
    }
    winner.kill();
    while (const auto message = winner.next()) scene.hear(*message);
    winner.wait();
    scene.check();
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  scene.check_rebuild();
}

INSTANTIATE_TEST_SUITE_P(Engines, KillNine,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& p) { return store::testing::name_of(p.param); });

}  // namespace
}  // namespace vl::simulation
