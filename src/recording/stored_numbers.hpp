// Numbers as they lie on disk: little-endian, at any address.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace vl::recording {

static_assert(std::endian::native == std::endian::little, "stored numbers are little-endian");

template <class Number>
void put(std::uint8_t* at, Number value) {
  std::memcpy(at, &value, sizeof value);
}
template <class Number>
Number get(const std::uint8_t* at) {
  Number value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace vl::recording
