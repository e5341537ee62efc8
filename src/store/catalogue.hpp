// What tables a database has, from the engine's own catalogue; for backup and restore.
#pragma once

#include <string>
#include <vector>

#include <vonglau/store/session.hpp>

namespace vl::store {

struct CatalogueTable {
  std::string name;
  std::vector<std::string> columns;  // in the table's order
};

/// By name. Partitions are part of their table.
Result<std::vector<CatalogueTable>> tables_of(Session& session);

/// "name" as an identifier of both engines.
std::string quoted(std::string_view name);

/// Takes triggers and foreign keys out of force, inside a transaction, so that rows can be loaded
/// in any order as they were. Gives the statements that put them back, which check the keys.
Result<std::vector<std::string>> suspend_constraints(Session& session);

}  // namespace vl::store
