#include <array>
#include <utility>

#include <fmt/core.h>

#include <vonglau/store/migrations.hpp>

#include "migrations_inside.hpp"

namespace vl::store {
namespace {

struct Word {
  std::string_view word;
  std::string_view sqlite;
  std::string_view postgresql;
};
constexpr std::array words{
    Word{"integer", "INTEGER", "BIGINT"}, Word{"real", "REAL", "DOUBLE PRECISION"},
    Word{"text", "TEXT", "TEXT"},         Word{"bytes", "BLOB", "BYTEA"},
    Word{"strict", "STRICT", ""},
};

// one engine: on both, but outside any migration
constexpr const char* history_table =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "room {text} NOT NULL, number {integer} NOT NULL, name {text} NOT NULL, "
    "applied_us {integer} NOT NULL, PRIMARY KEY (room, number)) {strict};";

bool is_word(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if ((c < 'a' || c > 'z') && c != '_') return false;
  }
  return true;
}

Result<void> check_set(const MigrationSet& set) {
  for (std::size_t i = 0; i < set.migrations.size(); ++i) {
    if (set.migrations[i].number != static_cast<std::int64_t>(i) + 1) {
      return fail(StoreError::invalid,
                  fmt::format("{}: migrations are numbered 1, 2, 3... without gaps, not {}",
                              set.room, set.migrations[i].number));
    }
  }
  return {};
}

/// How many of `set` the database has, or why it cannot be one of ours.
Result<std::int64_t> version_of(const MigrationSet& set,
                                std::span<const AppliedMigration> applied) {
  std::int64_t version = 0;
  for (const auto& a : applied) {
    if (a.room != set.room) continue;
    if (a.number > static_cast<std::int64_t>(set.migrations.size())) {
      return fail(StoreError::schema,
                  fmt::format("the database's {} schema has migration {} ({}), this program knows "
                              "{}: start the newer program, or restore a backup made before it",
                              set.room, a.number, a.name, set.migrations.size()));
    }
    const Migration& known = set.migrations[static_cast<std::size_t>(a.number) - 1];
    if (a.number != version + 1 || a.name != known.name) {
      return fail(StoreError::schema,
                  fmt::format("the database's {} schema has migration {} ({}) where this program "
                              "has {} ({}): it was made by another program",
                              set.room, a.number, a.name, known.number, known.name));
    }
    version = a.number;
  }
  return version;
}

Result<bool> has_history(Session& session) {
  // one engine: each has its own catalogue
  const char* sql = session.engine() == Engine::sqlite
                        ? "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'"
                        : "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                          "current_schema() AND table_name = 'schema_migrations'";
  VL_TRY(const auto found, session.query_integer(sql));
  return found.value_or(0) > 0;
}

Result<std::int64_t> apply(Session& session, const MigrationSet& set, std::int64_t version,
                           WallTime now) {
  std::int64_t done = 0;
  for (const Migration& m : set.migrations) {
    if (m.number <= version) continue;
    const auto script = script_of(session.engine(), m);
    const auto ran = script ? session.script(*script) : Result<void>(fail(script.error()));
    if (!ran) {
      Error error = ran.error();
      error.message = fmt::format("migration {} {} ({}) failed, nothing was changed: {}", set.room,
                                  m.number, m.name, error.message);
      return fail(std::move(error));
    }
    VL_CHECK(session.execute(
        "INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ($1, $2, $3, $4)",
        {set.room, m.number, m.name, now}));
    ++done;
  }
  return done;
}

/// Inside the transaction, where nobody else migrates.
Result<std::int64_t> apply_all(Session& session, std::span<const MigrationSet> sets, WallTime now) {
  if (session.engine() == Engine::postgresql) {
    VL_CHECK(session.script("LOCK TABLE schema_migrations IN EXCLUSIVE MODE"));
  } else {
    // A table may be rebuilt (new one, copy, drop, rename) while others refer to it.
    VL_CHECK(session.script("PRAGMA defer_foreign_keys = ON"));
  }
  VL_TRY(const auto applied, applied_migrations(session));
  std::vector<std::int64_t> versions;
  for (const auto& set : sets) {
    VL_TRY(const std::int64_t version, version_of(set, applied));
    versions.push_back(version);
  }
  std::int64_t done = 0;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    VL_TRY(const std::int64_t some, apply(session, sets[i], versions[i], now));
    done += some;
  }
  return done;
}

}  // namespace

Result<std::string> ddl_for(Engine engine, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const auto close = text.find('}');
    const std::string_view inside =
        close == std::string_view::npos ? std::string_view{} : text.substr(1, close - 1);
    if (!is_word(inside)) {  // a bracket of the DDL's own
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const Word* found = nullptr;
    for (const Word& w : words) {
      if (w.word == inside) found = &w;
    }
    if (!found) {
      return fail(StoreError::invalid, fmt::format("{{{}}} is no word of migrations", inside));
    }
    out += engine == Engine::sqlite ? found->sqlite : found->postgresql;
    text.remove_prefix(close + 1);
  }
  return out;
}

Result<std::string> script_of(Engine engine, const Migration& migration) {
  return ddl_for(engine, migration.ddl + "\n" +
                             (engine == Engine::sqlite ? migration.sqlite : migration.postgresql));
}

Result<std::vector<AppliedMigration>> applied_migrations(Session& session) {
  std::vector<AppliedMigration> applied;
  VL_TRY(const bool any, has_history(session));
  if (!any) return applied;
  VL_CHECK(session.query(
      "SELECT room, number, name, applied_us FROM schema_migrations ORDER BY room, number", {},
      [&](const Row& row) {
        applied.push_back(
            {std::string(row.text(0)), row.integer(1), std::string(row.text(2)), {row.integer(3)}});
        return true;
      }));
  return applied;
}

Result<void> migrate_inside(Session& session, std::span<const MigrationSet> sets, WallTime now) {
  VL_TRY(const std::string history, ddl_for(session.engine(), history_table));
  VL_CHECK(session.script(history));
  VL_CHECK(apply_all(session, sets, now));
  return {};
}

Result<std::int64_t> migrate(Session& session, std::span<const MigrationSet> sets,
                             const Clock& clock) {
  for (const auto& set : sets) VL_CHECK(check_set(set));
  VL_TRY(const bool any, has_history(session));
  if (!any) {
    VL_TRY(const std::string history, ddl_for(session.engine(), history_table));
    // Two first starts at once may both try; the table is what counts, not who made it.
    if (auto made = session.script(history); !made) {
      VL_TRY(const bool made_by_another, has_history(session));
      if (!made_by_another) return fail(made.error());
    }
  }
  VL_CHECK(session.begin_write());
  auto done = apply_all(session, sets, clock.wall());
  if (!done) {
    session.rollback();
    return done;
  }
  VL_CHECK(session.commit());
  return done;
}

Result<void> check_schema(Session& session, std::span<const MigrationSet> sets) {
  VL_TRY(const auto applied, applied_migrations(session));
  for (const auto& set : sets) {
    VL_CHECK(check_set(set));
    VL_TRY(const std::int64_t version, version_of(set, applied));
    if (version != static_cast<std::int64_t>(set.migrations.size())) {
      return fail(StoreError::schema,
                  fmt::format("the database's {} schema is at {}, this program needs {}: start "
                              "the centre once to upgrade it",
                              set.room, version, set.migrations.size()));
    }
  }
  return {};
}

}  // namespace vl::store
