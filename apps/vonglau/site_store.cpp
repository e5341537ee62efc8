#include "site_store.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "composition.hpp"

namespace vl::app {

Result<std::unique_ptr<store::Database>> open_existing_store(const Config& config) {
  const std::string& address = config.store.address;
  if (address.starts_with("sqlite:") && !std::filesystem::exists(address.substr(7))) {
    return fail(store::StoreError::unavailable,
                fmt::format("there is no {}; the core makes it at its first start, so start "
                            "`vonglau serve` once or correct store.address",
                            address.substr(7)),
                "store.address");
  }
  return store::open_database(address);
}

Result<std::unique_ptr<store::Session>> open_checked_reader(store::Database& database) {
  VL_TRY(auto session, database.open_reader());
  const auto sets = all_migrations();
  VL_CHECK(store::check_schema(*session, sets));
  return session;
}

}  // namespace vl::app
