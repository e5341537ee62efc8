// The databases of a site, opened as its configuration says.
#pragma once

#include <memory>

#include <vonglau/store/session.hpp>

#include "config.hpp"

namespace vl::app {

/// Refuses to make a new SQLite file: a site's database is made by the core's first start.
Result<std::unique_ptr<store::Database>> open_existing_store(const Config& config);

/// Checked: its tables are exactly those of this program.
Result<std::unique_ptr<store::Session>> open_checked_reader(store::Database& database);

}  // namespace vl::app
