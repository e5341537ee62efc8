// One province's journal, running: a bounded queue of commands, the writer's own thread with
// group commit, a second thread that answers, and the tail that watchers read. A process may
// hold several, each over its own database or province.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <vonglau/journal/tail.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::journal {

struct JournalOptions {
  WriterOptions writer;
  std::size_t queue_limit = 4096;         // commands waiting; more get queue_full
  std::size_t batch_limit = 512;          // commands in one transaction
  std::size_t tail_events = 50'000;       // newest events kept for watchers
  std::int64_t ask_again_us = 1'000'000;  // how often a store that is away is asked
  std::function<void()> on_fenced;        // another writer took over; called once, writer's thread
};

class Journal {
 public:
  /// Takes the writer's epoch and starts the thread. All references must outlive the journal.
  static Result<std::unique_ptr<Journal>> open(store::Database& database, const Clock& clock,
                                               JournalOptions options,
                                               std::vector<Projection*> projections,
                                               const Upcasters& upcasters);
  /// Finishes the batch in hand; what still waits gets `stopped`.
  ~Journal();

  using Done = std::function<void(Result<Receipt>)>;
  /// `done` is called once after the commit, on a thread of the journal's, one answer at a time
  /// and in the order of the commands; or at once when the queue is full. It must be quick.
  void submit(Command command, Done done);
  /// Submits and waits. Not for a thread of the journal's.
  Result<Receipt> execute(Command command);

  Tail& tail() { return tail_; }
  /// The last event known to be committed; what a root may be signed for.
  Head head() const;
  ProvinceId province() const { return province_; }
  /// The last batch reached the store. False while the store is away; it is asked again by
  /// itself, so this becomes true without a command.
  bool healthy() const { return healthy_; }
  std::size_t waiting() const;

 private:
  Journal(std::unique_ptr<Writer> writer, JournalOptions options);
  void work();

  const ProvinceId province_;
  JournalOptions options_;
  std::unique_ptr<Writer> writer_;
  Tail tail_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::pair<Command, Done>> queue_;
  Head head_;
  std::atomic<bool> healthy_{true};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vl::journal
