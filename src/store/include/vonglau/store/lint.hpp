// Refuses SQL outside what SQLite and PostgreSQL do alike.
//
// It reads words, not grammar: the engines check that. It looks for what one engine would refuse
// or, worse, both would take and do differently: a function of one engine, lower() (ASCII only in
// SQLite), INSERT OR REPLACE, casts by ::, true and false, the database's own clock or chance,
// LISTEN and NOTIFY, advisory locks, and statements that do not name the province, by which the
// tables will be sharded. One difference it cannot see: where nulls sort. Write NULLS FIRST or
// LAST when a sorted column may hold null.
//
// For tests. testing/statement_lint.hpp runs it over every statement in a room's sources.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/store/migrations.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {

struct LintRules {
  /// Every statement and every table's key names this column; "" to ask for none.
  std::string shard_column = "province_id";
  /// Tables that are not kept by province.
  std::vector<std::string> exempt_tables = {"schema_migrations"};
};

/// One statement for execute(), post() or query(). The error says what to write instead.
Result<void> lint(std::string_view sql, const LintRules& rules = {});

/// The common DDL of a migration: types are {words}, tables are {strict}, keys begin with the
/// province. What it says in `sqlite` and `postgresql` is free.
Result<void> lint(const Migration& migration, const LintRules& rules = {});

}  // namespace vl::store
