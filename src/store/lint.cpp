#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include <vonglau/store/lint.hpp>

#include "sql_words.hpp"

namespace vl::store {
namespace {

using WordKind = SqlWord::Kind;
using Words = std::vector<SqlWord>;

/// What both engines have under one name, with one meaning.
constexpr std::array functions{
    "count", "sum",  "min",    "max",    "avg",         "coalesce",   "nullif",
    "abs",   "cast", "length", "substr", "replace",     "trim",       "row_number",
    "rank",  "lag",  "lead",   "ntile",  "first_value", "last_value", "dense_rank"};

/// Words that may stand before a bracket without calling anything.
constexpr std::array before_bracket{
    "in",       "values", "exists",    "and",    "or",        "not",      "where",   "on",
    "as",       "over",   "from",      "join",   "select",    "then",     "else",    "when",
    "by",       "union",  "all",       "set",    "key",       "check",    "unique",  "limit",
    "case",     "having", "like",      "offset", "except",    "conflict", "between", "intersect",
    "distinct", "filter", "returning", "using",  "references"};

struct Refused {
  std::string_view word;
  std::string_view why;
};
constexpr std::array refused_words{
    Refused{"autoincrement", "ids come from IdSource"},
    Refused{"serial", "ids come from IdSource"},
    Refused{"bigserial", "ids come from IdSource"},
    Refused{"rowid", "only SQLite has it; name the key"},
    Refused{"ctid", "only PostgreSQL has it; name the key"},
    Refused{"glob", "only SQLite has it; use LIKE"},
    Refused{"regexp", "only SQLite has it"},
    Refused{"ilike", "only PostgreSQL has it; store folded text and use LIKE"},
    Refused{"similar", "only PostgreSQL has it"},
    Refused{"lateral", "only PostgreSQL has it"},
    Refused{"array", "only PostgreSQL has it"},
    Refused{"any", "only PostgreSQL has it; use IN with a SELECT"},
    Refused{"interval", "only PostgreSQL has it; times are integers of microseconds"},
    Refused{"true", "it is a boolean in PostgreSQL; use 1"},
    Refused{"false", "it is a boolean in PostgreSQL; use 0"},
    Refused{"current_timestamp", "time comes from the Clock, as a parameter"},
    Refused{"current_date", "time comes from the Clock, as a parameter"},
    Refused{"current_time", "time comes from the Clock, as a parameter"},
    Refused{"localtimestamp", "time comes from the Clock, as a parameter"},
    Refused{"collate", "text sorts by its bytes on both engines; sort for people in the interface"},
    Refused{"indexed", "only SQLite has it"},
    Refused{"pragma", "only SQLite has it"},
    Refused{"listen", "watchers read the journal"},
    Refused{"notify", "watchers read the journal"},
    Refused{"unlisten", "watchers read the journal"},
    Refused{"only", "only PostgreSQL has it"},
    Refused{"isnull", "write IS NULL"},
    Refused{"notnull", "write IS NOT NULL"},
};

template <class List>
bool has(const List& list, std::string_view text) {
  return std::ranges::any_of(list, [&](const auto& one) { return text == one; });
}

std::unexpected<Error> refuse(std::string_view what, std::string_view why, std::string_view sql) {
  return fail(StoreError::invalid, fmt::format("{}: {}. In: {}", what, why, sql));
}

/// The index of the bracket that closes the one at `open`, or the end.
std::size_t closing(const Words& words, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < words.size(); ++i) {
    if (words[i].is("(")) ++depth;
    if (words[i].is(")") && --depth == 0) return i;
  }
  return words.size();
}

bool has_comma(const Words& words, std::size_t open, std::size_t close) {
  int depth = 0;
  for (std::size_t i = open; i < close; ++i) {
    if (words[i].is("(")) ++depth;
    if (words[i].is(")")) --depth;
    if (depth == 1 && words[i].is(",")) return true;
  }
  return false;
}

const SqlWord& at(const Words& words, std::size_t i) {
  static const SqlWord none{};
  return i < words.size() ? words[i] : none;
}

Result<void> check_call(const Words& words, std::size_t i, std::string_view sql) {
  const std::string& name = words[i].text;
  if (has(before_bracket, name)) return {};
  if (i > 0 && words[i - 1].is("into")) return {};  // INSERT INTO table (columns)
  const std::size_t close = closing(words, i + 1);
  const bool heads_with =
      i > 0 && (words[i - 1].is("with") || words[i - 1].is("recursive") || words[i - 1].is(","));
  if (heads_with && at(words, close + 1).is("as")) return {};  // WITH name (columns) AS
  if (name.starts_with("pg_")) return refuse(name, "only PostgreSQL has it", sql);
  if (!has(functions, name)) {
    return refuse(name + "()", "not a function that both engines have alike", sql);
  }
  if ((name == "min" || name == "max") && has_comma(words, i + 1, close)) {
    return refuse(name + "(a, b)", "PostgreSQL has no such form; write CASE", sql);
  }
  return {};
}

Result<void> check_sign(const Words& words, std::size_t i, std::string_view sql) {
  const SqlWord& w = words[i];
  if (w.is("::")) return refuse("::", "write CAST(x AS t)", sql);
  if (w.is("==")) return refuse("==", "write =", sql);
  if (w.is("?") || w.is(":") || w.is("@")) return refuse(w.text, "parameters are $1, $2...", sql);
  if (w.is(";") && i + 1 < words.size()) return refuse(";", "one statement at a time", sql);
  static constexpr std::array good{"(",  ")",  ",", ";", "=", "<", ">", "<=", ">=", "<>",
                                   "!=", "||", "+", "-", "*", "/", "%", ".",  "&",  "|"};
  if (!has(good, w.text)) return refuse(w.text, "not an operator of both engines", sql);
  return {};
}

Result<void> check_name(const Words& words, std::size_t i, std::string_view sql) {
  const SqlWord& w = words[i];
  for (const Refused& r : refused_words) {
    if (w.text == r.word) return refuse(w.text, r.why, sql);
  }
  const SqlWord& next = at(words, i + 1);
  if (w.text == "insert" && next.is("or")) {
    return refuse("OR after INSERT", "write INSERT ... ON CONFLICT", sql);
  }
  if (w.text == "for" && (next.is("update") || next.is("share"))) {
    return refuse("FOR UPDATE", "one writer per journal needs no row locks", sql);
  }
  if (w.text == "distinct" && next.is("on")) {
    return refuse("DISTINCT ON", "only PostgreSQL has it; use row_number()", sql);
  }
  if (w.text == "conflict" && !next.is("(") && !next.is("do")) {
    return refuse("ON CONFLICT", "name the columns in brackets", sql);
  }
  if (w.text == "conflict" && next.is("do") && at(words, i + 2).is("update")) {
    return refuse("ON CONFLICT DO UPDATE", "PostgreSQL wants the columns in brackets", sql);
  }
  if (next.is("(")) return check_call(words, i, sql);
  return {};
}

Result<void> check_parameters(const Words& words, std::string_view sql) {
  std::set<std::size_t> seen;
  for (const SqlWord& w : words) {
    if (w.kind == WordKind::parameter) {
      if (w.text.size() > 4) return refuse("$" + w.text, "too many parameters", sql);
      seen.insert(std::stoul(w.text));
    }
  }
  std::size_t next = 1;
  for (const std::size_t number : seen) {
    if (number != next++) return refuse("parameters", "$1, $2... without gaps", sql);
  }
  return {};
}

/// The tables that the statement names, without those that WITH makes.
std::set<std::string> tables_of(const Words& words) {
  std::set<std::string> tables, made_here;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const SqlWord& next = at(words, i + 1);
    if (words[i].kind != WordKind::name) continue;
    const bool names = words[i].text == "from" || words[i].text == "join" ||
                       words[i].text == "into" || (words[i].text == "update" && !next.is("set"));
    if (names && next.kind == WordKind::name) tables.insert(next.text);
    // WITH name AS ( or WITH name (columns) AS (; an alias "x AS (" does not exist otherwise.
    const std::size_t as = next.is("(") ? closing(words, i + 1) + 1 : i + 1;
    if (at(words, as).is("as") && at(words, as + 1).is("(")) made_here.insert(words[i].text);
  }
  for (const auto& name : made_here) tables.erase(name);
  return tables;
}

