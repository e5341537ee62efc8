#include "answering.hpp"

#include <atomic>
#include <chrono>
#include <latch>

#include <gtest/gtest.h>

namespace vl::journal {
namespace {

/// Answers with the sequences `from` to `from + count - 1`, each told to `done`.
Answering::Batch batch_of(std::int64_t from, std::int64_t count, const Journal::Done& done) {
  Answering::Batch batch;
  for (auto sequence = from; sequence < from + count; ++sequence) {
    batch.commands.emplace_back();
    batch.dones.push_back(done);
    batch.answers.emplace_back(Receipt{sequence, "", false});
  }
  return batch;
}

TEST(Answering, every_answer_is_given_once_in_order_and_none_is_left_at_the_end) {
  std::vector<std::int64_t> answered;  // never two answers at once: needs no lock
  int told = 0;
  std::int64_t given = 0;
  {
    Answering answering([&] { ++told; });
    const auto note = [&](Result<Receipt> answer) { answered.push_back(answer->sequence); };
    for (int i = 0; i < 300; ++i) {  // small and large ones by turns
      const std::int64_t count = i % 3 == 0 ? 1 : 50;
      answering.give(batch_of(given, count, note));
      given += count;
    }
  }
  ASSERT_EQ(static_cast<std::int64_t>(answered.size()), given);
  for (std::size_t i = 0; i < answered.size(); ++i)
    ASSERT_EQ(answered[i], static_cast<std::int64_t>(i));
  EXPECT_EQ(told, 300);
}

TEST(Answering, the_giver_goes_on_while_a_large_batch_is_answered_but_only_one_may_wait) {
  std::latch first_begun(1);
  std::latch go_on(1);
  std::atomic<int> answered{0};
  std::atomic<bool> third_given{false};
  Answering answering([] {});
  answering.give(batch_of(0, 100, [&](const Result<Receipt>& answer) {
    if (answer->sequence == 0) {
      first_begun.count_down();
      go_on.wait();
    }
    ++answered;
  }));
  first_begun.wait();
  const auto count = [&](const Result<Receipt>&) { ++answered; };
  answering.give(batch_of(100, 1, count));  // comes back although the first is being answered
  std::thread third([&] {
    answering.give(batch_of(101, 1, count));
    third_given = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // time enough to be wrong
  EXPECT_EQ(answered, 0);
  EXPECT_FALSE(third_given);
  go_on.count_down();
  third.join();
  while (answered < 102) std::this_thread::yield();
}

TEST(Answering, a_few_answers_are_given_on_the_givers_own_thread) {
  Answering answering([] {});
  std::thread::id on;
  answering.give(batch_of(0, 1, [&](const Result<Receipt>&) { on = std::this_thread::get_id(); }));
  EXPECT_EQ(on, std::this_thread::get_id());
}

}  // namespace
}  // namespace vl::journal
