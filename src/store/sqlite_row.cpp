#include "sqlite_row.hpp"

namespace vl::store {

int bind(sqlite3_stmt* statement, int index, const Value& value) {
  struct Bind {
    sqlite3_stmt* s;
    int i;
    // The values outlive the statement's run, so nothing is copied. An empty string or blob
    // needs an address that is not null, or SQLite binds null.
    int operator()(std::monostate) const { return sqlite3_bind_null(s, i); }
    int operator()(std::int64_t v) const { return sqlite3_bind_int64(s, i, v); }
    int operator()(double v) const { return sqlite3_bind_double(s, i, v); }
    int operator()(const std::string& v) const {
      return sqlite3_bind_text64(s, i, v.c_str(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(const Bytes& v) const {
      if (v.empty()) return sqlite3_bind_zeroblob(s, i, 0);
      return sqlite3_bind_blob64(s, i, v.data(), v.size(), SQLITE_STATIC);
    }
  };
  return std::visit(Bind{statement, index}, value.variant());
}

}  // namespace vl::store
