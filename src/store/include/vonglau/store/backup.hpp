// Backup while the centre runs, and restore into an empty database, the same for both engines.
//
// A backup is one file: the migrations applied, every table's rows as of one moment, and digests.
// It can be restored into either engine, and by a newer program, which then upgrades the schema.
// It holds what the tables hold: the vault's keys are elsewhere and need a backup of their own.
// Tables with types that only one engine has are refused by name.
//
// What it promises (the drill in backup_test.cpp measures it): everything acknowledged before
// back_up() was called is in it (RPO: the age of the last backup); writers go on meanwhile. A
// restore is whole, checked against the digests, or leaves the target as it was.
//
// Blocking, for minutes on a large database: call it from a thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/store/migrations.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {

/// What a table holds, in any order of its rows and on either engine.
struct TableDigest {
  std::string table;
  std::int64_t rows = 0;
  Digest digest{};
  friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

struct BackupSummary {
  WallTime taken;  // everything acknowledged before this is in it
  std::vector<AppliedMigration> migrations;
  std::vector<TableDigest> tables;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Writes `file`, which must not exist, and syncs it and its folder before it has its name.
Result<BackupSummary> back_up(Database& database, const std::string& file, const Clock& clock);

/// Reads a whole backup and checks its digest, without any database.
Result<BackupSummary> check_backup(const std::string& file);
/// The same from anywhere: `read` fills the span, gives how much it did, 0 at the end.
Result<BackupSummary> check_backup(
    const std::function<Result<std::size_t>(std::span<std::uint8_t>)>& read);

/// Into a database that was never migrated. Then brings the schema up to `sets`.
Result<BackupSummary> restore(const std::string& file, Database& target,
                              std::span<const MigrationSet> sets, const Clock& clock);

/// Every table of the database, by name; as of one moment when inside begin_read().
Result<std::vector<TableDigest>> table_digests(Session& session);

}  // namespace vl::store
