#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <vonglau/store/backup.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t at = 0;
  std::ignore =
      vl::store::check_backup([&](std::span<std::uint8_t> into) -> vl::Result<std::size_t> {
        const std::size_t count = std::min(into.size(), size - at);
        std::copy_n(data + at, count, into.begin());
        at += count;
        return count;
      });
  return 0;
}
