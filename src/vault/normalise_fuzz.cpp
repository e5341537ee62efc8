#include <vonglau/base/assert.hpp>
#include <vonglau/base/bytes.hpp>
#include <vonglau/vault/normalise.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = vl::as_text({data, size});
  if (const auto phone = vl::vault::normalise_phone(text)) {
    VL_ASSERT(phone->size() >= 3 && phone->size() <= 16);
    VL_ASSERT(vl::vault::normalise_phone(*phone) == phone);
  }
  if (const auto plate = vl::vault::normalise_plate(text)) {
    VL_ASSERT(plate->size() >= 4 && plate->size() <= 12);
    VL_ASSERT(vl::vault::normalise_plate(*plate) == plate);
  }
  if (const auto login = vl::vault::normalise_login(text))
    VL_ASSERT(vl::vault::normalise_login(*login) == login);
  return 0;
}
