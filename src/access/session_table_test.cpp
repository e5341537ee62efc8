#include <gtest/gtest.h>

#include <vonglau/access/schema.hpp>
#include <vonglau/access/session_table.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::access {
namespace {

constexpr std::int64_t kMinute = 60'000'000;

class SessionTableTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    session_ = session();
    ASSERT_TRUE(store::migrate(*session_, std::span(&migrations(), 1), clock_));
    restart();
  }
  void TearDown() override { session_.reset(); }
  void restart() {
    table_ = std::make_unique<SessionTable>(ProvinceId{24}, clock_, policy_);
    ASSERT_TRUE(table_->load(*session_));
  }
  std::string sign_in(PersonId person, Roles roles = {Role::call_taker}) {
    const NewSession fresh = table_->prepare(person, roles);
    EXPECT_TRUE(table_->write(*session_, fresh));
    table_->admit(fresh);
    return fresh.token;
  }
  std::int64_t rows() {
    return session_->query_integer("SELECT count(*) FROM access_sessions")->value_or(-1);
  }
  PersonId person() { return {ids_.next()}; }

  ManualClock clock_;
  SeededIdSource ids_{clock_, 5};
  SessionPolicy policy_;
  std::unique_ptr<store::Session> session_;
  std::unique_ptr<SessionTable> table_;
};

TEST_P(SessionTableTest, knows_its_tokens_and_no_others_over_a_restart_too) {
  const PersonId who = person();
  const std::string token = sign_in(who), other = sign_in(who);
  EXPECT_NE(token, other);
  for (int i = 0; i < 2; ++i) {
    const auto info = table_->find(token);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->person, who);
    std::string changed = token;
    changed[5] = changed[5] == 'A' ? 'B' : 'A';
    for (const std::string& bad : {changed, token + "A", token.substr(1), std::string()}) {
      const auto refused = table_->find(bad);
      ASSERT_FALSE(refused) << bad;
      EXPECT_EQ(refused.error().code, code_of(AccessError::not_signed_in));
    }
    restart();
  }
}

TEST_P(SessionTableTest, stores_no_token) {
  const std::string token = sign_in(person());
  ASSERT_TRUE(
      session_->query("SELECT token_hash FROM access_sessions", {}, [&](const store::Row& row) {
        const Bytes raw = *from_base64url(token);
        EXPECT_FALSE(std::ranges::equal(row.bytes(0), raw));
        const Digest expected = sha256(raw);
        EXPECT_TRUE(std::ranges::equal(row.bytes(0), expected));
        return true;
      }));
}

TEST_P(SessionTableTest, ends_a_session_that_is_not_used_and_keeps_one_that_is) {
  const std::string idle = sign_in(person()), used = sign_in(person());
  for (int i = 0; i < 59; ++i) {
    clock_.advance_us(kMinute);
    ASSERT_TRUE(table_->find(used));
  }
  clock_.advance_us(kMinute);
  EXPECT_FALSE(table_->find(idle));
  EXPECT_TRUE(table_->find(used));
}

TEST_P(SessionTableTest, ends_an_administrators_session_after_a_quarter_of_an_hour) {
  const std::string token = sign_in(person(), {Role::administrator, Role::duty_officer});
  clock_.advance_us(15 * kMinute - 1);
  ASSERT_TRUE(table_->find(token));
  clock_.advance_us(15 * kMinute);
  EXPECT_FALSE(table_->find(token));
}

TEST_P(SessionTableTest, ends_every_session_after_a_shift) {
  const std::string token = sign_in(person());
  for (int i = 0; i < 12 * 60 - 1; ++i) {
    clock_.advance_us(kMinute);
    ASSERT_TRUE(table_->find(token)) << i;
  }
  const auto info = table_->find(token);
  EXPECT_EQ(info->expires, clock_.wall().plus_us(kMinute));
  EXPECT_EQ(info->idle_expires, clock_.wall().plus_us(kMinute));
  clock_.advance_us(kMinute);
  EXPECT_FALSE(table_->find(token));
}

TEST_P(SessionTableTest, counts_idle_time_over_a_restart_from_the_last_flush) {
  const std::string token = sign_in(person());
  clock_.advance_us(50 * kMinute);
  ASSERT_TRUE(table_->find(token));
  ASSERT_TRUE(table_->flush(*session_));
  restart();
  clock_.advance_us(50 * kMinute);
  ASSERT_TRUE(table_->find(token));
  restart();  // not flushed: the use just now is forgotten
  clock_.advance_us(10 * kMinute);
  EXPECT_FALSE(table_->find(token));
}

