#include "postgresql_types.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include <vonglau/base/assert.hpp>

namespace vl::store {
namespace {

// Object ids of built-in types (PostgreSQL's pg_type catalogue); they never change.
enum : Oid {
  bool_type = 16,
  bytea_type = 17,
  name_type = 19,
  int8_type = 20,
  int2_type = 21,
  int4_type = 23,
  text_type = 25,
  oid_type = 26,
  float4_type = 700,
  float8_type = 701,
  unknown_type = 705,
  bpchar_type = 1042,
  varchar_type = 1043,
  numeric_type = 1700,
};

bool is_text(Oid type) {
  return type == text_type || type == varchar_type || type == bpchar_type || type == name_type ||
         type == unknown_type;
}

int integer_width(Oid type) {
  switch (type) {
    case int2_type:
      return 2;
    case int4_type:
      return 4;
    case int8_type:
      return 8;
    default:
      return 0;
  }
}

std::string big_endian(std::uint64_t bits, int width) {
  std::string out;
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(bits >> (8 * i));
  return out;
}

std::uint64_t from_big_endian(ByteView bytes) {
  std::uint64_t bits = 0;
  for (const std::uint8_t byte : bytes) bits = bits << 8 | byte;
  return bits;
}

std::int64_t sign_extended(ByteView bytes) {
  const int unused = 64 - 8 * static_cast<int>(bytes.size());
  return static_cast<std::int64_t>(from_big_endian(bytes) << unused) >> unused;
}

bool fits(std::int64_t value, int width) {
  if (width == 8) return true;
  const std::int64_t limit = std::int64_t{1} << (8 * width - 1);
  return value >= -limit && value < limit;
}

/// NUMERIC, as sums of integers and averages have it: a run of base 10,000 digits.
struct Numeric {
  std::int16_t digits = 0, weight = 0;
  std::uint16_t sign = 0, scale = 0;  // scale: decimal digits after the point
  ByteView data;

