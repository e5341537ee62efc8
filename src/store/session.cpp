#include <algorithm>
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

namespace {

/// Takes `schema=name` out of the address: libpq refuses keys that it does not know.
std::string take_schema(std::string& address) {
  constexpr std::string_view key = "schema=";
  const auto question = address.find('?');
  for (auto at = question; at != std::string::npos; at = address.find('&', at + 1)) {
    if (address.compare(at + 1, key.size(), key) != 0) continue;
    const auto end = std::min(address.find('&', at + 1), address.size());
    const std::string name = address.substr(at + 1 + key.size(), end - at - 1 - key.size());
    // Of "?schema=x&b" the question mark stays, of "&schema=x" nothing.
    address.erase(at + (at == question ? 1 : 0),
                  end - at - (at == question && end == address.size() ? 1 : 0));
    if (address.back() == '?') address.pop_back();
    return name;
  }
  return {};
}

}  // namespace

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
  if (address.starts_with("postgresql://") || address.starts_with("postgres://")) {
    std::string conninfo = address;
    std::string schema = take_schema(conninfo);
    return postgresql_database(std::move(conninfo), std::move(schema));
  }
  return fail(StoreError::invalid, "the store's address must begin with sqlite: or postgresql://",
              "store");
}

}  // namespace vl::store
