// Room on a disk set aside for what must still be recorded when the disk is full: a file of real
// blocks, given up piece by piece, and taken again when there is room.
//
// One process holds it; any thread may call. A reserve that cannot be taken whole is held as far
// as it goes: `held_bytes` tells.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <vonglau/base/result.hpp>

namespace vl::store {

class DiskReserve {
 public:
  static constexpr std::int64_t pieces = 8;

  /// Opens `path`, or makes it, of up to `size_bytes`.
  static Result<std::unique_ptr<DiskReserve>> open(const std::string& path,
                                                   std::int64_t size_bytes);
  ~DiskReserve();
  DiskReserve(const DiskReserve&) = delete;
  DiskReserve& operator=(const DiskReserve&) = delete;

  /// Gives up one piece. False when nothing is left to give.
  bool give_up();
  /// Gives up a piece when less than one is free on the disk; takes all again when so much is
  /// free that the reserve would fit twice. Called every second or so. True when it changed.
  bool keep();

  std::int64_t held_bytes() const;
  std::int64_t size_bytes() const { return size_bytes_; }
  /// What anybody may still write to its disk; -1 when it does not say.
  std::int64_t free_bytes() const;

 private:
  DiskReserve(int file, std::int64_t size_bytes) : file_(file), size_bytes_(size_bytes) {}
  bool give_up_one();
  bool take(std::int64_t bytes);

  const int file_;
  const std::int64_t size_bytes_;
  mutable std::mutex mutex_;
  std::int64_t held_bytes_ = 0;
};

}  // namespace vl::store
