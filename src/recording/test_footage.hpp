// Footage made up for tests: a picture's bytes tell which camera and which picture it is.
#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <vonglau/recording/disk.hpp>
#include <vonglau/recording/fragment_store.hpp>

namespace vl::recording::testing {

constexpr std::int64_t start_us = 1'763'800'000'000'000;

inline StreamKey camera(int number, StreamKind kind = StreamKind::main) {
  Uuid id;
  id.bytes[0] = 7;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return {CameraId{id}, kind};
}

inline std::shared_ptr<const media::TrackFormat> format() {
  static const auto shared = std::make_shared<const media::TrackFormat>(
      media::TrackFormat{.codec = media::Codec::h264,
                         .width = 640,
                         .height = 360,
                         .parameter_sets = {{0x67, 1, 2, 3}, {0x68, 4}}});
  return shared;
}

inline SamplePtr sample(const StreamKey& stream, std::int64_t wall_us, std::size_t bytes = 400,
                        bool is_key = false) {
  auto out = std::make_shared<media::Sample>();
  out->is_key = is_key;
  out->wall_us = wall_us;
  out->pts = (wall_us - start_us) * 9 / 100;
  out->camera_us = wall_us + 5;
  out->format = format();
  Bytes content(std::max<std::size_t>(bytes, 16));
  for (std::size_t i = 0; i < content.size(); ++i)
    content[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(wall_us) / 40'000 * 31 +
                                           stream.camera.value.bytes[15] * 7U + i);
  out->bytes = std::move(content);
  return out;
}

/// Half a second from `at_us` on, at 10 pictures a second, beginning with a key picture.
inline NewFragment fragment(const StreamKey& stream, std::int64_t at_us,
                            std::size_t sample_bytes = 400) {
  NewFragment out;
  out.stream = stream;
  out.session = 1;
  out.start_us = at_us;
  out.end_us = at_us + 500'000;
  for (int i = 0; i < 5; ++i)
    out.samples.push_back(sample(stream, at_us + i * 100'000, sample_bytes, i == 0));
  return out;
}

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "vonglau-recording-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Told final : StoreObserver {
  std::uint64_t reclaimed_bytes = 0;
  std::uint64_t for_room_bytes = 0;
  std::int64_t reclaimed_until_us = 0;
  int mostly_locked = 0, disk_full = 0, disk_failed = 0;
  std::uint64_t torn_bytes = 0;
  void on_reclaimed(const StreamKey&, std::uint64_t bytes, std::int64_t until_us,
                    bool for_room) override {
    reclaimed_bytes += bytes;
    if (for_room) for_room_bytes += bytes;
    reclaimed_until_us = std::max(reclaimed_until_us, until_us);
  }
  void on_mostly_locked(const Usage&) override { ++mostly_locked; }
  void on_disk_full(const std::string&) override { ++disk_full; }
  void on_disk_failed(const std::string&) override { ++disk_failed; }
  void on_torn_tail(const StreamKey&, std::uint64_t bytes) override { torn_bytes += bytes; }
};

/// The system's disk, with faults on demand.
class FaultyDisk final : public Disk {
 public:
  std::uint64_t capacity_bytes = ~0ULL;  // for footage files together
  int good_syncs = -1;                   // then one fails; -1: none does
  bool sync_fails = false;
  bool write_fails = false;
  std::string failing_folder;  // blocks in it can neither be written nor synced

  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
    auto file = under_->open(path);
    if (!file) return file;
    return std::make_unique<File>(*this, std::move(*file), path);
  }
  Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                 std::uint64_t bytes) override {
    if (!under_->size(path) && used_ + bytes > capacity_bytes)
      return fail(RecordingError::disk_full, "make: no space left on device");
    if (!under_->size(path)) used_ += bytes;
    auto file = under_->open_blocks(path, bytes);
    if (!file) return file;
    return std::make_unique<Blocks>(*this, std::move(*file), path);
  }
  Result<Bytes> read(const std::string& path, std::uint64_t offset, std::size_t bytes) override {
    return under_->read(path, offset, bytes);
  }
  Result<std::uint64_t> size(const std::string& path) override { return under_->size(path); }
  Result<void> remove(const std::string& path) override {
    const auto size = under_->size(path);
    if (size) used_ -= std::min<std::uint64_t>(used_.load(), *size);
    return under_->remove(path);
  }
  Result<void> make_folders(const std::string& path) override { return under_->make_folders(path); }
  Result<void> sync_folder(const std::string& path) override { return under_->sync_folder(path); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return under_->list(path);
  }
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    if (capacity_bytes == ~0ULL) return under_->free_bytes(path);
    return capacity_bytes - std::min(used_.load(), capacity_bytes);
  }
  Result<std::uint64_t> total_bytes(const std::string& path) override {
    return under_->total_bytes(path);
  }

 private:
  class File final : public DiskFile {
   public:
    File(FaultyDisk& disk, std::unique_ptr<DiskFile> file, std::string path)
        : disk_(disk), file_(std::move(file)), path_(std::move(path)) {}
    Result<void> append(std::span<const ByteView> pieces) override {
      std::uint64_t bytes = 0;
      for (const auto piece : pieces) bytes += piece.size();
      if (disk_.write_fails || disk_.used_ + bytes > disk_.capacity_bytes) {
        // Half of it lies there all the same, as on a real disk.
        (void)file_->append(pieces.first(1));
        disk_.used_ += pieces[0].size();
        return disk_.write_fails
                   ? fail(RecordingError::disk_failed, "write: input/output error")
                   : fail(RecordingError::disk_full, "write: no space left on device");
      }
      disk_.used_ += bytes;
      return file_->append(pieces);
    }
    Result<void> truncate(std::uint64_t bytes) override {
      const auto size = disk_.under_->size(path_);
      if (size && *size > bytes) disk_.used_ -= std::min(disk_.used_.load(), *size - bytes);
      return file_->truncate(bytes);
    }
    Result<void> sync() override {
      if (disk_.sync_fails || disk_.good_syncs == 0) {
        disk_.good_syncs = -1;
        return fail(RecordingError::disk_failed, "sync: input/output error");
      }
      if (disk_.good_syncs > 0) --disk_.good_syncs;
      return file_->sync();
    }

   private:
    FaultyDisk& disk_;
    std::unique_ptr<DiskFile> file_;
    std::string path_;
  };

  class Blocks final : public BlockFile {
   public:
    Blocks(FaultyDisk& disk, std::unique_ptr<BlockFile> file, std::string path)
        : disk_(disk), file_(std::move(file)), path_(std::move(path)) {}
    Result<void> write(std::uint64_t offset, std::span<const ByteView> pieces) override {
      if (!disk_.write_fails && !fails()) return file_->write(offset, pieces);
      (void)file_->write(offset, pieces.first(1));
      return fail(RecordingError::disk_failed, "write: input/output error");
    }
    Result<void> sync() override {
      if (disk_.sync_fails || disk_.good_syncs == 0 || fails()) {
        disk_.good_syncs = -1;
        return fail(RecordingError::disk_failed, "sync: input/output error");
      }
      if (disk_.good_syncs > 0) --disk_.good_syncs;
      return file_->sync();
    }

   private:
    bool fails() const {
      return !disk_.failing_folder.empty() && path_.starts_with(disk_.failing_folder);
    }
    FaultyDisk& disk_;
    std::unique_ptr<BlockFile> file_;
    std::string path_;
  };

  std::unique_ptr<Disk> under_ = posix_disk();
  std::atomic<std::uint64_t> used_ = 0;  // the store writes and reclaims on two threads
};

}  // namespace vl::recording::testing
