#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {

Uuid Row::uuid(int column) const {
  const ByteView view = bytes(column);
  Uuid id;
  VL_ASSERT(view.size() == id.bytes.size());
  std::copy(view.begin(), view.end(), id.bytes.begin());
  return id;
}

std::optional<std::string> Row::optional_text(int column) const {
  if (is_null(column)) return {};
  return std::string(text(column));
}

std::optional<std::int64_t> Row::optional_integer(int column) const {
  if (is_null(column)) return {};
  return integer(column);
}

std::optional<double> Row::optional_real(int column) const {
  if (is_null(column)) return {};
  return real(column);
}

std::optional<Uuid> Row::optional_uuid(int column) const {
  if (is_null(column)) return {};
  return uuid(column);
}

Result<std::optional<std::int64_t>> Session::query_integer(std::string_view sql, Values values) {
  std::optional<std::int64_t> found;
  VL_CHECK(query(sql, values, [&](const Row& row) {
    found = row.optional_integer(0);
    return false;
  }));
  return found;
}

Result<std::unique_ptr<Database>> open_database(const std::string& address) {
  constexpr std::string_view sqlite = "sqlite:";
  if (address.starts_with(sqlite)) {
    const std::string path = address.substr(sqlite.size());
    if (path.empty() || path.starts_with(':')) {
      return fail(StoreError::invalid,
                  "the store's address names no file; write sqlite:/path/to/province.db", "store");
    }
    return sqlite_database({.path = path});
  }
  return fail(StoreError::invalid, "the store's address must begin with sqlite: or postgresql://",
              "store");
}

}  // namespace vl::store