TEST_P(SessionTableTest, is_not_moved_by_a_jump_of_the_wall_clock) {
  const std::string token = sign_in(person());
  clock_.jump_wall_us(48 * 60 * kMinute);
  EXPECT_TRUE(table_->find(token));
  clock_.jump_wall_us(-96 * 60 * kMinute);
  EXPECT_TRUE(table_->find(token));
  clock_.advance_us(60 * kMinute);
  EXPECT_FALSE(table_->find(token));
}

TEST_P(SessionTableTest, signs_out_one_session_or_all_of_a_person) {
  const PersonId who = person(), other = person();
  const std::string a = sign_in(who), b = sign_in(who), c = sign_in(who), d = sign_in(other);
  ASSERT_TRUE(table_->end(*session_, a));
  ASSERT_TRUE(table_->end(*session_, a));
  EXPECT_FALSE(table_->find(a));
  ASSERT_TRUE(table_->write_end_all(*session_, who, b));
  table_->forget_all(who, b);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(table_->find(b));
    EXPECT_FALSE(table_->find(c));
    EXPECT_TRUE(table_->find(d));
    restart();
  }
  EXPECT_EQ(rows(), 2);
  ASSERT_TRUE(table_->write_end_all(*session_, who));
  table_->forget_all(who);
  EXPECT_FALSE(table_->find(b));
}

TEST_P(SessionTableTest, gives_up_the_oldest_when_there_are_too_many) {
  policy_.per_person = 2;
  policy_.total = 4;
  restart();
  const PersonId who = person();
  const std::string first = sign_in(who), second = sign_in(who), third = sign_in(who);
  EXPECT_FALSE(table_->find(first));
  EXPECT_TRUE(table_->find(third));
  clock_.advance_us(1);
  const std::string others[] = {sign_in(person()), sign_in(person())};
  clock_.advance_us(1);
  ASSERT_TRUE(table_->find(third));
  const std::string last = sign_in(person());
  EXPECT_FALSE(table_->find(second));  // used least lately of all
  for (const std::string& kept : {third, others[0], others[1], last})
    EXPECT_TRUE(table_->find(kept));
  ASSERT_TRUE(table_->flush(*session_));
  EXPECT_EQ(rows(), 4);
}

TEST_P(SessionTableTest, asks_for_the_csrf_token_of_the_same_session) {
  const std::string one = sign_in(person()), two = sign_in(person());
  const std::string csrf = table_->find(one)->csrf_token;
  EXPECT_EQ(csrf.size(), 43U);
  EXPECT_NE(csrf, one);
  EXPECT_TRUE(table_->check_csrf(one, csrf));
  for (const std::string& bad : {table_->find(two)->csrf_token, std::string(), one})
    EXPECT_EQ(table_->check_csrf(one, bad).error().code, code_of(AccessError::wrong_csrf_token));
}

TEST_P(SessionTableTest, drops_the_rows_of_what_has_ended) {
  sign_in(person());
  clock_.advance_us(61 * kMinute);
  ASSERT_TRUE(table_->flush(*session_));
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(table_->size(), 0U);
  sign_in(person());
  clock_.advance_us(61 * kMinute);
  restart();
  ASSERT_TRUE(table_->flush(*session_));
  EXPECT_EQ(rows(), 0);
}

TEST(Cookies, carry_the_token_where_only_this_site_gets_it) {
  EXPECT_EQ(set_cookie("abc"), "__Host-vonglau=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
  EXPECT_EQ(token_in_cookies("a=b; __Host-vonglau=abc; c=d"), "abc");
  EXPECT_EQ(token_in_cookies("__Host-vonglau=abc"), "abc");
  EXPECT_EQ(token_in_cookies("__Host-vonglau=one; __Host-vonglau=two"), "one");
  for (const char* none : {"", ";", "a=b", "x__Host-vonglau=abc", "__Host-vonglau",
                           "__Host-vonglau2=x", "a=__Host-vonglau=b", "__host-vonglau=abc"})
    EXPECT_EQ(token_in_cookies(none), "") << none;
}

VL_ON_EACH_ENGINE(SessionTableTest);

}  // namespace
}  // namespace vl::access
