// Where playback begins: any second of many days of a thousand cameras, found in an index of
// full size and read from the log.
//
//   playback_bench [--cameras 1065] [--days 30] [--fragments 100] [--samples 2000]
//                  [--footage-gb 2] [--folder /var/tmp]
//
// The footage is a real log of --footage-gb. The index has a row for every minute of every camera
// with --fragments in each, an hour of all cameras after the other; its
// entries point at pieces of that log. So what is found is somebody else's picture, and every
// step to it is the product's: seek() and read_stored() of the store, spans() for a time bar.
//
// It reaches into recording's own header for the index.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <vonglau/base/clock.hpp>
#include <vonglau/media/sample.hpp>

#include "figures.hpp"
#include "footage_index.hpp"

namespace vl::bench {
namespace {

using namespace recording;

constexpr std::int64_t minute_us = 60'000'000;
constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::int64_t begin_us = 1'763'000'000'000'000 / minute_us * minute_us;
constexpr std::size_t piece_body_bytes = 150'000;  // 0.6 s at 2 Mb/s

StreamKey key_of(int camera) {
  Uuid id;
  id.bytes[0] = 1;
  id.bytes[14] = static_cast<std::uint8_t>(camera >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(camera);
  return {CameraId{id}, StreamKind::main};
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}
void must(Result<void> result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}

struct Place {
  LogPlace place;
  std::uint32_t bytes = 0;
};

/// A real log.
void write_footage(const StoreOptions& options, double gb, Disk& disk, const Clock& clock,
                   IdSource& ids) {
  StoreObserver observer;
  const auto store = must(open_fragment_store(options, disk, clock, ids, observer));
  auto sample = std::make_shared<media::Sample>();
  Bytes content(piece_body_bytes);
  std::mt19937 random(1);
  for (auto& byte : content) byte = static_cast<std::uint8_t>(random());
  sample->bytes = std::move(content);
  sample->is_key = true;
  sample->format = std::make_shared<const media::TrackFormat>(
      media::TrackFormat{.codec = media::Codec::h264, .width = 1280, .height = 720});
  const auto count = static_cast<std::int64_t>(gb * 1e9 / piece_body_bytes);
  for (std::int64_t i = 0; i < count; ++i) {
    must(store->append(
        {key_of(60'000), 1, begin_us + i * 600'000, begin_us + (i + 1) * 600'000, {sample}}));
    if (i % 500 == 499) must(store->sync());
  }
  must(store->sync());
}

/// Where its pieces lie, by extent.
std::vector<std::vector<Place>> places_in(FootageIndex& index) {
  IndexReader reader(index.database());
  std::vector<std::vector<Place>> out;
  for (const auto& extent : must(index.extents())) {
    out.emplace_back();
    for (const auto& row : must(reader.in_extent(extent.log_id, extent.extent.sequence)))
      for (const auto& entry : row.entries)
        if (entry.place.extent == extent.extent.sequence)
          out.back().push_back({entry.place, entry.bytes});
    if (out.back().empty()) out.pop_back();
  }
  return out;
}

/// A row for every minute of every camera.
void write_index(const std::string& folder, int cameras, int days, int fragments,
                 const Clock& clock) {
  const auto index = must(FootageIndex::open(folder + "/footage.db", clock));
  const auto places = places_in(*index);
  if (places.empty()) {
    fmt::print(stderr, "no extent is full: more --footage-gb\n");
    std::exit(1);
  }
  const auto log_id = must(index->streams()).front().log_id;
  const int minutes = days * 24 * 60;
  const auto per_camera = static_cast<std::uint64_t>(minutes) * static_cast<unsigned>(fragments);
  must(index->transact([&]() -> Result<void> {
    for (int camera = 0; camera < cameras; ++camera) {
      StreamRow row;
      row.id = camera + 100;
      row.key = key_of(camera);
      row.log_id = log_id;
      row.next_sequence = per_camera + 1;
      row.head_sequence = per_camera;
      row.head_end_us = begin_us + minutes * minute_us;
      VL_CHECK(index->put_stream(row));
    }
    return {};
  }));
  // Sorted indexes at the end are those that grew with the table, in a fraction of the time.
  const auto session = must(index->database().open_session());
  std::vector<std::pair<std::string, std::string>> sorted;
  must(
      session->query("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND"
                     " tbl_name = 'minutes' AND sql IS NOT NULL",
                     {}, [&](const store::Row& row) {
                       sorted.emplace_back(row.text(0), row.text(1));
                       return true;
                     }));
  for (const auto& [name, sql] : sorted) must(session->execute("DROP INDEX " + name));
  std::mt19937 random(2);
  const auto from_s = now_s();
  const auto put_minute = [&](int camera, int minute) -> Result<void> {
    const auto& extent = places[random() % places.size()];
    MinuteRow row;
    row.stream_id = camera + 100;
    row.log_id = log_id;
    row.first_sequence = static_cast<std::uint64_t>(minute) * static_cast<unsigned>(fragments) + 1;
    row.start_us = begin_us + minute * minute_us + camera * 1000;
    for (int i = 0; i < fragments; ++i) {
      const auto& place = extent[random() % extent.size()];
      const auto start_ms = i * 60'000 / fragments;
      row.entries.push_back({place.bytes, i % 3 == 0, static_cast<std::uint16_t>(start_ms),
                             static_cast<std::uint16_t>(60'000 / fragments), place.place});
      row.bytes += place.bytes;
    }
    row.end_us = row.start_us + minute_us;
    return index->put_minute(row);
  };
  // An hour of all cameras at a time: a minute, as the recorder writes them, takes many times as
  // long and gives the same rows.
  constexpr int batch = 60;
  for (int hour = 0; hour < minutes / batch; ++hour) {
    must(index->transact([&]() -> Result<void> {
      for (int camera = 0; camera < cameras; ++camera)
        for (int i = 0; i < batch; ++i) VL_CHECK(put_minute(camera, hour * batch + i));
      return {};
    }));
    if (hour % 24 == 23)
      fmt::print(stderr, "day {} of {}, {:.0f} s\n", hour / 24 + 1, days, now_s() - from_s);
  }
  for (const auto& [name, sql] : sorted) {
    must(session->execute(sql));
    fmt::print(stderr, "{}, {:.0f} s\n", name, now_s() - from_s);
  }
}

/// Out of the system's cache, as far as it allows.
void drop_from_cache(const std::string& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const int file = ::open(entry.path().c_str(), O_RDONLY);
    if (file < 0) continue;
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

std::vector<std::string> row_of(const std::string& what, std::vector<double> ms) {
  const auto p50 = percentile(ms, 0.5);
  const auto p99 = percentile(ms, 0.99);
  return {what, std::to_string(ms.size()), fmt::format("{:.2f}", p50), fmt::format("{:.2f}", p99),
          fmt::format("{:.2f}", ms.back())};
}

void measure(const StoreOptions& options, int cameras, int days, int samples, Disk& disk,
             const Clock& clock, IdSource& ids) {
  StoreObserver observer;
  const auto opening_s = now_s();
  const auto store = must(open_fragment_store(options, disk, clock, ids, observer));
  const auto opened_s = now_s() - opening_s;
  std::mt19937_64 random(3);
  std::vector<std::vector<std::string>> rows{
      {"one start of playback", "samples", "p50 ms", "p99 ms", "most ms"}};
  for (const bool cold : {true, false}) {
    std::vector<double> seeking, reading, both, bars;
    for (int i = 0; i < samples; ++i) {
      if (cold && i % 100 == 0) drop_from_cache(options.folder);
      const auto key = key_of(static_cast<int>(random() % static_cast<unsigned>(cameras)));
      const auto at_us = begin_us + minute_us +
                         static_cast<std::int64_t>(
                             random() % static_cast<std::uint64_t>(days * day_us - 2 * minute_us));
      const auto from_s = now_s();
      const auto ref = must(store->seek(key, at_us));
      const auto found_s = now_s();
      must(store->read_stored(ref.id));
      const auto read_s = now_s();
      seeking.push_back((found_s - from_s) * 1e3);
      reading.push_back((read_s - found_s) * 1e3);
      both.push_back((read_s - from_s) * 1e3);
      if (i % 20 == 0) {
        must(store->spans(key, at_us - day_us / 2, at_us + day_us / 2));
        bars.push_back((now_s() - read_s) * 1e3);
      }
    }
    const std::string state = cold ? "cache dropped: " : "again: ";
    rows.push_back(row_of(state + "find it", seeking));
    rows.push_back(row_of(state + "read its first fragment", reading));
    rows.push_back(row_of(state + "both", both));
    rows.push_back(row_of(state + "a day's time bar", bars));
  }
  fmt::print("{}\nopening the store: {:.2f} s\n", table(rows), opened_s);
}

int run(const Arguments& arguments) {
  const auto cameras = static_cast<int>(arguments.number("cameras", 1065));
  const auto days = static_cast<int>(arguments.number("days", 30));
  const auto fragments = static_cast<int>(arguments.number("fragments", 100));
  const ScratchFolder folder(arguments.text("folder", "/var/tmp"));
  const SystemClock clock;
  SystemIdSource ids(clock);
  const auto disk = posix_disk();
  StoreOptions options;
  options.folder = folder.path() + "/footage";
  options.reserve_bytes = 0;
  options.ballast_bytes = 0;
  options.extent_bytes = 64ULL << 20;
  fmt::print("{}\n", machine(folder.path()));
  write_footage(options, static_cast<double>(arguments.number("footage-gb", 2)), *disk, clock, ids);
  write_index(options.folder, cameras, days, fragments, clock);
  const auto bytes = std::filesystem::file_size(options.folder + "/footage.db");
  fmt::print("{} cameras, {} days: {:.1f} M rows of {} fragments, index {:.1f} GB\n\n", cameras,
             days, cameras * days * 1440 / 1e6, fragments, static_cast<double>(bytes) / 1e9);
  measure(options, cameras, days, static_cast<int>(arguments.number("samples", 2000)), *disk, clock,
          ids);
  return 0;
}

}  // namespace
}  // namespace vl::bench

int main(int argc, char** argv) {
  return vl::bench::run(vl::bench::Arguments(
      argc, argv, {"cameras", "days", "fragments", "samples", "footage-gb", "folder"}));
}
