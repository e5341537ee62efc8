// A store that fails around a commit: what it kept is told once and in order, what it did not
// keep is never shown, and a journal finds by itself that its store is back.
#include <atomic>

#include <gtest/gtest.h>

#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/testing/tally.hpp>
#include <vonglau/journal/verify.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::journal {
namespace {

using testing::add;

enum class Fault { none, answer_lost, commit_lost, away };

/// A real session whose commits lose their answer, or themselves.
class FaultySession final : public store::Session {
 public:
  using Session::execute;
  using Session::post;
  using Session::query;

  FaultySession(std::unique_ptr<Session> real, const std::atomic<Fault>& fault)
      : real_(std::move(real)), fault_(fault) {}

  store::Engine engine() const override { return real_->engine(); }
  Result<void> begin_write() override {
    if (fault_ == Fault::away) return fail(store::StoreError::unavailable, "the store is away");
    return real_->begin_write();
  }
  Result<void> begin_read() override { return real_->begin_read(); }
  Result<void> commit() override {
    if (fault_ == Fault::none) return real_->commit();
    if (fault_ == Fault::answer_lost) EXPECT_TRUE(real_->commit());
    if (fault_ == Fault::commit_lost) real_->rollback();
    return fail(store::StoreError::uncertain, "the line was cut during the commit");
  }
  void rollback() override { real_->rollback(); }
  Result<std::int64_t> execute(std::string_view sql,
                               std::span<const store::Value> values) override {
    return real_->execute(sql, values);
  }
  Result<void> post(std::string_view sql, std::span<const store::Value> values) override {
    return real_->post(sql, values);
  }
  Result<void> query(std::string_view sql, std::span<const store::Value> values,
                     const store::OnRow& on_row) override {
    return real_->query(sql, values, on_row);
  }
  Result<void> script(std::string_view sql) override { return real_->script(sql); }

 private:
  std::unique_ptr<Session> real_;
  const std::atomic<Fault>& fault_;
};

class FaultyDatabase final : public store::Database {
 public:
  FaultyDatabase(Database& real, const std::atomic<Fault>& fault) : real_(real), fault_(fault) {}
  store::Engine engine() const override { return real_.engine(); }
  Result<std::unique_ptr<store::Session>> open_session() override {
    VL_TRY(auto session, real_.open_session());
    return std::make_unique<FaultySession>(std::move(session), fault_);
  }
  Result<std::unique_ptr<store::Session>> open_reader() override { return real_.open_reader(); }

 private:
  Database& real_;
  const std::atomic<Fault>& fault_;
};

class UncertainStore : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    const store::MigrationSet sets[] = {migrations(), testing::tally_migrations()};
    ASSERT_TRUE(store::migrate(*session(), sets, clock_));
    faulty_.emplace(database(), fault_);
    JournalOptions options;
    options.writer.province = kProvince;
    options.ask_again_us = 1'000;
    auto opened = Journal::open(*faulty_, clock_, options, {&projection_}, no_upcasters_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    watch_ = journal_->tail().watch([this](std::int64_t head) { told_ = head; });
  }
  void TearDown() override {
    watch_ = {};
    journal_.reset();
  }
  /// The tail's events from the first on must be 1, 2, 3... up to its head.
  void expect_tail_of(std::int64_t count) {
    const auto events = journal_->tail().read(1, 1000);
    ASSERT_TRUE(events);
    ASSERT_EQ(std::ssize(*events), count);
    for (std::size_t i = 0; i < events->size(); ++i)
      EXPECT_EQ((*events)[i]->sequence, static_cast<std::int64_t>(i) + 1);
  }

  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 3};
  std::atomic<Fault> fault_{Fault::none};
  testing::TallyProjection projection_;
  Upcasters no_upcasters_;
  std::optional<FaultyDatabase> faulty_;
  std::unique_ptr<Journal> journal_;
  std::atomic<std::int64_t> told_{0};
  Tail::Watch watch_;
};

TEST_P(UncertainStore, that_kept_the_commit_is_told_of_once_and_in_order) {
  const Uuid a = ids_.next();
  const Uuid key = ids_.next();
  ASSERT_TRUE(journal_->execute(add(a, 1)));
  fault_ = Fault::answer_lost;
  const auto lost = journal_->execute(add(a, 10, key));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code.name, "store.uncertain");
  fault_ = Fault::none;
  const auto again = journal_->execute(add(a, 10, key));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->reply, "11");
  EXPECT_EQ(journal_->execute(add(a, 100))->reply, "111");
  expect_tail_of(3);
  EXPECT_EQ(journal_->head().sequence, 3);
}

TEST_P(UncertainStore, that_kept_the_commit_is_told_of_without_another_command) {
  ASSERT_TRUE(journal_->execute(add(ids_.next(), 1)));
  fault_ = Fault::answer_lost;
  ASSERT_FALSE(journal_->execute(add(ids_.next(), 10)));
  fault_ = Fault::none;
  while (told_ < 2) std::this_thread::yield();
  expect_tail_of(2);
}

TEST_P(UncertainStore, that_lost_the_commit_never_shows_its_events) {
  const Uuid a = ids_.next();
  const Uuid key = ids_.next();
  ASSERT_TRUE(journal_->execute(add(a, 1)));
  const Head before = journal_->head();
  fault_ = Fault::commit_lost;
  ASSERT_FALSE(journal_->execute(add(a, 10, key)));
  EXPECT_EQ(journal_->head().sequence, before.sequence) << "a root would be signed for nothing";
  EXPECT_EQ(journal_->head().hash, before.hash);
  fault_ = Fault::none;
  const auto again = journal_->execute(add(a, 10, key));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->repeated);
  EXPECT_EQ(again->reply, "11");
  EXPECT_EQ(again->sequence, 2);
  expect_tail_of(2);
  EXPECT_TRUE(verify(*session(), kProvince, {})->ok());
}

TEST_P(UncertainStore, that_comes_back_is_noticed_without_a_command) {
  fault_ = Fault::away;
  const auto refused = journal_->execute(add(ids_.next(), 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code.name, "store.unavailable");
  EXPECT_FALSE(journal_->healthy());
  fault_ = Fault::none;
  while (!journal_->healthy()) std::this_thread::yield();
  EXPECT_TRUE(journal_->execute(add(ids_.next(), 1)));
}

VL_ON_EACH_ENGINE(UncertainStore);

}  // namespace
}  // namespace vl::journal
