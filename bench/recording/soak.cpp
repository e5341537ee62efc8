#include "soak.hpp"

#include <cmath>
#include <map>
#include <random>
#include <vector>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/node/spool.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "../figures.hpp"

namespace vl::bench {
namespace {

constexpr double told_every_s = 10;
constexpr std::size_t read_again = 2000;  // fragments whose hash is checked
/// Footage of one camera goes on when no more than this lies between two stretches.
constexpr std::int64_t unbroken_us = 500'000;

struct Moment {
  double minutes = 0, memory_mb = 0;
};

/// Megabytes an hour, by least squares.
double slope_mb_h(const std::vector<Moment>& moments) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& one : moments) {
    n += 1;
    x += one.minutes;
    y += one.memory_mb;
    xx += one.minutes * one.minutes;
    xy += one.minutes * one.memory_mb;
  }
  const auto spread = n * xx - x * x;
  return spread > 0 ? 60 * (n * xy - x * y) / spread : 0;
}

/// What the recorder told the core of: it waits in the spool, as no core takes it.
std::map<std::string, std::uint64_t> told_gaps(const std::string& folder, std::int64_t from_us) {
  const SystemClock clock;
  SystemIdSource ids(clock);
  std::map<std::string, std::uint64_t> out;
  auto spool = node::Spool::open(folder + "/spool.db", clock, ids);
  if (!spool) return out;
  for (auto batch = (*spool)->next(); batch && *batch; batch = (*spool)->next()) {
    for (const auto& item : (*batch)->items) {
      if (item.kind != "gap") continue;
      const auto gap = json::read<node::GapItem>(item.body);
      if (gap && gap->end_us.us < from_us) continue;  // before all cameras played
      ++out[gap ? gap->cause : "unreadable"];
    }
    if (!(*spool)->acknowledged((*batch)->batch_id)) break;
  }
  return out;
}

class Quiet final : public recording::StoreObserver {};

struct Kept {
  std::size_t streams = 0, broken = 0, read = 0, unreadable = 0;
  std::uint64_t bytes = 0;
  double least_s = 0, most_s = 0;
};

/// The ring as it was left: each camera's footage in one piece, fragments at random read and
/// hashed.
Result<Kept> look(const Settings& settings, const std::string& folder) {
  const SystemClock clock;
  SystemIdSource ids(clock);
  auto disk = recording::posix_disk();
  Quiet observer;
  recording::StoreOptions options;
  options.folder = folder + "/footage";
  options.most_bytes = static_cast<std::uint64_t>(settings.disk_gb) << 30;
  if (settings.slow_disk_gb > 0)
    options.disks = {{.folder = options.folder, .most_bytes = options.most_bytes},
                     {.folder = folder + "/slow",
                      .most_bytes = static_cast<std::uint64_t>(settings.slow_disk_gb) << 30,
                      .tier = recording::Tier::slow}};
  VL_TRY(auto store, recording::open_fragment_store(options, *disk, clock, ids, observer));
  Kept out;
  std::mt19937_64 random(7);
  const auto streams = store->streams();
  const auto now_us = clock.wall().us;
  out.least_s = 1e9;
  for (const auto& stream : streams) {
    VL_TRY(const auto spans, store->spans(stream, 0, now_us));
    if (spans.empty()) continue;
    ++out.streams;
    for (std::size_t i = 1; i < spans.size(); ++i)
      out.broken += spans[i].start_us - spans[i - 1].end_us > unbroken_us ? 1 : 0;
    const auto length_s = static_cast<double>(spans.back().end_us - spans.front().start_us) / 1e6;
    out.least_s = std::min(out.least_s, length_s);
    out.most_s = std::max(out.most_s, length_s);
    for (std::size_t i = 0; i <= read_again / streams.size(); ++i) {
      const auto at_us =
          spans.front().start_us +
          static_cast<std::int64_t>(
              random() % static_cast<std::uint64_t>(spans.back().end_us - spans.front().start_us));
      const auto ref = store->seek(stream, at_us);
      ++out.read;
      const auto fragment =
          ref ? store->read(ref->id) : Result<recording::Fragment>(std::unexpected(ref.error()));
      if (!fragment && out.unreadable++ == 0)
        fmt::print("cannot be read: {}\n", fragment.error().message);
    }
  }
  out.bytes = store->usage().stored_bytes;
  return out;
}

}  // namespace

