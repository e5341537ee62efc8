#include <cstdlib>
#include <filesystem>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::store::testing {

std::optional<std::string> missing(Engine engine) {
  if (engine == Engine::postgresql) return "PostgreSQL is not connected yet";
  return {};
}

std::string name_of(Engine engine) {
  return engine == Engine::sqlite ? "sqlite" : "postgresql";
}

FreshDatabase::FreshDatabase(Engine engine) {
  VL_ASSERT(engine == Engine::sqlite);
  folder_ = (std::filesystem::temp_directory_path() / "vonglau-store-XXXXXX").string();
  VL_ASSERT(::mkdtemp(folder_.data()) != nullptr);
  address_ = "sqlite:" + folder_ + "/fresh.db";
  auto opened = open_database(address_);
  VL_ASSERT(opened.has_value());
  database_ = std::move(*opened);
}

FreshDatabase::~FreshDatabase() {
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace vl::store::testing
