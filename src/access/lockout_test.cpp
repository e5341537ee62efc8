#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/access/lockout.hpp>
#include <vonglau/access/schema.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::access {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

class LockoutTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    session_ = session();
    ASSERT_TRUE(store::migrate(*session_, std::span(&migrations(), 1), clock_));
    lockout_ = std::make_unique<Lockout>(ProvinceId{24}, key_, clock_);
  }
  void TearDown() override { session_.reset(); }
  /// Seconds to wait, 0 when the attempt was let through (and failed).
  std::int64_t fail_once(std::string_view login, std::string_view address = "203.0.113.5") {
    const auto attempt = lockout_->begin(*session_, login, address);
    if (attempt) return 0;
    EXPECT_EQ(attempt.error().error.code, code_of(AccessError::locked));
    return attempt.error().retry_after_s;
  }

  ManualClock clock_;
  const vault::Key key_ = vault::Key::random();
  std::unique_ptr<store::Session> session_;
  std::unique_ptr<Lockout> lockout_;
};

TEST_P(LockoutTest, makes_each_further_failure_wait_twice_as_long_up_to_a_quarter_of_an_hour) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fail_once("an"), 0) << i;
  for (const std::int64_t wait_s : {30, 60, 120, 240, 480, 900, 900}) {
    EXPECT_EQ(fail_once("an"), wait_s);
    clock_.advance_us((wait_s - 1) * kSecond);
    EXPECT_EQ(fail_once("an"), 1);  // asking early does not make it longer
    clock_.advance_us(kSecond);
    EXPECT_EQ(fail_once("an"), 0);
  }
}

TEST_P(LockoutTest, says_when_the_attempt_locks_the_account) {
  for (int i = 1; i < 5; ++i)
    EXPECT_FALSE(lockout_->begin(*session_, "an", "203.0.113.5")->locked_until);
  const auto fifth = lockout_->begin(*session_, "an", "203.0.113.5");
  EXPECT_EQ(fifth->failures, 5);
  EXPECT_EQ(fifth->locked_until, clock_.wall().plus_us(30 * kSecond));
}

TEST_P(LockoutTest, starts_anew_after_a_success) {
  for (int i = 0; i < 4; ++i) ASSERT_EQ(fail_once("an"), 0);
  const auto right = lockout_->begin(*session_, "an", "203.0.113.5");
  ASSERT_TRUE(right);
  ASSERT_TRUE(lockout_->succeeded(*session_, *right));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fail_once("an"), 0);
  EXPECT_EQ(fail_once("an"), 30);
}

TEST_P(LockoutTest, does_not_count_what_was_undone) {
  for (int i = 0; i < 20; ++i) {
    const auto attempt = lockout_->begin(*session_, "an", "203.0.113.5");
    ASSERT_TRUE(attempt) << i;
    ASSERT_TRUE(lockout_->undo(*session_, *attempt));
  }
}

TEST_P(LockoutTest, keeps_accounts_apart) {
  for (int i = 0; i < 6; ++i) fail_once("an");
  EXPECT_GT(fail_once("an"), 0);
  EXPECT_EQ(fail_once("binh"), 0);
}

TEST_P(LockoutTest, stops_an_address_that_tries_many_accounts) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(fail_once("person" + std::to_string(i), "2001:db8:1:2::1"), 0);
  EXPECT_EQ(fail_once("another", "2001:db8:1:2:ffff::9"), 30);  // the same network
  EXPECT_EQ(fail_once("another", "2001:db8:1:3::1"), 0);
}

TEST_P(LockoutTest, a_success_does_not_free_the_address_for_others) {
  for (int i = 0; i < 29; ++i) fail_once("person" + std::to_string(i));
  const auto own = lockout_->begin(*session_, "insider", "203.0.113.5");
  ASSERT_TRUE(own);
  ASSERT_TRUE(lockout_->succeeded(*session_, *own));
  EXPECT_EQ(fail_once("a"), 0);
  EXPECT_EQ(fail_once("b"), 30);
}

TEST_P(LockoutTest, counts_an_address_in_either_spelling_as_one) {
  for (int i = 0; i < 30; ++i) fail_once("person" + std::to_string(i), "::ffff:203.0.113.7");
  EXPECT_EQ(fail_once("another", "203.0.113.7"), 30);
}

TEST_P(LockoutTest, survives_a_restart) {
  for (int i = 0; i < 5; ++i) fail_once("an");
  lockout_ = std::make_unique<Lockout>(ProvinceId{24}, key_, clock_);
  EXPECT_EQ(fail_once("an"), 30);
}

TEST_P(LockoutTest, forgets_after_a_day_and_is_swept) {
  for (int i = 0; i < 4; ++i) fail_once("an");
  clock_.advance_us(24LL * 3600 * kSecond);
  EXPECT_EQ(fail_once("an"), 0);
  EXPECT_EQ(lockout_->begin(*session_, "an", "203.0.113.5")->failures, 2);
  clock_.advance_us(25LL * 3600 * kSecond);
  EXPECT_EQ(lockout_->sweep(*session_), 2);
  EXPECT_EQ(session_->query_integer("SELECT count(*) FROM access_lockouts"), 0);
}

TEST_P(LockoutTest, locks_nobody_out_for_long_when_the_clock_is_set_back) {
  for (int i = 0; i < 5; ++i) fail_once("an");
  clock_.jump_wall_us(-365LL * 24 * 3600 * kSecond);
  EXPECT_LE(fail_once("an"), 900);
}

TEST_P(LockoutTest, lets_an_administrator_clear_an_account) {
  for (int i = 0; i < 6; ++i) fail_once("an");
  ASSERT_TRUE(lockout_->clear_account(*session_, "an"));
  EXPECT_EQ(fail_once("an"), 0);
}

TEST_P(LockoutTest, counts_guesses_made_at_the_same_time) {
  std::atomic<int> let_through = 0;
  std::vector<std::unique_ptr<store::Session>> sessions;
  for (int i = 0; i < 8; ++i) sessions.push_back(session());
  std::vector<std::thread> guesses;
  for (auto& mine : sessions)
    guesses.emplace_back([&] {
      for (int i = 0; i < 4; ++i)
        if (lockout_->begin(*mine, "an", "203.0.113.5")) ++let_through;
    });
  for (auto& guess : guesses) guess.join();
  EXPECT_EQ(let_through, 5);
}

TEST_P(LockoutTest, stores_neither_login_nor_address) {
  fail_once("trang.nguyen", "203.0.113.5");
  ASSERT_TRUE(session_->query("SELECT counted FROM access_lockouts", {}, [](const store::Row& row) {
    EXPECT_EQ(row.bytes(0).size(), 32U);
    return true;
  }));
}

VL_ON_EACH_ENGINE(LockoutTest);

}  // namespace
}  // namespace vl::access