bool names_column(const Words& words, std::string_view column) {
  return std::ranges::any_of(words, [&](const SqlWord& w) { return w.is(column); });
}

Result<void> check_shard(const Words& words, std::string_view sql, const LintRules& rules) {
  if (rules.shard_column.empty() || names_column(words, rules.shard_column)) return {};
  for (const auto& table : tables_of(words)) {
    if (has(rules.exempt_tables, table)) continue;
    return refuse(table, "say which province: the tables are sharded by " + rules.shard_column,
                  sql);
  }
  return {};
}

/// One CREATE TABLE, from its name to the bracket that closes it.
Result<void> check_table(const Words& words, std::size_t name, const std::string& ddl,
                         const LintRules& rules) {
  const std::string& table = words[name].text;
  const std::size_t open = name + 1;
  const std::size_t close = closing(words, open);
  const SqlWord& after = at(words, close + 1);
  if (after.kind != WordKind::placeholder || after.text != "strict") {
    return refuse(table, "end the table with {strict}", ddl);
  }
  if (rules.shard_column.empty() || has(rules.exempt_tables, table)) return {};
  const SqlWord* column = nullptr;  // whose definition this is
  for (std::size_t i = open; i + 1 < close; ++i) {
    if (words[i].is("(") || words[i].is(",")) column = &words[i + 1];
    if (!words[i].is("primary") || !words[i + 1].is("key")) continue;
    const SqlWord& keyed = at(words, i + 2).is("(") ? at(words, i + 3) : *column;
    if (keyed.is(rules.shard_column)) return {};
  }
  return refuse(table, fmt::format("its key must be PRIMARY KEY ({}, ...)", rules.shard_column),
                ddl);
}

}  // namespace

