#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/core.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::store::testing {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path kept_file(const OldSchemas& old, std::int64_t number, Engine engine) {
  return fs::path(old.folder) / fmt::format("{:03}.{}.sql", number, name_of(engine));
}

/// The statements that made version `number` of the set, and its history.
std::string text_to_keep(const OldSchemas& old, std::int64_t number, Engine engine) {
  std::string text =
      fmt::format("-- {} at {}: kept as released, never edited.\n", old.set.room, number);
  for (const Migration& m : old.set.migrations) {
    if (m.number > number) break;
    const auto script = script_of(engine, m);
    EXPECT_TRUE(script) << script.error().message;
    text += *script;
    text += fmt::format(
        "\nINSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('{}', {}, "
        "'{}', 0);\n",
        old.set.room, m.number, m.name);
  }
  return text;
}

bool keep_if_asked(const OldSchemas& old, std::int64_t number, Engine engine) {
  const fs::path path = kept_file(old, number, engine);
  if (fs::exists(path)) return true;
  if (std::getenv("VL_KEEP_SCHEMAS") == nullptr) {
    ADD_FAILURE() << path.filename()
                  << " is not kept yet: run this test once with VL_KEEP_SCHEMAS=1 and commit it";
    return false;
  }
  fs::create_directories(old.folder);
  std::ofstream(path) << text_to_keep(old, number, engine);
  return true;
}

std::unique_ptr<Session> open(FreshDatabase& fresh) {
  auto opened = fresh.database().open_session();
  VL_ASSERT(opened.has_value());
  return std::move(*opened);
}

void load(Session& session, const OldSchemas& old, std::int64_t number, Engine engine) {
  const ManualClock clock;
  const auto prepared = migrate(session, old.others, clock);
  ASSERT_TRUE(prepared) << prepared.error().message;
  const auto loaded = session.script(read_file(kept_file(old, number, engine)));
  ASSERT_TRUE(loaded) << number << ": " << loaded.error().message;
  const fs::path rows = fs::path(old.folder) / fmt::format("{:03}.rows.sql", number);
  if (!fs::exists(rows)) return;
  const auto filled = session.script(read_file(rows));
  ASSERT_TRUE(filled) << rows.filename() << ": " << filled.error().message;
}

constexpr const char* sqlite_schema =
    "SELECT type, name, coalesce(sql, '') FROM sqlite_schema "
    "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name";

constexpr const char* postgresql_schema =
    "SELECT 'column', CAST(table_name AS text) || '.' || CAST(column_name AS text), "
    "CAST(data_type AS text) || ' ' || CAST(is_nullable AS text) || ' ' || "
    "coalesce(CAST(column_default AS text), '') "
    "FROM information_schema.columns WHERE table_schema = current_schema() "
    "UNION ALL SELECT 'constraint', CAST(conrelid::regclass AS text) || '.' || "
    "CAST(conname AS text), pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE connamespace = CAST(CAST(current_schema() AS text) AS regnamespace) "
    "UNION ALL SELECT 'index', CAST(indexname AS text), "
    "replace(CAST(indexdef AS text), CAST(schemaname AS text) || '.', '') "
    "FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1, 2, 3";

}  // namespace

std::string schema_text(Session& session) {
  std::string text;
  const auto read =
      session.query(session.engine() == Engine::sqlite ? sqlite_schema : postgresql_schema, {},
                    [&](const Row& row) {
                      text += fmt::format("{} {}: {}\n", row.text(0), row.text(1), row.text(2));
                      return true;
                    });
  EXPECT_TRUE(read) << read.error().message;
  return text;
}

void upgrade_every_old_schema(Engine engine, const OldSchemas& old,
                              const std::function<void(Session&, std::int64_t from)>& check) {
  const ManualClock clock;
  std::vector<MigrationSet> all = old.others;
  all.push_back(old.set);
  FreshDatabase today(engine);
  auto today_session = open(today);
  const auto made = migrate(*today_session, all, clock);
  ASSERT_TRUE(made) << made.error().message;
  const std::string wanted = schema_text(*today_session);

  for (const Migration& m : old.set.migrations) {
    SCOPED_TRACE(fmt::format("{} from {} on {}", old.set.room, m.number, name_of(engine)));
    if (!keep_if_asked(old, m.number, engine)) continue;
    FreshDatabase fresh(engine);
    auto session = open(fresh);
    load(*session, old, m.number, engine);
    if (::testing::Test::HasFatalFailure()) return;
    const auto upgraded = migrate(*session, all, clock);
    ASSERT_TRUE(upgraded) << upgraded.error().message;
    EXPECT_EQ(*upgraded, static_cast<std::int64_t>(old.set.migrations.size()) - m.number);
    EXPECT_EQ(schema_text(*session), wanted);
    if (check) check(*session, m.number);
  }
}

}  // namespace vl::store::testing
