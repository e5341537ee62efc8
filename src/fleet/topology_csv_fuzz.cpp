// What a spreadsheet may send must be read or refused, never more.
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/fleet/import.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rows = vl::fleet::read_topology({reinterpret_cast<const char*>(data), size});
  if (!rows) return 0;
  for (const auto& row : *rows) {
    VL_ASSERT(!row.code.empty() && row.line > 1);
    VL_ASSERT(!row.service_level || (*row.service_level >= 1 && *row.service_level <= 10'000));
  }
  return 0;
}
