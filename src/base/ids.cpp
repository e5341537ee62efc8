#include <cstring>

#include <sys/random.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/bytes.hpp>
#include <vonglau/base/ids.hpp>

namespace vl {
namespace {

Uuid stamp(WallTime time, Uuid id) {
  const auto ms = static_cast<std::uint64_t>(time.us / 1000);
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

}  // namespace

std::string Uuid::text() const {
  const std::string hex = to_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) hex += text[i];
  }
  const auto raw = from_hex(hex);
  if (!raw) return std::nullopt;
  Uuid id;
  std::copy(raw->begin(), raw->end(), id.bytes.begin());
  return id;
}

Uuid SystemIdSource::next() {
  Uuid id;
  VL_ASSERT(getrandom(id.bytes.data(), id.bytes.size(), 0) == 16);
  return stamp(clock_.wall(), id);
}

Uuid SeededIdSource::next() {
  Uuid id;
  const std::scoped_lock lock(mutex_);
  for (int half = 0; half < 2; ++half) {  // splitmix64
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    std::memcpy(id.bytes.data() + half * 8, &z, 8);
  }
  return stamp(clock_.wall(), id);
}

}  // namespace vl