Result<void> lint(std::string_view sql, const LintRules& rules) {
  VL_TRY(const Words words, sql_words(sql));
  static constexpr std::array openings{"select", "insert", "update", "delete", "with"};
  if (words.empty() || words[0].kind != WordKind::name || !has(openings, words[0].text)) {
    return refuse(words.empty() ? "nothing" : words[0].text,
                  "statements are SELECT, INSERT, UPDATE, DELETE and WITH", sql);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    switch (words[i].kind) {
      case WordKind::name:
        VL_CHECK(check_name(words, i, sql));
        break;
      case WordKind::sign:
        VL_CHECK(check_sign(words, i, sql));
        break;
      case WordKind::placeholder:
        return refuse("{" + words[i].text + "}", "values are parameters, never part of the text",
                      sql);
      default:
        break;
    }
  }
  VL_CHECK(check_parameters(words, sql));
  return check_shard(words, sql, rules);
}

Result<void> lint(const Migration& migration, const LintRules& rules) {
  const std::string& ddl = migration.ddl;
  VL_TRY(const Words words, sql_words(ddl));
  static constexpr std::array types{"integer", "bigint", "int",     "text",       "varchar",
                                    "real",    "double", "numeric", "blob",       "bytea",
                                    "boolean", "uuid",   "jsonb",   "timestamptz"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].kind != WordKind::name) continue;
    if (has(types, words[i].text)) {
      return refuse(words[i].text, "types are {integer}, {real}, {text} and {bytes}", ddl);
    }
    for (const Refused& r : refused_words) {
      if (words[i].text == r.word) return refuse(r.word, r.why, ddl);
    }
    if (words[i].text == "table" && i > 0 && words[i - 1].is("create")) {
      if (at(words, i + 1).is("if")) {
        return refuse("IF NOT EXISTS", "a migration runs exactly once", ddl);
      }
      if (at(words, i + 2).is("(")) VL_CHECK(check_table(words, i + 1, ddl, rules));
    }
  }
  return {};
}

}  // namespace vl::store
