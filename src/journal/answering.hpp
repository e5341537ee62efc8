// Tells callers how their commands ended, on a thread of its own, so that the writer is already
// in the next batch while those of the last one are woken. Waking a caller costs the writer a
// system call, and with hundreds of them as much as their rows.
//
// Owned by one Journal; only the writer's thread gives. Batches are answered in the order given,
// never two at once, and at most one waits beside the one being answered.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <vonglau/journal/journal.hpp>

namespace vl::journal {

class Answering {
 public:
  struct Batch {
    std::vector<Command> commands;
    std::vector<Journal::Done> dones;
    std::vector<Result<Receipt>> answers;
  };
  /// `told` runs after each batch's answers.
  explicit Answering(std::function<void()> told);
  /// Answers all that was given.
  ~Answering();

  /// A few answers to give and nobody before them: given at once, on the caller's thread, which
  /// is quicker than to wake another. Otherwise waits until the batch before has been taken.
  void give(Batch&& batch);

 private:
  void work();
  void answer(Batch& batch);

  std::function<void()> told_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Batch> next_;
  bool answering_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vl::journal
