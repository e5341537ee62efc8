// Our recorder under load: everything from the socket to the synced disk, with reports into the
// spool. Nobody watches and no core takes the reports.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include <vonglau/base/memory.hpp>
#include <vonglau/recorder/recorder.hpp>

#include "contenders.hpp"
#include "farm.hpp"
#include "stations.hpp"

namespace vl::bench {
namespace {

node::Assignment assignment_of(const ReceiverOptions& options) {
  node::Assignment assignment{1, {}};
  for (std::size_t i = 0; i < options.cameras; ++i) {
    std::array<std::uint8_t, 16> bytes{0x01, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80};
    bytes[14] = static_cast<std::uint8_t>(i >> 8);
    bytes[15] = static_cast<std::uint8_t>(i);
    assignment.cameras.push_back({Uuid{bytes}, farm_url(options.port, i), {}, {}, {}, 30});
  }
  return assignment;
}

struct Received {
  std::size_t online = 0;
  std::uint64_t packets = 0, lost = 0, left_out = 0, samples = 0;
};

Received sum_of(const std::vector<recorder::CameraNow>& cameras) {
  Received sum;
  for (const auto& camera : cameras) {
    sum.online += camera.online ? 1 : 0;
    sum.packets += camera.main.video.packets;
    sum.lost += camera.main.video.lost;
    sum.left_out += camera.main.video.left_out;
    sum.samples += camera.main.video.samples;
  }
  return sum;
}

/// The turns of the recorder's main thread, until SIGTERM.
template <class Keep, class Cameras>
void keep_until_told(std::size_t cameras, Keep&& keep, Cameras&& now) {
  bool ready = false;
  while (!sigterm_came()) {
    keep();
    if (!ready && sum_of(now()).online == cameras) {
      ready = true;
      say_ready();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

/// Keeps nothing.
class Forgetting final : public recording::FragmentStore {
 public:
  template <class T>
  using R = Result<T>;
  using Key = recording::StreamKey;
  R<recording::FragmentId> append(const recording::NewFragment& fragment) override {
    const std::lock_guard lock(mutex_);
    ends_[fragment.stream] = fragment.end_us;
    ++fragments;
    return recording::FragmentId{fragment.stream, fragments};
  }
  R<void> gap(const Key&, const recording::Gap&) override {
    ++gaps_told;
    return {};
  }
  R<recording::SyncOutcome> sync() override { return recording::SyncOutcome{}; }
  R<std::uint64_t> reclaim() override { return 0; }
  std::vector<Key> streams() const override { return {}; }
  std::optional<std::int64_t> end_us(const Key& stream) const override {
    const std::lock_guard lock(mutex_);
    const auto found = ends_.find(stream);
    return found == ends_.end() ? std::nullopt : std::optional(found->second);
  }
  R<std::vector<recording::FragmentRef>> find(const Key&, std::int64_t, std::int64_t,
                                              std::size_t) const override {
    return none();
  }
  R<recording::FragmentRef> seek(const Key&, std::int64_t) const override { return none(); }
  R<recording::FragmentRef> next(const recording::FragmentId&) const override { return none(); }
  R<recording::Fragment> read(const recording::FragmentId&) const override { return none(); }
  R<Bytes> read_stored(const recording::FragmentId&) const override { return none(); }
  R<std::vector<recording::Span>> spans(const Key&, std::int64_t, std::int64_t) const override {
    return none();
  }
  R<std::vector<recording::Gap>> gaps(const Key&, std::int64_t, std::int64_t) const override {
    return none();
  }
  R<std::vector<std::uint32_t>> rates(const Key&, std::int64_t, std::int64_t,
                                      std::size_t) const override {
    return none();
  }
  R<recording::FootageLock> lock(const Key&, std::int64_t, std::int64_t, std::string) override {
    return none();
  }
  R<void> unlock(const recording::LockId&) override { return {}; }
  R<std::vector<recording::FootageLock>> locks() const override { return none(); }
  R<void> set_retention(const Key&, const recording::Retention&) override { return {}; }
  recording::Usage usage() const override { return {}; }
  R<recording::CheckReport> check(bool) const override { return none(); }
  R<void> give_up(const std::vector<recording::FragmentId>&) override { return {}; }

  std::uint64_t fragments = 0;
  std::uint64_t gaps_told = 0;

 private:
  static std::unexpected<Error> none() {
    return fail(recording::RecordingError::not_found, "nothing is kept");
  }
  mutable std::mutex mutex_;
  std::map<Key, std::int64_t> ends_;
};

recorder::RecorderOptions recorder_options(const ReceiverOptions& options) {
  recorder::RecorderOptions out;
  out.store.folder = options.folder + "/footage";
  out.store.most_bytes = options.most_disk_bytes;
  if (options.slow_disk_bytes > 0)
    out.store.disks = {{.folder = out.store.folder, .most_bytes = options.most_disk_bytes},
                       {.folder = options.folder + "/slow",
                        .most_bytes = options.slow_disk_bytes,
                        .tier = recording::Tier::slow}};
  return out;
}

/// Of a page of metrics: all lines of a name that ends so.
double sum_in(std::string_view page, std::string_view name) {
  double sum = 0;
  while (!page.empty()) {
    const auto line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    const auto blank = line.rfind(' ');
    if (blank == std::string_view::npos || line.starts_with('#')) continue;
    if (line.substr(0, blank).ends_with(name)) sum += std::stod(std::string(line.substr(blank)));
  }
  return sum;
}

std::uint64_t not_stored(std::string_view page) {
  return static_cast<std::uint64_t>(sum_in(page, "recorder_dropped") +
                                    sum_in(page, "recorder_refused"));
}

}  // namespace

int receive_ours(const ReceiverOptions& options) {
  keep_freed_memory(1'000);  // as `vonglau record` does
  block_sigterm();
  raise_file_limit();
  const SystemClock clock;
  SystemIdSource ids(clock);
  auto disk = recording::posix_disk();
  auto spool = node::Spool::open(options.folder + "/spool.db", clock, ids);
  if (!spool) {
    fmt::print(stderr, "{}\n", spool.error().message);
    return 1;
  }
  auto recorder =
      recorder::Recorder::open(recorder_options(options), *disk, clock, ids, **spool, [] {});
  if (!recorder) {
    fmt::print(stderr, "{}\n", recorder.error().message);
    return 1;
  }
  http::Metrics metrics;
  auto& figures = map_figures(options.folder + "/figures");
  (*recorder)->assign(assignment_of(options));
  int turn = 0;
  keep_until_told(
      options.cameras,
      [&] {
        (*recorder)->keep();
        if (turn++ % 5 != 0) return;
        (*recorder)->measure(metrics);  // as `vonglau record` does
        if (turn % 10 == 1) figures.dropped = not_stored(metrics.response().body);
      },
      [&] { return (*recorder)->cameras(); });
  const auto sum = sum_of((*recorder)->cameras());
  (*recorder)->measure(metrics);
  fmt::print("online {} lost {} left_out {} pictures {} reports {}\n", sum.online, sum.lost,
             sum.left_out, sum.samples, (*spool)->waiting());
  const auto page = metrics.response().body;
  figures.dropped = not_stored(page);
  fmt::print(stderr, "not stored {}, longest sync {} s\n", figures.dropped.load(),
             sum_in(page, "longest_sync_s"));
  return 0;
}

int receive_ours_without_disk(const ReceiverOptions& options) {
  keep_freed_memory(1'000);
  block_sigterm();
  raise_file_limit();
  const SystemClock clock;
  SystemIdSource ids(clock);
  auto spool = node::Spool::open(options.folder + "/spool.db", clock, ids);
  if (!spool) {
    fmt::print(stderr, "{}\n", spool.error().message);
    return 1;
  }
  Forgetting store;
  const auto settings = recorder_options(options);
  recorder::CoreReports reports(**spool, clock, [] {});
  recording::DiskWorker worker(store, clock, settings.worker);
  recorder::Stations stations(settings, store, worker, reports, clock);
  stations.assign(assignment_of(options));
  keep_until_told(options.cameras, [&] { stations.keep(); }, [&] { return stations.cameras(); });
  const auto sum = sum_of(stations.cameras());
  fmt::print("online {} lost {} left_out {} pictures {} fragments {} gaps {}\n", sum.online,
             sum.lost, sum.left_out, sum.samples, store.fragments, store.gaps_told);
  return 0;
}

}  // namespace vl::bench
