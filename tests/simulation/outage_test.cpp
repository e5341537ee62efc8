// PostgreSQL stopped, in order or at once as when its machine loses power, under a journal with
// callers and a reader: they are told, nothing acknowledged is lost or done twice, and both go on
// by themselves when the server is back.
#include <atomic>
#include <set>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <vonglau/store/testing/private_postgres.hpp>

#include "tally_province.hpp"

namespace vl::simulation {
namespace {

using store::testing::PrivatePostgres;

struct Answered {
  Entry entry;
  std::int64_t sequence = 0;
};

/// Callers that send a command again with its key until it is answered, as our browser does.
class Callers {
 public:
  Callers(journal::Journal& journal, IdSource& ids, int count) : journal_(journal), ids_(ids) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { call(); });
  }
  ~Callers() { stop(); }
  void stop() {
    stopping_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  std::int64_t answers() const { return answers_; }
  std::int64_t refusals() const { return refusals_; }
  /// After stop().
  const std::vector<Answered>& answered() const { return answered_; }
  const std::set<std::string>& codes() const { return codes_; }
  const std::set<std::string>& unnamed() const { return unnamed_; }

 private:
  void call() {
    const Uuid tally = ids_.next();
    while (!stopping_) {
      const Uuid key = ids_.next();
      while (!hear(tally, journal_.execute(journal::testing::add(tally, 1, key))))
        ::poll(nullptr, 0, 2);  // a client's patience
    }
  }
  bool hear(const Uuid& tally, const Result<journal::Receipt>& answer) {
    const std::scoped_lock lock(mutex_);
    if (answer) {
      answered_.push_back({{tally, 1}, answer->sequence});
      ++answers_;
      return true;
    }
    ++refusals_;
    codes_.insert(std::string(answer.error().code.name));
    if (answer.error().message.find("PostgreSQL") == std::string::npos)
      unnamed_.insert(answer.error().message);
    return false;
  }

  journal::Journal& journal_;
  IdSource& ids_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> answers_{0};
  std::atomic<std::int64_t> refusals_{0};
  std::mutex mutex_;
  std::vector<Answered> answered_;
  std::set<std::string> codes_;
  std::set<std::string> unnamed_;
  std::vector<std::thread> threads_;
};

void wait_until(const std::function<bool()>& reached) {
  for (int ms = 0; !reached(); ++ms) {
    ASSERT_LT(ms, 120'000) << "waited two minutes";
    ::poll(nullptr, 0, 1);
  }
}

TEST(Outage, of_the_database_is_told_to_callers_and_loses_nothing) {
  if (const auto why = PrivatePostgres::missing()) GTEST_SKIP() << *why;
  PrivatePostgres server;
  const SystemClock clock;
  SystemIdSource ids(clock);
  TallyProvince province(clock);
  const auto database = *store::open_database(server.address("outage"));
  ASSERT_TRUE(province.migrate(*database));
  journal::JournalOptions options;
  options.ask_again_us = 20'000;
  auto journal = *province.open_journal(*database, options);
  std::atomic<std::int64_t> told{0};
  std::atomic<bool> in_order{true};
  const auto watch = journal->tail().watch([&](std::int64_t head) {
    if (head <= told.exchange(head)) in_order = false;
  });
  const auto reader = std::move(*database->open_reader());
  const auto look = [&] {
    return reader->query_integer("SELECT count(*) FROM journal_events WHERE province_id = $1",
                                 {kProvince});
  };
  Callers callers(*journal, ids, 6);
  for (int times = 0; times < 4; ++times) {
    wait_until([&, from = callers.answers()] { return callers.answers() > from + 100; });
    const auto refused = callers.refusals();
    ASSERT_TRUE(look());
    if (times % 2 == 0)
      server.kill();
    else
      server.stop();
    wait_until([&] { return callers.refusals() > refused + 6; });
    EXPECT_FALSE(journal->healthy());
    EXPECT_FALSE(look());
    const auto answered = callers.answers();
    server.start();
    wait_until([&] { return journal->healthy() && callers.answers() > answered + 6; });
    const auto seen = look();
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_GE(*seen, answered);
  }
  callers.stop();

  EXPECT_EQ(callers.unnamed(), std::set<std::string>{}) << "an error that does not name the server";
  for (const auto& code : callers.codes())
    EXPECT_TRUE(code == "store.unavailable" || code == "store.uncertain") << code;
  const auto holdings = read_holdings(*database);
  ASSERT_TRUE(holdings) << holdings.error().message;
  EXPECT_EQ(holdings->unsound, "");
  EXPECT_EQ(std::ssize(holdings->events), callers.answers()) << "lost, or done twice";
  for (const auto& [entry, sequence] : callers.answered()) {
    ASSERT_LE(sequence, std::ssize(holdings->events)) << "lost";
    ASSERT_EQ(holdings->events[static_cast<std::size_t>(sequence) - 1], entry);
  }
  const auto tail = journal->tail().read(1, 1'000'000);
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->size(), holdings->events.size()) << "watchers have missed events";
  EXPECT_TRUE(in_order);
  fmt::print("  4 outages: {} commands acknowledged, {} refusals, 0 lost\n", callers.answers(),
             callers.refusals());
}

}  // namespace
}  // namespace vl::simulation
