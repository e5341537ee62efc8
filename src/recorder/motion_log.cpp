#include "motion_log.hpp"

#include <algorithm>
#include <charconv>

#include <fcntl.h>
#include <unistd.h>

#include <vonglau/base/log.hpp>

namespace vl::recorder {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_s = 86'400;
constexpr std::uint8_t known_bit = 1, moved_bit = 2;

class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::optional<std::int64_t> day_of(const fs::path& file) {
  const auto name = file.filename().string();
  std::int64_t day = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), day);
  if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return std::nullopt;
  return day;
}

}  // namespace

MotionLog::MotionLog(fs::path folder) : folder_(std::move(folder)) {}

fs::path MotionLog::file_of(const Uuid& camera, std::int64_t day) const {
  return folder_ / camera.text() / std::to_string(day);
}

bool MotionLog::read(const Uuid& camera, std::int64_t day, Day& out) const {
  const File file(file_of(camera, day), O_RDONLY);
  if (!file) return false;
  out.fill(0);
  return ::pread(file.fd(), out.data(), out.size(), 0) > 0;
}

void MotionLog::mark(const Uuid& camera, std::int64_t from_us, std::int64_t to_us, bool moving) {
  if (from_us < 0 || to_us <= from_us) return;
  const std::int64_t last_s = (to_us - 1) / second_us;
  std::int64_t at_s = std::max(from_us / second_us, last_s - day_s);
  const std::scoped_lock lock(mutex_);
  while (at_s <= last_s) {
    const std::int64_t day = at_s / day_s;
    const std::int64_t end_s = std::min(last_s + 1, (day + 1) * day_s);
    const auto path = file_of(camera, day);
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const File file(path, O_RDWR | O_CREAT);
    if (!file) {
      log::warn("recorder.motion_not_kept", {{"camera", camera.text()}, {"file", path.string()}});
      return;
    }
    const auto first = static_cast<std::size_t>(at_s % day_s);
    const auto count = static_cast<std::size_t>(end_s - at_s);
    const std::size_t from = first / 4, size = (first + count - 1) / 4 - from + 1;
    Day bytes{};
    if (::pread(file.fd(), bytes.data(), size, static_cast<off_t>(from)) < 0) return;
    for (std::size_t s = first; s < first + count; ++s)
      bytes[s / 4 - from] |=
          static_cast<std::uint8_t>((known_bit | (moving ? moved_bit : 0)) << (s % 4 * 2));
    if (::pwrite(file.fd(), bytes.data(), size, static_cast<off_t>(from)) !=
        static_cast<ssize_t>(size))
      log::warn("recorder.motion_not_kept", {{"camera", camera.text()}, {"file", path.string()}});
    at_s = end_s;
  }
}

std::vector<int> MotionLog::percentages(const Uuid& camera, std::int64_t from_us,
                                        std::int64_t to_us, std::size_t parts) const {
  if (parts == 0 || from_us < 0 || to_us <= from_us) return {};
  std::vector<int> out;
  out.reserve(parts);
  bool any = false;
  std::int64_t loaded_day = -1;
  bool has_day = false;
  Day bytes{};
  const std::scoped_lock lock(mutex_);
  const auto edge_us = [&](std::size_t part) {
    return from_us +
           static_cast<std::int64_t>(static_cast<double>(to_us - from_us) *
                                     static_cast<double>(part) / static_cast<double>(parts));
  };
  for (std::size_t part = 0; part < parts; ++part) {
    const auto begin_s = edge_us(part) / second_us;
    const auto end_s = std::max(begin_s + 1, edge_us(part + 1) / second_us);
    std::int64_t seconds = 0, moving = 0;
    for (auto s = begin_s; s < end_s; ++s) {
      if (s / day_s != loaded_day) {
        loaded_day = s / day_s;
        has_day = read(camera, loaded_day, bytes);
      }
      if (!has_day) {
        s = std::min(end_s, (loaded_day + 1) * day_s) - 1;
        continue;
      }
      const auto in_day = static_cast<std::size_t>(s % day_s);
      const int bits = bytes[in_day / 4] >> (in_day % 4 * 2) & 3;
      seconds += bits & known_bit ? 1 : 0;
      moving += bits & moved_bit ? 1 : 0;
    }
    any |= seconds > 0;
    // The least that moved is seen: one second of an hour is not nothing.
    out.push_back(seconds == 0 ? -1 : static_cast<int>((moving * 100 + seconds - 1) / seconds));
  }
  if (!any) out.clear();
  return out;
}

void MotionLog::forget(const Uuid& camera, std::int64_t before_us) {
  const std::scoped_lock lock(mutex_);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_ / camera.text(), error)) {
    const auto day = day_of(entry.path());
    if (day && (*day + 1) * day_s * second_us <= before_us) fs::remove(entry.path(), error);
  }
  fs::remove(folder_ / camera.text(), error);  // when it is empty
}

std::vector<Uuid> MotionLog::cameras() const {
  std::vector<Uuid> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (const auto id = Uuid::parse(entry.path().filename().string())) out.push_back(*id);
  return out;
}

}  // namespace vl::recorder
