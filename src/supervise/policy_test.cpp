#include <vector>

#include <gtest/gtest.h>

#include <vonglau/supervise/policy.hpp>

namespace vl::supervise {
namespace {

constexpr std::int64_t second_us = 1'000'000;

// A process that ends as soon as it has been started, again and again.
std::vector<std::int64_t> delays_of_a_crash_loop(int rounds) {
  ManualClock clock;
  ProcessLife life({}, clock.mono());
  std::vector<std::int64_t> delays;
  for (int i = 0; i < rounds; ++i) {
    EXPECT_EQ(life.next(clock.mono()), Step::start);
    life.started(clock.mono());
    life.exited(clock.mono());
    delays.push_back(life.due()->us - clock.mono().us);
    EXPECT_EQ(life.next(clock.mono()), Step::wait);
    clock.advance_us(delays.back());
  }
  return delays;
}

struct Running : testing::Test {
  Running() {
    EXPECT_EQ(life.next(clock.mono()), Step::start);
    life.started(clock.mono());
    life.said_ready(clock.mono());
  }
  ManualClock clock;
  ProcessLife life{{}, clock.mono()};
};

TEST(Policy, a_process_is_started_at_once) {
  ManualClock clock;
  ProcessLife life({}, clock.mono());
  EXPECT_EQ(life.next(clock.mono()), Step::start);
  EXPECT_EQ(life.restarts(), 0);
}

TEST(Policy, the_first_restart_comes_at_once_and_a_crash_loop_slows_down_to_half_a_minute) {
  const auto delays = delays_of_a_crash_loop(60);
  EXPECT_EQ(delays[0], 100'000);
  for (std::size_t i = 1; i < 9; ++i) EXPECT_EQ(delays[i], 2 * delays[i - 1]);
  for (std::size_t i = 9; i < delays.size(); ++i) EXPECT_EQ(delays[i], 30 * second_us);
}

TEST(Policy, five_quick_ends_in_a_row_still_restart_within_five_seconds) {
  for (const auto delay : delays_of_a_crash_loop(6)) EXPECT_LT(delay, 5 * second_us);
}

TEST_F(Running, a_stable_run_makes_the_next_end_the_first_again) {
  for (int i = 0; i < 7; ++i) {
    life.exited(clock.mono());
    clock.advance_us(30 * second_us);
    EXPECT_EQ(life.next(clock.mono()), Step::start);
    life.started(clock.mono());
  }
  clock.advance_us(10 * second_us);
  life.exited(clock.mono());
  EXPECT_EQ(life.due()->us - clock.mono().us, 100'000);
  EXPECT_EQ(life.restarts(), 7);
}

TEST(Policy, what_cannot_be_started_is_tried_again_with_the_same_patience) {
  ManualClock clock;
  ProcessLife life({}, clock.mono());
  for (std::int64_t expected : {100'000, 200'000, 400'000}) {
    ASSERT_EQ(life.next(clock.mono()), Step::start);
    life.could_not_start(clock.mono());
    EXPECT_EQ(life.state(), ProcessState::backing_off);
    EXPECT_EQ(life.due()->us - clock.mono().us, expected);
    clock.advance_us(expected);
  }
  EXPECT_EQ(life.restarts(), 0);
}

TEST(Policy, a_process_that_says_nothing_counts_as_running_after_a_while) {
  ManualClock clock;
  ProcessLife life({}, clock.mono());
  ASSERT_EQ(life.next(clock.mono()), Step::start);
  life.started(clock.mono());
  EXPECT_EQ(life.state(), ProcessState::starting);
  const auto settled = life.due()->us - clock.mono().us;
  clock.advance_us(settled - 1);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  EXPECT_EQ(life.state(), ProcessState::starting);
  clock.advance_us(1);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  EXPECT_EQ(life.state(), ProcessState::running);
  EXPECT_FALSE(life.due());
}

TEST_F(Running, silence_is_no_fault_of_a_process_that_never_promised_to_speak) {
  clock.advance_us(3600 * second_us);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
}

TEST_F(Running, a_process_that_falls_silent_is_killed_once_and_restarted) {
  life.said_alive(clock.mono());
  clock.advance_us(19 * second_us);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  life.said_alive(clock.mono());
  clock.advance_us(20 * second_us);
  EXPECT_EQ(life.next(clock.mono()), Step::kill);
  EXPECT_TRUE(life.hung());
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  EXPECT_FALSE(life.due());
  life.exited(clock.mono());
  EXPECT_FALSE(life.hung());
  clock.advance_us(100'000);
  EXPECT_EQ(life.next(clock.mono()), Step::start);
}

TEST_F(Running, a_new_process_is_not_blamed_for_the_silence_of_the_one_before) {
  life.said_alive(clock.mono());
  life.exited(clock.mono());
  clock.advance_us(25 * second_us);
  ASSERT_EQ(life.next(clock.mono()), Step::start);
  life.started(clock.mono());
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
}

TEST_F(Running, stopping_asks_first_and_kills_after_the_grace) {
  life.stop(clock.mono());
  EXPECT_LE(*life.due(), clock.mono());
  EXPECT_EQ(life.next(clock.mono()), Step::ask_to_end);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  clock.advance_us(life.due()->us - clock.mono().us);
  EXPECT_EQ(life.next(clock.mono()), Step::kill);
  EXPECT_FALSE(life.hung());
  life.exited(clock.mono());
  EXPECT_EQ(life.state(), ProcessState::stopped);
  EXPECT_FALSE(life.due());
}

TEST_F(Running, what_ends_when_asked_is_not_restarted) {
  life.stop(clock.mono());
  EXPECT_EQ(life.next(clock.mono()), Step::ask_to_end);
  life.exited(clock.mono());
  clock.advance_us(3600 * second_us);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  EXPECT_EQ(life.state(), ProcessState::stopped);
}

TEST_F(Running, what_waits_for_its_restart_is_stopped_without_one) {
  life.exited(clock.mono());
  life.stop(clock.mono());
  clock.advance_us(3600 * second_us);
  EXPECT_EQ(life.next(clock.mono()), Step::wait);
  EXPECT_EQ(life.state(), ProcessState::stopped);
}

}  // namespace
}  // namespace vl::supervise
