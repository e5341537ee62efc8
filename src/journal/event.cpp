#include <vonglau/journal/event.hpp>

namespace vl::journal {
namespace {

class Canonical {
 public:
  explicit Canonical(std::size_t size) { out_.reserve(size); }
  void u64(std::uint64_t v) {
    for (int shift = 56; shift >= 0; shift -= 8)
      out_.push_back(static_cast<std::uint8_t>(v >> shift));
  }
  void u32(std::uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out_.push_back(static_cast<std::uint8_t>(v >> shift));
  }
  void i64(std::int64_t v) { u64(static_cast<std::uint64_t>(v)); }
  void raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void str(std::string_view text) {
    u32(static_cast<std::uint32_t>(text.size()));
    raw(as_bytes(text));
  }
  const Bytes& bytes() const { return out_; }

 private:
  Bytes out_;
};

}  // namespace

std::string_view name_of(ActorKind kind) {
  switch (kind) {
    case ActorKind::person:
      return "person";
    case ActorKind::node:
      return "node";
    case ActorKind::system:
      break;
  }
  return "system";
}

Digest hash_of(ProvinceId province, const Event& event) {
  constexpr std::size_t fixed = 256;  // more than all that is not text
  Canonical c(fixed + event.stream.kind.size() + event.type.size() + event.body.size());
  c.raw(as_bytes("VLJ1"));
  c.i64(province.value);
  c.i64(event.sequence);
  c.i64(event.wall.us);
  c.i64(event.mono.us);
  const auto kind = static_cast<std::uint8_t>(event.actor.kind);
  c.raw(ByteView(&kind, 1));
  c.raw(event.actor.id.bytes);
  c.str(event.stream.kind);
  c.raw(event.stream.id.bytes);
  c.i64(event.stream_version);
  c.str(event.type);
  c.u32(event.version);
  c.str(event.body);
  c.raw(event.previous_hash);
  return sha256(c.bytes());
}

}  // namespace vl::journal
