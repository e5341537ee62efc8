// Any text as a manifest or a signature: read or refused, and what is read is written the same.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/signature.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl;
  using namespace vl::evidence;
  const auto text = as_text({data, size});
  if (const auto manifest = read_manifest(text)) {
    VL_ASSERT(text_of(*manifest) == text);
    for (const auto& stream : manifest->streams)
      for (const auto& file : stream.footage) VL_ASSERT(is_export_path(file.path));
  }
  if (const auto signature = read_signature(text)) {
    VL_ASSERT(text_of(*signature) == text);
    (void)is_genuine(*signature);
  }
  return 0;
}