  explicit Numeric(ByteView raw) {
    VL_ASSERT(raw.size() >= 8);
    const auto field = [&](std::size_t i) {
      return static_cast<std::uint16_t>(from_big_endian(raw.subspan(2 * i, 2)));
    };
    digits = static_cast<std::int16_t>(field(0));
    weight = static_cast<std::int16_t>(field(1));
    sign = field(2);
    scale = field(3);
    data = raw.subspan(8);
    VL_ASSERT(digits >= 0 && data.size() == static_cast<std::size_t>(digits) * 2);
  }
  bool is_whole() const { return scale == 0 && (sign == 0 || sign == 0x4000); }
  std::uint64_t digit(int i) const {
    return i < digits ? from_big_endian(data.subspan(static_cast<std::size_t>(i) * 2, 2)) : 0;
  }
  std::int64_t whole() const {
    // Negative on the way, so that the lowest integer fits.
    std::int64_t value = 0;
    for (int i = 0; i <= weight; ++i) {
      VL_ASSERT(!__builtin_mul_overflow(value, std::int64_t{10'000}, &value));
      VL_ASSERT(!__builtin_sub_overflow(value, static_cast<std::int64_t>(digit(i)), &value));
    }
    if (sign == 0x4000) return value;
    VL_ASSERT(value != std::numeric_limits<std::int64_t>::min());
    return -value;
  }
  double real() const {
    if (sign != 0 && sign != 0x4000) return std::numeric_limits<double>::quiet_NaN();
    double value = 0;
    for (int i = 0; i < digits; ++i) value = value * 10'000 + static_cast<double>(digit(i));
    value *= std::pow(10'000.0, weight - digits + 1);
    return sign == 0x4000 ? -value : value;
  }
};

std::optional<std::string> encode_integer(Oid type, std::int64_t v) {
  if (const int width = integer_width(type); width != 0 && fits(v, width)) {
    return big_endian(static_cast<std::uint64_t>(v), width);
  }
  if (type == float8_type) return big_endian(std::bit_cast<std::uint64_t>(double(v)), 8);
  if (type == numeric_type) return std::to_string(v);
  return {};
}

std::optional<std::string> encode_real(Oid type, double v) {
  if (type == float8_type) return big_endian(std::bit_cast<std::uint64_t>(v), 8);
  if (type == numeric_type) return fmt::format("{}", v);
  return {};
}

const char* kind_of(Oid type) {
  if (is_text(type)) return "text";
  if (type == bytea_type) return "bytes";
  if (type == float8_type) return "a real";
  switch (integer_width(type)) {
    case 8:
      return "an integer";
    case 4:
      return "an integer of 32 bits (write CAST($n AS BIGINT))";
    case 2:
      return "an integer of 16 bits (write CAST($n AS BIGINT))";
    default:
      return "of a type that only PostgreSQL has";
  }
}

}  // namespace

Result<void> EncodedValues::encode(std::span<const Oid> types, std::span<const Value> values) {
  if (types.size() != values.size()) {
    return fail(StoreError::invalid,
                fmt::format("the statement has {} parameters, {} values were given", types.size(),
                            values.size()));
  }
  held_.reserve(values.size());  // data_ points into it
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& v = values[i].variant();
    std::optional<std::string> number;
    const char* data = nullptr;
    std::size_t length = 0;
    bool given = true;
    if (std::holds_alternative<std::monostate>(v)) {
      given = false;
    } else if (const auto* integer = std::get_if<std::int64_t>(&v)) {
      number = encode_integer(types[i], *integer);
    } else if (const auto* real = std::get_if<double>(&v)) {
      number = encode_real(types[i], *real);
    } else if (const auto* text = std::get_if<std::string>(&v); text && is_text(types[i])) {
      data = text->c_str(), length = text->size();
    } else if (const auto* bytes = std::get_if<Bytes>(&v); bytes && types[i] == bytea_type) {
      // Null data would mean null.
      data = bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data());
      length = bytes->size();
    }
    if (number) {
      held_.push_back(std::move(*number));
      data = held_.back().data(), length = held_.back().size();
    }
    if ((given && !data) || length > std::size_t{1} << 30) {
      return fail(StoreError::invalid, fmt::format("${} does not fit: the statement wants it {}",
                                                   i + 1, kind_of(types[i])));
    }
    data_.push_back(data);
    lengths_.push_back(static_cast<int>(length));
    formats_.push_back(types[i] == numeric_type ? 0 : 1);
  }
  return {};
}

std::size_t EncodedValues::size_bytes() const {
  std::size_t sum = 0;
  for (const int length : lengths_) sum += static_cast<std::size_t>(length);
  return sum;
}

bool is_readable(Oid type) {
  return is_text(type) || integer_width(type) != 0 || type == bool_type || type == bytea_type ||
         type == oid_type || type == float4_type || type == float8_type || type == numeric_type;
}

ByteView PostgresqlRow::raw(int column) const {
  VL_ASSERT(column >= 0 && column < columns());
  VL_ASSERT(PQgetisnull(result_, row_, column) == 0);
  return {reinterpret_cast<const std::uint8_t*>(PQgetvalue(result_, row_, column)),
          static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

bool PostgresqlRow::is_null(int column) const {
  VL_ASSERT(column >= 0 && column < columns());
  return PQgetisnull(result_, row_, column) != 0;
}

std::int64_t PostgresqlRow::integer(int column) const {
  const Oid type = PQftype(result_, column);
  if (type == numeric_type) {
    const Numeric numeric(raw(column));
    VL_ASSERT(numeric.is_whole());
    return numeric.whole();
  }
  if (type == bool_type || type == oid_type) {
    return static_cast<std::int64_t>(from_big_endian(raw(column)));
  }
  VL_ASSERT(integer_width(type) != 0);
  return sign_extended(raw(column));
}

double PostgresqlRow::real(int column) const {
  switch (PQftype(result_, column)) {
    case float8_type:
      return std::bit_cast<double>(from_big_endian(raw(column)));
    case float4_type:
      return std::bit_cast<float>(static_cast<std::uint32_t>(from_big_endian(raw(column))));
    case numeric_type:
      return Numeric(raw(column)).real();
    default:
      return static_cast<double>(integer(column));
  }
}

std::string_view PostgresqlRow::text(int column) const {
  VL_ASSERT(is_text(PQftype(result_, column)));
  return as_text(raw(column));
}

ByteView PostgresqlRow::bytes(int column) const {
  VL_ASSERT(PQftype(result_, column) == bytea_type);
  return raw(column);
}

Value PostgresqlRow::value(int column) const {
  if (is_null(column)) return {};
  const Oid type = PQftype(result_, column);
  if (is_text(type)) return text(column);
  if (type == bytea_type) {
    const ByteView view = bytes(column);
    return Bytes(view.begin(), view.end());
  }
  if (type == float8_type || type == float4_type) return real(column);
  if (type == numeric_type && !Numeric(raw(column)).is_whole()) return real(column);
  return integer(column);
}

}  // namespace vl::store
