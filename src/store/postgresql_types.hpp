// PostgreSQL's binary formats for the few types that both engines share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include <vonglau/store/session.hpp>

namespace vl::store {

/// The parameters of one prepared statement in the form libpq takes.
class EncodedValues {
 public:
  /// `types` are those the server wants. A value of another kind is `invalid`: the server would
  /// otherwise read its bytes as something else.
  Result<void> encode(std::span<const Oid> types, std::span<const Value> values);

  int count() const { return static_cast<int>(data_.size()); }
  const char* const* data() const { return data_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  std::size_t size_bytes() const;

 private:
  std::vector<std::string> held_;  // numbers in network order; text and bytes stay where they are
  std::vector<const char*> data_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// Whether a column of this type can be read as one of Value's kinds.
bool is_readable(Oid type);

class PostgresqlRow final : public Row {
 public:
  /// Shows row `row` of a binary result, which must outlive this.
  PostgresqlRow(const PGresult* result, int row) : result_(result), row_(row) {}
  int columns() const override { return PQnfields(result_); }
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  ByteView bytes(int column) const override;
  Value value(int column) const override;

 private:
  ByteView raw(int column) const;
  const PGresult* result_;
  int row_;
};

}  // namespace vl::store
