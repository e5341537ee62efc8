// one engine throughout: each has its own catalogue
#include "catalogue.hpp"

#include <fmt/core.h>

namespace vl::store {
namespace {

constexpr const char* sqlite_columns =
    "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
    "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "ORDER BY t.name, c.cid";

constexpr const char* postgresql_columns =
    "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT) FROM pg_class AS c "
    "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
    "JOIN pg_attribute AS a ON a.attrelid = c.oid "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
    "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum";

/// Pairs of what to run now and what puts it back.
constexpr const char* sqlite_suspensions =
    "SELECT 'DROP TRIGGER \"' || replace(name, '\"', '\"\"') || '\"', sql FROM sqlite_schema "
    "WHERE type = 'trigger'";

// Keys of partitions follow their table's, so only those that a table has of its own.
constexpr const char* postgresql_suspensions =
    "SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', r.relname, k.conname), "
    "format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, k.conname, "
    "pg_get_constraintdef(k.oid)) "
    "FROM pg_constraint AS k JOIN pg_class AS r ON r.oid = k.conrelid "
    "JOIN pg_namespace AS n ON n.oid = r.relnamespace "
    "WHERE n.nspname = current_schema() AND k.contype = 'f' AND k.conparentid = 0 "
    "UNION ALL "
    "SELECT DISTINCT format('ALTER TABLE %I DISABLE TRIGGER USER', r.relname), "
    "format('ALTER TABLE %I ENABLE TRIGGER USER', r.relname) "
    "FROM pg_trigger AS t JOIN pg_class AS r ON r.oid = t.tgrelid "
    "JOIN pg_namespace AS n ON n.oid = r.relnamespace "
    "WHERE n.nspname = current_schema() AND NOT t.tgisinternal";

}  // namespace

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

Result<std::vector<CatalogueTable>> tables_of(Session& session) {
  std::vector<CatalogueTable> tables;
  VL_CHECK(session.query(session.engine() == Engine::sqlite ? sqlite_columns : postgresql_columns,
                         {}, [&](const Row& row) {
                           if (tables.empty() || tables.back().name != row.text(0)) {
                             tables.push_back({std::string(row.text(0)), {}});
                           }
                           tables.back().columns.emplace_back(row.text(1));
                           return true;
                         }));
  return tables;
}

Result<std::vector<std::string>> suspend_constraints(Session& session) {
  std::vector<std::string> now, later;
  VL_CHECK(session.query(
      session.engine() == Engine::sqlite ? sqlite_suspensions : postgresql_suspensions, {},
      [&](const Row& row) {
        now.emplace_back(row.text(0));
        later.emplace_back(row.text(1));
        return true;
      }));
  if (session.engine() == Engine::sqlite) now.emplace_back("PRAGMA defer_foreign_keys = ON");
  for (const auto& statement : now) VL_CHECK(session.script(statement));
  return later;
}

}  // namespace vl::store
