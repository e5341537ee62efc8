#include <vonglau/base/assert.hpp>
#include <vonglau/vault/master_key.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto key = vl::vault::MasterKey::parse(vl::as_text({data, size}))) {
    const auto again = vl::vault::MasterKey::parse(key->text().text());
    VL_ASSERT(again && again->name() == key->name());
  }
  return 0;
}