int soak(const Settings& settings, double minutes) {
  const ScratchFolder folder(settings.folder);
  RunningFarm farm(settings, folder.path(), settings.cameras);
  Child recorder(own_role("ours", settings, folder.path(), settings.cameras, farm.figures().port));
  if (!wait_until_ready(recorder)) {
    fmt::print("the recorder did not start\n");
    return 1;
  }
  LineReader said(recorder);
  rest(settings.settle_s);
  fmt::print("{:>8} {:>8} {:>9} {:>6} {:>8} {:>10}\n", "minutes", "GB", "CPU-s/GB", "MB", "late ms",
             "not stored");
  const auto from_us = SystemClock().wall().us;
  std::vector<Moment> moments;
  const double from_s = now_s(), cpu_s = recorder.cpu_s();
  const auto bytes = farm.figures().bytes.load(), skipped = farm.figures().skipped.load(),
             dropped = farm.figures().dropped.load();
  const auto received_gb = [&] { return static_cast<double>(farm.figures().bytes - bytes) / 1e9; };
  for (double told_s = 0; now_s() - from_s < minutes * 60;) {
    rest(told_every_s);
    const Moment now{(now_s() - from_s) / 60, recorder.memory_mb("VmRSS:")};
    moments.push_back(now);
    if (now_s() - told_s < 60 && now.minutes < minutes) continue;
    told_s = now_s();
    fmt::print("{:8.1f} {:8.1f} {:9.2f} {:6.0f} {:8.0f} {:10}\n", now.minutes, received_gb(),
               (recorder.cpu_s() - cpu_s) / received_gb(), now.memory_mb,
               static_cast<double>(farm.figures().latest_us.exchange(0)) / 1000,
               farm.figures().dropped - dropped);
    std::fflush(stdout);
  }
  const auto gigabytes = received_gb();
  const auto per_gb = (recorder.cpu_s() - cpu_s) / gigabytes;
  const auto most_mb = recorder.memory_mb("VmHWM:");
  const auto not_taken = farm.figures().skipped - skipped;
  recorder.end();
  const auto words = said.last();

  const std::vector settled(moments.begin() + static_cast<std::ptrdiff_t>(moments.size() / 3),
                            moments.end());
  fmt::print("\n{} cameras, {:.1f} minutes, {:.1f} GB into a ring of {} GiB: {:.2f} CPU-s/GB\n",
             settings.cameras, moments.back().minutes, gigabytes, settings.disk_gb, per_gb);
  fmt::print("memory {:.0f} MB at most; after the first third it grew by {:.1f} MB an hour\n",
             most_mb, slope_mb_h(settled));
  const auto not_stored = farm.figures().dropped - dropped;
  fmt::print(
      "pictures that the recorder did not take in time: {}; fragments not stored: {}; at its end: "
      "{}\n",
      not_taken, not_stored, words);
  const auto gaps = told_gaps(folder.path(), from_us);
  for (const auto& [cause, count] : gaps) fmt::print("gaps, {}: {}\n", cause, count);
  if (gaps.empty()) fmt::print("gaps: none\n");
  const auto kept = look(settings, folder.path());
  if (!kept) {
    fmt::print("what the ring holds cannot be read: {}\n", kept.error().message);
    return 1;
  }
  fmt::print(
      "the ring holds {:.1f} GB of {} cameras, {:.0f} to {:.0f} s of each, with {} breaks; of {} "
      "fragments at random {} cannot be read\n",
      static_cast<double>(kept->bytes) / 1e9, kept->streams, kept->least_s, kept->most_s,
      kept->broken, kept->read, kept->unreadable);
  const bool good = gaps.empty() && not_taken == 0 && not_stored == 0 && kept->broken == 0 &&
                    kept->unreadable == 0 && kept->streams == settings.cameras;
  fmt::print("{}\n", good ? "nothing is missing" : "FAILED");
  return good ? 0 : 1;
}

}  // namespace vl::bench
