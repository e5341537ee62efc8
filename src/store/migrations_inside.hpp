// migrate() without its transaction, for restore().
#pragma once

#include <span>

#include <vonglau/store/migrations.hpp>

namespace vl::store {

/// Makes the history table and applies `sets` inside the caller's transaction.
Result<void> migrate_inside(Session& session, std::span<const MigrationSet> sets, WallTime now);

}  // namespace vl::store
