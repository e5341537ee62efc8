// What the journal keeps: events, each chained to the one before by SHA-256.
//
// The canonical form that is hashed, all integers big-endian, str = u32 length + bytes:
//   "VLJ1" | u64 province | u64 sequence | i64 wall_us | i64 mono_us | u8 actor kind
//   | 16 actor id | str stream kind | 16 stream id | u64 stream_version | str type
//   | u32 version | str body | 32 previous hash
// The body is the JSON text as stored, byte for byte.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <typeinfo>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>

namespace vl::journal {

/// A stream is the history of one thing: ("incident", its id).
struct StreamKey {
  std::string kind;
  Uuid id;
  auto operator<=>(const StreamKey&) const = default;
};

enum class ActorKind : std::uint8_t { system = 0, person = 1, node = 2 };
struct Actor {
  ActorKind kind = ActorKind::system;
  Uuid id;
  static Actor system() { return {}; }
  static Actor person(Uuid id) { return {ActorKind::person, id}; }
  static Actor node(Uuid id) { return {ActorKind::node, id}; }
};
std::string_view name_of(ActorKind kind);

/// The struct that a body was written from, for those who would read the body at once.
struct Content {
  std::shared_ptr<const void> value;
  const std::type_info* type = nullptr;

  template <class E>
  const E* as() const {
    return type != nullptr && *type == typeid(E) ? static_cast<const E*>(value.get()) : nullptr;
  }
};

/// An event that a decision wants recorded.
struct Draft {
  StreamKey stream;
  std::string type;  // "incident.opened"
  std::uint32_t version = 1;
  std::string body;  // JSON text; ids, codes and commitments only, never personal data
  Content content;   // what `body` says, or nothing
};

struct Event {
  std::int64_t sequence = 0;  // 1, 2, 3... of its province, without holes
  WallTime wall;
  MonoTime mono;
  Actor actor;
  StreamKey stream;
  std::int64_t stream_version = 0;  // 1, 2, 3... of its stream
  std::string type;
  std::uint32_t version = 1;
  std::string body;
  Digest previous_hash{};
  Digest hash{};
  Content content;  // from the decision until the commit; what is read back has none
};
using EventPtr = std::shared_ptr<const Event>;

Digest hash_of(ProvinceId province, const Event& event);

/// The end of the chain. Sequence 0 and a zero hash: nothing recorded yet.
struct Head {
  std::int64_t sequence = 0;
  Digest hash{};
};

}  // namespace vl::journal

template <>
struct std::hash<vl::journal::StreamKey> {
  std::size_t operator()(const vl::journal::StreamKey& key) const noexcept {
    return std::hash<vl::Uuid>{}(key.id) ^ std::hash<std::string>{}(key.kind);
  }
};
