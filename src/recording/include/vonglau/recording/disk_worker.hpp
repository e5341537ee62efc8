// The threads that write to a FragmentStore: one takes fragments and gaps from any thread
// through a bounded queue, the other syncs a few times a second and reclaims now and then, and a
// third moves footage down where there are slow disks. A slow sync keeps nothing in memory that
// the system could have already.
//
// Fragments of one stream must come from one thread at a time. When the disk cannot keep up and
// the queue is full, the newest fragment is dropped, and its time recorded as a gap. A stream that
// sends very much fills its own share of the queue and loses its own fragments.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <variant>

#include <vonglau/recording/fragment_store.hpp>
#include <vonglau/recording/stream_recorder.hpp>

namespace vl::recording {

struct WorkerOptions {
  std::size_t queue_bytes = 256ULL << 20;
  std::size_t queue_items = 20'000;
  std::size_t stream_bytes = 32ULL << 20;
  /// With CutRules::target_us, the most that a power cut can take.
  std::int64_t sync_interval_ms = 250;
  std::int64_t reclaim_interval_ms = 5'000;
  std::int64_t move_interval_ms = 1'000;  // to slow disks, when there was nothing to do
};

struct WorkerCounters {
  std::uint64_t fragments = 0;  // durable
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;  // queue full
  std::uint64_t refused = 0;  // by the store: disk full or failed, or not durable
  std::uint64_t syncs = 0;
  std::int64_t longest_sync_us = 0;
  std::int64_t longest_write_us = 0;  // of one fragment, into the system's memory
};

class DiskWorker final : public FragmentSink {
 public:
  DiskWorker(FragmentStore& store, const Clock& clock, WorkerOptions options = {});
  /// Writes and syncs what is queued, then ends the threads.
  ~DiskWorker() override;

  void on_fragment(NewFragment&& fragment) override;
  void on_gap(const StreamKey& stream, const Gap& gap) override;
  /// For what can wait: taken, and moved from, only while little waits for the disk.
  bool offer(NewFragment&& fragment);
  /// Returns when everything given before is durable (or was refused, and recorded as a gap).
  void drain();
  WorkerCounters counters() const;

 private:
  struct StreamGap {
    StreamKey stream;
    Gap gap;
  };
  using Item = std::variant<NewFragment, StreamGap>;
  void run_writing();
  void run_syncing();
  void run_moving();
  void put(Item&& item);
  void write(Item& item);
  void sync_now();

  FragmentStore& store_;
  const Clock& clock_;
  WorkerOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable queued_;   // for the writing thread
  std::condition_variable changed_;  // for the syncing one, and for who drains
  std::deque<Item> queue_;
  std::size_t queued_bytes_ = 0;
  std::map<StreamKey, std::size_t> queued_of_stream_;
  std::uint64_t given_ = 0;
  std::uint64_t written_ = 0;  // of what was given
  std::uint64_t settled_ = 0;  // of that, durable or refused
  bool stopping_ = false;
  int drains_ = 0;  // callers waiting
  WorkerCounters counters_;
  std::thread writing_;
  std::thread syncing_;
  std::thread moving_;  // only with slow disks
};

}  // namespace vl::recording
