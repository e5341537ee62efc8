#include <atomic>
#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/store/testing/private_postgres.hpp>

namespace vl::store::testing {

std::optional<std::string> missing(Engine engine) {
  return engine == Engine::postgresql ? PrivatePostgres::missing() : std::nullopt;
}

std::string name_of(Engine engine) {
  return engine == Engine::sqlite ? "sqlite" : "postgresql";
}

FreshDatabase::FreshDatabase(Engine engine) {
  folder_ = (std::filesystem::temp_directory_path() / "vonglau-store-XXXXXX").string();
  VL_ASSERT(::mkdtemp(folder_.data()) != nullptr);
  if (engine == Engine::sqlite) {
    address_ = "sqlite:" + folder_ + "/fresh.db";
  } else {
    static std::atomic<int> made{0};
    schema_ = fmt::format("fresh_{}", ++made);
    address_ = PrivatePostgres::shared().address(schema_);
  }
  auto opened = open_database(address_);
  VL_ASSERT(opened.has_value());
  database_ = std::move(*opened);
}

FreshDatabase::~FreshDatabase() {
  if (!schema_.empty()) {
    if (auto session = database_->open_session()) {
      // Tables that a forgotten transaction still holds stay; the server goes soon anyway.
      std::ignore = (*session)->script("DROP SCHEMA \"" + schema_ + "\" CASCADE");
    }
  }
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace vl::store::testing
