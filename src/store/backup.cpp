#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include <vonglau/store/backup.hpp>

#include "backup_file.hpp"
#include "catalogue.hpp"
#include "migrations_inside.hpp"

namespace vl::store {
namespace {

constexpr std::size_t rows_section_bytes = 256U << 10;

std::string names(const CatalogueTable& table) {
  std::string list;
  for (const auto& column : table.columns) list += (list.empty() ? "" : ", ") + quoted(column);
  return list;
}

/// Every row of a table in the backup's encoding, one call a row.
Result<void> each_row(Session& session, const CatalogueTable& table,
                      const std::function<Result<void>(const Bytes&)>& take) {
  Bytes encoded;
  Result<void> outcome{};
  // one engine: on both, with names from the catalogue
  const auto read = session.query(
      fmt::format("SELECT {} FROM {}", names(table), quoted(table.name)), {}, [&](const Row& row) {
        encoded.clear();
        for (int i = 0; i < row.columns(); ++i) encode(row.value(i), encoded);
        outcome = take(encoded);
        return outcome.has_value();
      });
  if (!outcome) return outcome;
  if (!read) {
    Error error = read.error();
    error.message = fmt::format("table {}: {}", table.name, error.message);
    return fail(std::move(error));
  }
  return {};
}

Result<TableDigest> copy_table(Session& session, const CatalogueTable& table,
                               BackupWriter& writer) {
  VL_CHECK(writer.table({table.name, table.columns}));
  RowsDigest digest;
  Bytes pending;
  VL_CHECK(each_row(session, table, [&](const Bytes& row) -> Result<void> {
    digest.add(row);
    pending.insert(pending.end(), row.begin(), row.end());
    if (pending.size() < rows_section_bytes) return {};
    auto written = writer.rows(pending);
    pending.clear();
    return written;
  }));
  if (!pending.empty()) VL_CHECK(writer.rows(pending));
  return TableDigest{table.name, digest.rows(), digest.value()};
}

/// Ends a read transaction however its reader returns.
class Reading {
 public:
  explicit Reading(Session& session) : session_(session) {}
  ~Reading() { session_.rollback(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  Session& session_;
};

/// `sets`, in their order, cut back to what the backup had.
Result<std::vector<MigrationSet>> sets_of(const BackupHeader& header,
                                          std::span<const MigrationSet> sets) {
  std::vector<MigrationSet> then;
  for (const auto& set : sets) then.push_back({set.room, {}});
  for (const AppliedMigration& a : header.migrations) {
    const auto known = std::ranges::find(sets, a.room, &MigrationSet::room);
    if (known == sets.end() || a.number < 1 || a.number > std::ssize(known->migrations) ||
        known->migrations[static_cast<std::size_t>(a.number) - 1].name != a.name) {
      return fail(StoreError::schema,
                  fmt::format("the backup's {} schema has migration {} ({}), which this program "
                              "does not know: restore it with the program that made it",
                              a.room, a.number, a.name));
    }
    then[static_cast<std::size_t>(known - sets.begin())].migrations.push_back(
        known->migrations[static_cast<std::size_t>(a.number) - 1]);
  }
  return then;
}

/// Puts a backup's parts into a database, inside one transaction.
class Loader {
 public:
  Loader(Session& session, std::span<const MigrationSet> sets, WallTime now)
      : session_(session), sets_(sets), now_(now) {}

  Result<void> header(const BackupHeader& header) {
    VL_TRY(const auto then, sets_of(header, sets_));
    VL_CHECK(migrate_inside(session_, then, now_));
    VL_TRY(put_back_, suspend_constraints(session_));
    VL_TRY(tables_, tables_of(session_));
    // Rows that the migrations themselves put there are in the backup too.
    for (const auto& table : tables_) {
      // one engine: on both, with names from the catalogue
      VL_CHECK(session_.execute(fmt::format("DELETE FROM {}", quoted(table.name))));
    }
    return {};
  }

  Result<void> table(const BackupTable& table) {
    const auto found = std::ranges::find(tables_, table.name, &CatalogueTable::name);
    if (found == tables_.end() || found->columns != table.columns) {
      return fail(StoreError::schema,
                  fmt::format("the backup's table {} is not as its migrations make it: restore it "
                              "with the program that made it",
                              table.name));
    }
    std::string parameters;
    for (std::size_t i = 1; i <= table.columns.size(); ++i) {
      parameters += fmt::format("{}${}", i == 1 ? "" : ", ", i);
    }
    // one engine: on both, with names from the catalogue
    insert_ = fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted(table.name), names(*found),
                          parameters);
    return {};
  }

  Result<void> row(const std::vector<Value>& values) { return session_.post(insert_, values); }

  Result<void> finish(const BackupSummary& summary) {
    for (const auto& statement : put_back_) VL_CHECK(session_.script(statement));
    VL_TRY(const auto loaded, table_digests(session_));
    if (loaded != summary.tables) {
      return fail(StoreError::invalid, "what was loaded is not what the backup holds");
    }
    return {};
  }

 private:
  Session& session_;
  std::span<const MigrationSet> sets_;
  WallTime now_;
  std::vector<std::string> put_back_;
  std::vector<CatalogueTable> tables_;
  std::string insert_;
};

Result<BackupSummary> load(const std::string& file, Session& session,
                           std::span<const MigrationSet> sets, WallTime now) {
  VL_TRY(const auto source, backup_source(file));
  Loader loader(session, sets, now);
  VL_TRY(auto summary,
         read_backup(source, {[&](const BackupHeader& h) { return loader.header(h); },
                              [&](const BackupTable& t) { return loader.table(t); },
                              [&](const std::vector<Value>& r) { return loader.row(r); }}));
  VL_CHECK(loader.finish(summary));
  return summary;
}

}  // namespace

Result<std::vector<TableDigest>> table_digests(Session& session) {
  std::vector<TableDigest> digests;
  VL_TRY(const auto tables, tables_of(session));
  for (const auto& table : tables) {
    RowsDigest digest;
    VL_CHECK(each_row(session, table, [&](const Bytes& row) -> Result<void> {
      digest.add(row);
      return {};
    }));
    digests.push_back({table.name, digest.rows(), digest.value()});
  }
  return digests;
}

Result<BackupSummary> back_up(Database& database, const std::string& file, const Clock& clock) {
  VL_TRY(auto writer, BackupWriter::create(file));
  VL_TRY(const auto session, database.open_reader());
  BackupSummary summary;
  summary.taken = clock.wall();  // before the view is taken, so that it is never too late
  VL_CHECK(session->begin_read());
  const Reading reading(*session);
  VL_TRY(summary.migrations, applied_migrations(*session));
  VL_CHECK(writer.header({summary.taken, summary.migrations}));
  VL_TRY(const auto tables, tables_of(*session));
  for (const auto& table : tables) {
    VL_TRY(auto digest, copy_table(*session, table, writer));
    summary.rows += digest.rows;
    summary.tables.push_back(std::move(digest));
  }
  VL_TRY(summary.bytes, writer.finish({summary.tables}));
  return summary;
}

Result<BackupSummary> check_backup(
    const std::function<Result<std::size_t>(std::span<std::uint8_t>)>& read) {
  return read_backup(read, {});
}

Result<BackupSummary> check_backup(const std::string& file) {
  VL_TRY(const auto source, backup_source(file));
  return read_backup(source, {});
}

Result<BackupSummary> restore(const std::string& file, Database& target,
                              std::span<const MigrationSet> sets, const Clock& clock) {
  VL_CHECK(check_backup(file));  // before anything is touched
  VL_TRY(const auto session, target.open_session());
  VL_TRY(const auto there, tables_of(*session));
  if (!there.empty()) {
    return fail(StoreError::conflict,
                "the database to restore into already has tables; give an empty one", "target");
  }
  VL_CHECK(session->begin_write());
  auto summary = load(file, *session, sets, clock.wall());
  if (!summary) {
    session->rollback();
    return summary;
  }
  VL_CHECK(session->commit());
  VL_CHECK(migrate(*session, sets, clock));
  return summary;
}

}  // namespace vl::store
