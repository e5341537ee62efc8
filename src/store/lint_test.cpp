#include <gtest/gtest.h>

#include <vonglau/store/lint.hpp>
#include <vonglau/store/testing/statement_lint.hpp>

namespace vl::store {
namespace {

std::string problem(std::string_view sql) {
  const auto good = lint(sql);
  return good ? "" : good.error().message;
}

TEST(Lint, lets_common_statements_through) {
  for (const char* sql : {
           "SELECT number, coalesce(max(weight), 0) FROM things WHERE province_id = $1 AND name "
           "LIKE $2 GROUP BY number ORDER BY number DESC NULLS LAST LIMIT 10",
           "INSERT INTO things (province_id, number) VALUES ($1, $2) ON CONFLICT (province_id, "
           "number) DO UPDATE SET number = excluded.number RETURNING number",
           "INSERT INTO things (province_id) VALUES ($1) ON CONFLICT DO NOTHING",
           "UPDATE things SET name = 'now() ? :: '' \"x\"' WHERE province_id = $1 AND (a IN (1, "
           "2) OR NOT (b = 3)) -- now()",
           "DELETE FROM things WHERE province_id = $1 AND EXISTS (SELECT 1 FROM other AS o WHERE "
           "o.province_id = $1)",
           "WITH RECURSIVE chain (a, b) AS (SELECT number, 1 FROM things WHERE province_id = $1 "
           "UNION ALL SELECT a, b + 1 FROM chain), last AS (SELECT a FROM chain) SELECT count(*), "
           "sum(a) FILTER (WHERE a > 2) FROM last",
           "SELECT row_number() OVER (PARTITION BY name ORDER BY number) FROM things WHERE "
           "province_id = $1;",
           "SELECT room FROM schema_migrations",
           "SELECT CAST($1 AS BIGINT)",
       }) {
    EXPECT_EQ(problem(sql), "");
  }
}

struct Bad {
  const char* sql;
  const char* blamed;
};

TEST(Lint, refuses_what_only_one_engine_does_and_names_it) {
  for (const Bad& bad : std::vector<Bad>{
           {"SELECT a FROM t WHERE province_id = ?", "?: "},
           {"SELECT a FROM t WHERE province_id = :id", ":: "},
           {"SELECT a::text FROM t WHERE province_id = $1", ":::"},
           {"SELECT now(), province_id FROM t", "now()"},
           {"SELECT datetime('now'), province_id FROM t", "datetime()"},
           {"SELECT random(), province_id FROM t", "random()"},
           {"SELECT lower(name) FROM t WHERE province_id = $1", "lower()"},
           {"SELECT max(a, b) FROM t WHERE province_id = $1", "max(a, b)"},
           {"SELECT greatest(a, b) FROM t WHERE province_id = $1", "greatest()"},
           {"SELECT pg_advisory_lock($1)", "pg_advisory_lock"},
           {"INSERT OR REPLACE INTO t (province_id) VALUES ($1)", "OR after INSERT"},
           {"REPLACE INTO t (province_id) VALUES ($1)", "replace"},
           {"LISTEN events", "listen"},
           {"PRAGMA user_version", "pragma"},
           {"CREATE TABLE t (a INTEGER)", "create"},
           {"SELECT a FROM t WHERE province_id = $1 FOR UPDATE", "FOR UPDATE"},
           {"SELECT DISTINCT ON (a) a FROM t WHERE province_id = $1", "DISTINCT ON"},
           {"SELECT a FROM t WHERE province_id = $1 AND b = true", "true"},
           {"SELECT a FROM t WHERE province_id = $1 AND b == 1", "=="},
           {"SELECT a FROM t WHERE province_id = $1 AND b ~ 'x'", "~"},
           {"SELECT a ->> 'x' FROM t WHERE province_id = $1", "->"},
           {"SELECT a FROM t WHERE province_id = $1 AND k = x'00'", "x'...'"},
           {"SELECT a FROM t WHERE province_id = $1 AND rowid = 4", "rowid"},
           {"SELECT a FROM t WHERE province_id = $1 AND b = $3", "parameters"},
           {"SELECT a FROM t WHERE province_id = $1; DELETE FROM t", ";"},
           {"SELECT {} FROM t WHERE province_id = $1", "{}"},
           {"SELECT a FROM t WHERE province_id = $1 AND b = 'open", "open"},
           {"INSERT INTO t (province_id) VALUES ($1) ON CONFLICT DO UPDATE SET a = 1",
            "ON CONFLICT"},
           {"SELECT current_timestamp, province_id FROM t", "current_timestamp"},
           {"", "nothing"},
       }) {
    EXPECT_NE(problem(bad.sql).find(bad.blamed), std::string::npos)
        << bad.sql << " gave: " << problem(bad.sql);
  }
}

TEST(Lint, asks_every_statement_for_its_province) {
  EXPECT_NE(problem("SELECT a FROM things WHERE number = $1").find("things"), std::string::npos);
  EXPECT_NE(problem("UPDATE things SET a = 1").find("province"), std::string::npos);
  EXPECT_TRUE(lint("UPDATE things SET a = 1", {.shard_column = ""}));
  EXPECT_TRUE(lint("UPDATE things SET a = 1", {.exempt_tables = {"things"}}));
}

Result<void> lint_ddl(std::string ddl) {
  return lint(Migration{1, "x", std::move(ddl)});
}

TEST(Lint, holds_tables_to_common_types_strictness_and_a_key_by_province) {
  EXPECT_TRUE(
      lint_ddl("CREATE TABLE t (province_id {integer} NOT NULL, id {bytes}, PRIMARY KEY "
               "(province_id, id)) {strict}; CREATE INDEX i ON t (id);"));
  EXPECT_TRUE(lint_ddl("CREATE TABLE t (province_id {integer} NOT NULL PRIMARY KEY) {strict}"));
  EXPECT_FALSE(lint_ddl("CREATE TABLE t (province_id {integer}, id {bytes} PRIMARY KEY) {strict}"));
  EXPECT_FALSE(lint_ddl("CREATE TABLE t (province_id {integer}, PRIMARY KEY (province_id))"))
      << "not strict";
  EXPECT_FALSE(
      lint_ddl("CREATE TABLE t (province_id {integer}, id {bytes}, PRIMARY KEY (id)) "
               "{strict}"));
  EXPECT_FALSE(
      lint_ddl("CREATE TABLE t (province_id BIGINT, PRIMARY KEY (province_id)) "
               "{strict}"));
  EXPECT_FALSE(
      lint_ddl("CREATE TABLE t (province_id {integer} PRIMARY KEY AUTOINCREMENT) "
               "{strict}"));
  EXPECT_FALSE(
      lint_ddl("CREATE TABLE IF NOT EXISTS t (province_id {integer}, PRIMARY KEY "
               "(province_id)) {strict}"));
  EXPECT_FALSE(lint_ddl("CREATE TABLE t (province_id {integer} DEFAULT 'open"));
}

TEST(StatementLint, finds_literals_as_the_compiler_joins_them) {
  const auto found = testing::literals_of(
      "// \"not this\"\n"
      "const char* a = \"SELECT a \"  // why\n"
      "    \"FROM t\"; char c = '\"'; int n = 1'000; /* \"nor this\" */\n"
      "f(R\"sql(DELETE \"x\")sql\", \"it\\\"s\");\n"
      "// one engine: search\n"
      "g(\"SELECT b \"\n"
      "  \"FROM u\");\n"
      "h(\"SELECT c \"  // one engine: telemetry\n"
      "  \"FROM v\"); i(\"end\");\n");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].text, "SELECT a FROM t");
  EXPECT_EQ(found[0].line, 2);
  EXPECT_EQ(found[1].text, "DELETE \"x\"");
  EXPECT_EQ(found[2].text, "it\"s");
  EXPECT_EQ(found[3].text, "end");
  EXPECT_EQ(found[3].line, 9);
}

TEST(StatementLint, of_every_room_finds_nothing) {
  // The vault's keys are in a database of their own, with one row for its lock; a node's spool is
  // its own file.
  const LintRules rules{.exempt_tables = {"schema_migrations", "keystore_master", "spool_items"}};
  EXPECT_EQ(testing::statement_problems("src", rules), "");
}

TEST(StatementLint, says_when_there_is_nothing_to_read) {
  EXPECT_NE(testing::statement_problems("src/no_such_room"), "");
}

}  // namespace
}  // namespace vl::store
