#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/store/migrations.hpp>
#include <vonglau/store/testing/old_schemas.hpp>
#include <vonglau/store/testing/outcome.hpp>

namespace vl::store {
namespace {

MigrationSet calls(std::size_t versions) {
  MigrationSet set{"calls",
                   {{1, "calls",
                     "CREATE TABLE calls (province_id {integer} NOT NULL, number {integer} NOT "
                     "NULL, caller {bytes}, PRIMARY KEY (province_id, number)) {strict};"},
                    {2, "call_length", "ALTER TABLE calls ADD COLUMN length_s {real};",
                     "CREATE INDEX calls_by_length ON calls (length_s);",
                     "CREATE INDEX calls_by_length ON calls USING btree (length_s);"},
                    {3, "queues",
                     "CREATE TABLE queues (province_id {integer} NOT NULL, name {text} NOT NULL, "
                     "PRIMARY KEY (province_id, name)) {strict};"
                     "INSERT INTO queues VALUES (10, '{}');"}}};
  set.migrations.resize(versions);
  return set;
}

MigrationSet with_a_mistake() {
  MigrationSet set = calls(3);
  set.migrations.push_back({4, "mistake",
                            "CREATE TABLE fine (province_id {integer} NOT NULL PRIMARY KEY) "
                            "{strict}; UPDATE calls SET number = 0; ALTER TABLE nowhere ADD "
                            "COLUMN x {text};"});
  return set;
}

using testing::code;

class Migrations : public testing::EachEngine {
 protected:
  Result<std::int64_t> run(Session& s, const MigrationSet& set) {
    return migrate(s, std::span(&set, 1), clock_);
  }
  ManualClock clock_;
};

TEST_P(Migrations, are_applied_once_each_in_order) {
  auto s = session();
  EXPECT_EQ(run(*s, calls(2)), 2);
  EXPECT_EQ(run(*s, calls(2)), 0);
  clock_.advance_us(5);
  EXPECT_EQ(run(*s, calls(3)), 1);
  const auto applied = applied_migrations(*s);
  ASSERT_TRUE(applied) << applied.error().message;
  ASSERT_EQ(applied->size(), 3U);
  EXPECT_EQ((*applied)[2].name, "queues");
  EXPECT_EQ((*applied)[2].applied, clock_.wall());
  EXPECT_EQ(s->query_integer("SELECT count(*) FROM queues WHERE name = '{}'"), 1);
}

TEST_P(Migrations, of_several_rooms_stand_beside_each_other) {
  auto s = session();
  const std::vector<MigrationSet> both{
      calls(3), {"sites", {{1, "sites", "CREATE TABLE sites (province_id {integer}) {strict};"}}}};
  EXPECT_EQ(migrate(*s, both, clock_), 4);
  EXPECT_TRUE(check_schema(*s, both));
  EXPECT_EQ(run(*s, calls(3)), 0) << "a room that is not mentioned is left alone";
}

TEST_P(Migrations, that_fail_leave_the_old_schema_and_its_rows_whole) {
  auto s = session();
  ASSERT_EQ(run(*s, calls(2)), 2);
  ASSERT_TRUE(s->execute("INSERT INTO calls (province_id, number) VALUES ($1, $2)", {10, 7}));
  const std::string before = testing::schema_text(*s);
  const auto failed = run(*s, with_a_mistake());
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("migration calls 4 (mistake) failed"), std::string::npos)
      << failed.error().message;
  EXPECT_EQ(testing::schema_text(*s), before) << "number 3 was good and must go too";
  EXPECT_EQ(s->query_integer("SELECT number FROM calls"), 7);
  EXPECT_EQ(applied_migrations(*s)->size(), 2U);
  EXPECT_EQ(run(*s, calls(3)), 1) << "the session and the database go on";
}

TEST_P(Migrations, refuse_a_database_that_is_newer_than_the_program) {
  auto s = session();
  ASSERT_EQ(run(*s, calls(3)), 3);
  const std::string before = testing::schema_text(*s);
  const auto old_program = run(*s, calls(2));
  EXPECT_EQ(code(old_program), code_of(StoreError::schema));
  EXPECT_NE(old_program.error().message.find("newer program"), std::string::npos);
  const MigrationSet two = calls(2);
  EXPECT_EQ(code(check_schema(*s, std::span(&two, 1))), code_of(StoreError::schema));
  EXPECT_EQ(testing::schema_text(*s), before);
}

TEST_P(Migrations, refuse_a_history_that_is_not_theirs) {
  auto s = session();
  ASSERT_EQ(run(*s, calls(2)), 2);
  MigrationSet other = calls(3);
  other.migrations[1].name = "something_else";
  EXPECT_EQ(code(run(*s, other)), code_of(StoreError::schema));
  MigrationSet gap = calls(3);
  gap.migrations.erase(gap.migrations.begin() + 1);
  EXPECT_EQ(code(run(*s, gap)), code_of(StoreError::invalid));
}

TEST_P(Migrations, are_checked_without_writing) {
  auto s = session();
  const MigrationSet set = calls(3);
  EXPECT_EQ(code(check_schema(*s, std::span(&set, 1))), code_of(StoreError::schema));
  ASSERT_EQ(run(*s, calls(2)), 2);
  auto reader = std::move(*database().open_reader());
  EXPECT_EQ(code(check_schema(*reader, std::span(&set, 1))), code_of(StoreError::schema));
  ASSERT_EQ(run(*s, set), 1);
  EXPECT_TRUE(check_schema(*reader, std::span(&set, 1)));
}

TEST_P(Migrations, of_two_programs_at_once_take_turns) {
  auto one = session();
  auto two = session();
  Result<std::int64_t> first = 0, second = 0;
  std::thread a([&] { first = run(*one, calls(3)); });
  std::thread b([&] { second = run(*two, calls(3)); });
  a.join();
  b.join();
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(*first + *second, 3);
}

TEST_P(Migrations, keep_every_old_schema_and_upgrade_it) {
  testing::OldSchemas old{.folder = testing::source_path("src/store/schemas"), .set = calls(3)};
  int checked = 0;
  testing::upgrade_every_old_schema(GetParam(), old, [&](Session& s, std::int64_t from) {
    ++checked;
    if (from == 1) {
      EXPECT_EQ(s.query_integer("SELECT number FROM calls"), 41);
    }
    EXPECT_EQ(s.query_integer("SELECT count(*) FROM queues"), 1);
  });
  EXPECT_EQ(checked, 3);
}

TEST(DdlWords, are_put_in_each_engines_terms_and_others_refused) {
  const char* text = "a {integer}, b {bytes}, c {real} DEFAULT '{}') {strict}";
  EXPECT_EQ(ddl_for(Engine::sqlite, text), "a INTEGER, b BLOB, c REAL DEFAULT '{}') STRICT");
  EXPECT_EQ(ddl_for(Engine::postgresql, text),
            "a BIGINT, b BYTEA, c DOUBLE PRECISION DEFAULT '{}') ");
  EXPECT_EQ(code(ddl_for(Engine::sqlite, "a {uuid}")), code_of(StoreError::invalid));
  EXPECT_EQ(ddl_for(Engine::sqlite, "an open {"), "an open {");
}

VL_ON_EACH_ENGINE(Migrations);

}  // namespace
}  // namespace vl::store
