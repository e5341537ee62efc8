#include <gtest/gtest.h>

#include <vonglau/fleet/contribution.hpp>

namespace vl::fleet {
namespace {

constexpr std::int64_t hour_us = 3'600'000'000;
constexpr WallTime today{1'800'000'000'000'000};

Uuid person(int n) {
  Uuid out;
  out.bytes[15] = static_cast<std::uint8_t>(n);
  return out;
}
Contribution with(Consent consent) {
  Contribution c;
  c.exists = true;
  c.terms = {consent, OwnerKind::citizen, today.plus_us(24 * hour_us), {}};
  return c;
}
std::string outcome(const Contribution& c, int who = 1, WallTime at = today) {
  const auto permit = decide_view(c, person(who), at);
  return permit ? "allowed" : std::string(permit.error().code.name);
}

TEST(Consent, of_a_camera_that_is_no_contribution_is_not_asked) {
  const auto permit = decide_view(Contribution{}, person(1), today);
  ASSERT_TRUE(permit);
  EXPECT_FALSE(permit->contributed);
  EXPECT_TRUE(may_take(Contribution{}, today));
}

TEST(Consent, for_the_registry_only_denies_everybody_and_the_stream_is_never_taken) {
  const auto c = with(Consent::registry_only);
  EXPECT_EQ(outcome(c), "contribution.not_allowed");
  EXPECT_FALSE(may_take(c, today));
}

TEST(Consent, to_live_allows_until_it_ends_or_is_withdrawn) {
  auto c = with(Consent::live);
  EXPECT_EQ(outcome(c), "allowed");
  EXPECT_TRUE(may_take(c, today));
  EXPECT_EQ(outcome(c, 1, c.terms.expires_us), "contribution.expired");
  EXPECT_FALSE(may_take(c, c.terms.expires_us));
  c.withdrawn = true;
  EXPECT_EQ(outcome(c), "contribution.not_allowed");
  EXPECT_FALSE(may_take(c, today));
}

TEST(Consent, on_request_allows_the_one_who_asked_while_the_grant_lasts_and_nobody_else) {
  auto c = with(Consent::on_request);
  EXPECT_EQ(outcome(c), "contribution.not_granted");
  EXPECT_FALSE(may_take(c, today));
  c.requests[person(9)] = {person(1), ViewReason::crime, 2, {}, {}};
  EXPECT_EQ(outcome(c), "contribution.not_granted") << "asked is not granted";
  c.requests[person(9)].granted = true;
  c.requests[person(9)].until = today.plus_us(2 * hour_us);
  EXPECT_EQ(outcome(c), "allowed");
  EXPECT_EQ(outcome(c, 2), "contribution.not_granted");
  EXPECT_TRUE(may_take(c, today));
  EXPECT_EQ(outcome(c, 1, today.plus_us(2 * hour_us)), "contribution.not_granted");
  EXPECT_FALSE(may_take(c, today.plus_us(2 * hour_us)));
  c.requests[person(9)].granted = false;
  EXPECT_EQ(outcome(c), "contribution.not_granted");
}

TEST(Consent, a_grant_never_outlasts_the_consent) {
  auto c = with(Consent::on_request);
  c.requests[person(9)] = {person(1), ViewReason::fire, 48, true, today.plus_us(48 * hour_us)};
  EXPECT_EQ(decide_view(c, person(1), today)->until, c.terms.expires_us);
  EXPECT_FALSE(check({Consent::live, OwnerKind::business, today, {}}, today));
}

}  // namespace
}  // namespace vl::fleet
