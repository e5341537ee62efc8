#include <cstddef>
#include <cstdint>

#include <vonglau/store/lint.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::ignore = vl::store::lint(text);
  vl::store::Migration migration;
  migration.ddl = text;
  std::ignore = vl::store::lint(migration);
  std::ignore = vl::store::ddl_for(vl::store::Engine::postgresql, text);
  return 0;
}
