#include <vonglau/access/totp.hpp>
#include <vonglau/base/assert.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const vl::ByteView bytes(data, size);
  if (const auto decoded = vl::access::from_base32(vl::as_text(bytes)))
    VL_ASSERT(vl::access::from_base32(vl::access::to_base32(*decoded)) == decoded);
  if (size <= 64) {
    const auto back = vl::access::from_base32(vl::access::to_base32(bytes));
    VL_ASSERT(back && std::equal(back->begin(), back->end(), bytes.begin(), bytes.end()));
  }
  return 0;
}
