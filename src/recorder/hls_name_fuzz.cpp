// Any text as the name of a file of HLS: what is read is written as it was.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>

#include "hls_playlist.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl::recorder;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto name = hls_name_of(text)) {
    VL_ASSERT(text_of(*name) == text);
    VL_ASSERT(name->fragments <= most_hls_fragments);
    VL_ASSERT((name->kind == HlsName::Kind::playlist) == (name->first == 0));
  }
  return 0;
}
