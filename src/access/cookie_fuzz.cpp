#include <vonglau/access/session_table.hpp>
#include <vonglau/base/assert.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header = vl::as_text({data, size});
  const std::string_view token = vl::access::token_in_cookies(header);
  VL_ASSERT(token.find(';') == std::string_view::npos);
  VL_ASSERT(token.empty() || header.find(token) != std::string_view::npos);
  static const vl::ManualClock clock;
  static vl::access::SessionTable table({24}, clock);
  VL_ASSERT(!table.find(token));
  return 0;
}
