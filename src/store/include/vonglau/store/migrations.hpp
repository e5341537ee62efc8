// Numbered migrations: each room owns a list, migrate() brings a database up to all of them.
//
// The whole upgrade is one transaction: if any step fails, the old schema and its rows stay as
// they were. A migration that has been released is never edited; add the next number. Old
// versions are kept as fixtures and upgraded in a test (testing/old_schemas.hpp).
//
// Called at start-up by the one writer, from any thread. Two programs that migrate the same
// database at once take turns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {

/// Most DDL is written once, in `ddl`, with these words, and runs on both engines:
///   {integer} {real} {text} {bytes}   column types
///   {strict}                          goes after a table's closing bracket: SQLite then holds
///                                     to column types as PostgreSQL does
/// What only one engine needs follows in `sqlite` or `postgresql`, where the words work too.
struct Migration {
  std::int64_t number = 0;  // 1, 2, 3... without gaps
  std::string name;         // what it brings: "reports", "report_closure"
  std::string ddl;
  std::string sqlite;
  std::string postgresql;
};

struct MigrationSet {
  std::string room;
  std::vector<Migration> migrations;
};

/// `text` with its words put in this engine's terms. An unknown {word} is `invalid`.
Result<std::string> ddl_for(Engine engine, std::string_view text);

/// All of one migration's statements for this engine.
Result<std::string> script_of(Engine engine, const Migration& migration);

/// Applies what is missing, in the order of `sets` and of their numbers. Gives the number of
/// migrations applied. Refuses (`schema`) a database that is newer than `sets`, or whose history
/// has other names than theirs; rooms that `sets` does not mention are left alone.
Result<std::int64_t> migrate(Session& session, std::span<const MigrationSet> sets,
                             const Clock& clock);

/// Whether the database is exactly at the last migration of every set, without writing.
Result<void> check_schema(Session& session, std::span<const MigrationSet> sets);

struct AppliedMigration {
  std::string room;
  std::int64_t number = 0;
  std::string name;
  WallTime applied;
};
/// In order of room and number; empty for a database that was never migrated.
Result<std::vector<AppliedMigration>> applied_migrations(Session& session);

}  // namespace vl::store
