// Any bytes as an authority's answer.
#include <cstddef>
#include <cstdint>

#include <vonglau/evidence/timestamp.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl::evidence;
  static const auto request = timestamp_request(vl::Digest{}).value();
  (void)read_timestamp({data, size}, vl::Digest{}, "");
  (void)answers({data, size}, request);
  return 0;
}
