// Ids: UUIDv7 (RFC 9562, section 5.7), typed by what they name so that a unit's id cannot be
// handed where an incident's is wanted. A province is a small integer (its statistical code).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <vonglau/base/clock.hpp>

namespace vl {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  std::string text() const;  // 36 characters, lower case
  static std::optional<Uuid> parse(std::string_view text);
};

/// `using IncidentId = TypedId<struct IncidentTag>;`
template <class Tag>
struct TypedId {
  Uuid value;
  auto operator<=>(const TypedId&) const = default;
  std::string text() const { return value.text(); }
};

struct ProvinceId {
  std::int64_t value = 0;
  auto operator<=>(const ProvinceId&) const = default;
};

/// Where new ids come from. Any thread.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual Uuid next() = 0;
};

/// Time-ordered, with 74 random bits from the operating system.
class SystemIdSource final : public IdSource {
 public:
  explicit SystemIdSource(const Clock& clock) : clock_(clock) {}
  Uuid next() override;

 private:
  const Clock& clock_;
};

/// The same seed gives the same ids. For tests and simulation.
class SeededIdSource final : public IdSource {
 public:
  SeededIdSource(const Clock& clock, std::uint64_t seed) : clock_(clock), state_(seed) {}
  Uuid next() override;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace vl

template <>
struct std::hash<vl::Uuid> {
  std::size_t operator()(const vl::Uuid& id) const noexcept {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, id.bytes.data(), 8);
    std::memcpy(&b, id.bytes.data() + 8, 8);
    return a * 0x9e3779b97f4a7c15ULL ^ b;
  }
};
template <class Tag>
struct std::hash<vl::TypedId<Tag>> {
  std::size_t operator()(const vl::TypedId<Tag>& id) const noexcept {
    return std::hash<vl::Uuid>{}(id.value);
  }
};
