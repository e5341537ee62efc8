#include <algorithm>
#include <chrono>

#include <vonglau/base/log.hpp>
#include <vonglau/recording/disk_worker.hpp>

namespace vl::recording {

namespace {
/// Fragments of many cameras come one by one; written together, they wake a thread once.
constexpr std::chrono::milliseconds gather{20};

std::size_t bytes_of(const NewFragment& fragment) {
  std::size_t sum = 0;
  for (const auto& sample : fragment.samples) sum += sample->bytes.size();
  return sum;
}
}  // namespace

DiskWorker::DiskWorker(FragmentStore& store, const Clock& clock, WorkerOptions options)
    : store_(store),
      clock_(clock),
      options_(options),
      writing_([this] { run_writing(); }),
      syncing_([this] { run_syncing(); }) {
  if (store_.has_slow_disks()) moving_ = std::thread([this] { run_moving(); });
}

DiskWorker::~DiskWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_all();
  changed_.notify_all();
  writing_.join();
  syncing_.join();
  if (moving_.joinable()) moving_.join();
}

void DiskWorker::on_fragment(NewFragment&& fragment) {
  const auto bytes = bytes_of(fragment);
  const std::lock_guard lock(mutex_);
  // Gaps are few and small: they are never refused.
  auto& of_stream = queued_of_stream_[fragment.stream];
  if (queued_bytes_ + bytes <= options_.queue_bytes && queue_.size() < options_.queue_items &&
      of_stream + bytes <= options_.stream_bytes) {
    queued_bytes_ += bytes;
    of_stream += bytes;
    return put(std::move(fragment));
  }
  ++counters_.dropped;
  put(StreamGap{fragment.stream,
                {fragment.start_us, fragment.end_us, GapCause::recorder_overloaded,
                 "the queue to the disk is full"}});
}

bool DiskWorker::offer(NewFragment&& fragment) {
  const auto bytes = bytes_of(fragment);
  const std::lock_guard lock(mutex_);
  const bool idle =
      queued_bytes_ + bytes <= options_.queue_bytes / 8 && queue_.size() < options_.queue_items / 8;
  // However large it is, it is taken when nothing else waits.
  if (!idle && !queue_.empty()) return false;
  queued_bytes_ += bytes;
  queued_of_stream_[fragment.stream] += bytes;
  put(std::move(fragment));
  return true;
}

void DiskWorker::on_gap(const StreamKey& stream, const Gap& gap) {
  const std::lock_guard lock(mutex_);
  put(StreamGap{stream, gap});
}

/// Under the mutex.
void DiskWorker::put(Item&& item) {
  ++given_;
  queue_.push_back(std::move(item));
  if (queue_.size() == 1 || queued_bytes_ > options_.queue_bytes / 8) queued_.notify_one();
}

void DiskWorker::drain() {
  std::unique_lock lock(mutex_);
  const auto wanted = given_;
  ++drains_;
  queued_.notify_all();
  changed_.notify_all();
  changed_.wait(lock, [&] { return settled_ >= wanted; });
  --drains_;
}

WorkerCounters DiskWorker::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void DiskWorker::write(Item& item) {
  if (auto* fragment = std::get_if<NewFragment>(&item)) {
    if (auto stored = store_.append(*fragment); !stored) {
      const std::lock_guard lock(mutex_);  // the store has told its observer
      ++counters_.refused;
    }
    return;
  }
  const auto& [stream, gap] = std::get<StreamGap>(item);
  if (auto told = store_.gap(stream, gap); !told)
    log::error("recording.gap_refused",
               {{"camera", stream.camera.text()}, {"code", std::string(told.error().code.name)}});
}

void DiskWorker::sync_now() {
  const auto before_us = clock_.mono().us;
  const auto outcome = store_.sync();
  const auto took_us = clock_.mono().us - before_us;
  if (!outcome)
    log::error("recording.sync_failed", {{"code", std::string(outcome.error().code.name)}});
  const std::lock_guard lock(mutex_);
  ++counters_.syncs;
  counters_.longest_sync_us = std::max(counters_.longest_sync_us, took_us);
  if (!outcome) return;
  counters_.fragments += outcome->fragments;
  counters_.bytes += outcome->bytes;
  counters_.refused += outcome->lost.size();
}

void DiskWorker::run_writing() {
  for (;;) {
    std::deque<Item> batch;
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, [&] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      queued_.wait_for(lock, gather, [&] {
        return stopping_ || drains_ > 0 || queued_bytes_ > options_.queue_bytes / 8;
      });
      batch.swap(queue_);
    }
    for (auto& item : batch) {
      const auto before_us = clock_.mono().us;
      write(item);
      const auto took_us = clock_.mono().us - before_us;
      const auto* fragment = std::get_if<NewFragment>(&item);
      const auto bytes = fragment != nullptr ? bytes_of(*fragment) : 0;
      const auto stream = fragment != nullptr ? fragment->stream : StreamKey{};
      item = StreamGap{};
      const std::lock_guard lock(mutex_);
      if (bytes > 0) {
        queued_bytes_ -= bytes;
        const auto share = queued_of_stream_.find(stream);
        if ((share->second -= bytes) == 0) queued_of_stream_.erase(share);
      }
      ++written_;
      counters_.longest_write_us = std::max(counters_.longest_write_us, took_us);
    }
    changed_.notify_all();
  }
}

void DiskWorker::run_syncing() {
  auto next_reclaim_us = clock_.mono().us;
  for (bool last = false; !last;) {
    std::uint64_t written = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(options_.sync_interval_ms),
                        [&] { return (stopping_ || drains_ > 0) && written_ > settled_; });
      written = written_;
      last = stopping_ && written_ == given_;
    }
    sync_now();
    {
      const std::lock_guard lock(mutex_);
      settled_ = written;
    }
    changed_.notify_all();
    const auto now_us = clock_.mono().us;
    if (now_us < next_reclaim_us) continue;
    if (auto freed = store_.reclaim(); !freed)
      log::error("recording.reclaim_failed", {{"code", std::string(freed.error().code.name)}});
    next_reclaim_us = now_us + options_.reclaim_interval_ms * 1000;
  }
}

void DiskWorker::run_moving() {
  bool more = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (!more)
        changed_.wait_for(lock, std::chrono::milliseconds(options_.move_interval_ms),
                          [&] { return stopping_; });
      if (stopping_) return;
    }
    const auto moved = store_.move_down();
    if (!moved)
      log::error("recording.move_failed", {{"code", std::string(moved.error().code.name)}});
    more = moved.value_or(false);
  }
}

}  // namespace vl::recording
