// SQLite's columns as a Row, and values bound to its parameters.
#pragma once

#include <sqlite3.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* s) : s_(s) {}
  int columns() const override { return sqlite3_column_count(s_); }
  bool is_null(int column) const override { return type(column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override {
    VL_ASSERT(type(column) == SQLITE_INTEGER);
    return sqlite3_column_int64(s_, column);
  }
  double real(int column) const override {
    // A whole number out of an expression such as coalesce(x, 0) widens, as in PostgreSQL.
    VL_ASSERT(type(column) == SQLITE_FLOAT || type(column) == SQLITE_INTEGER);
    return sqlite3_column_double(s_, column);
  }
  std::string_view text(int column) const override {
    VL_ASSERT(type(column) == SQLITE_TEXT);
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(s_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(s_, column))};
  }
  ByteView bytes(int column) const override {
    VL_ASSERT(type(column) == SQLITE_BLOB);
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(s_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(s_, column))};
  }
  Value value(int column) const override {
    switch (type(column)) {
      case SQLITE_INTEGER:
        return integer(column);
      case SQLITE_FLOAT:
        return real(column);
      case SQLITE_TEXT:
        return text(column);
      case SQLITE_BLOB: {
        const ByteView view = bytes(column);
        return Bytes(view.begin(), view.end());
      }
      default:
        return {};
    }
  }

 private:
  int type(int column) const {
    VL_ASSERT(column >= 0 && column < columns());
    return sqlite3_column_type(s_, column);
  }
  sqlite3_stmt* s_;
};

/// The value must outlive the statement's run. Gives SQLite's code.
int bind(sqlite3_stmt* statement, int index, const Value& value);

}  // namespace vl::store
