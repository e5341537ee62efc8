#include <array>

#include <vonglau/vault/item.hpp>

namespace vl::vault {
namespace {

struct About {
  Kind kind;
  std::string_view name;
  std::size_t limit_bytes;
  bool needs_purpose;
  bool is_indexed;
};
constexpr std::array kKinds{
    About{Kind::text, "text", 64 * 1024, true, false},
    About{Kind::name, "name", 512, true, false},
    About{Kind::phone, "phone", 64, true, true},
    About{Kind::plate, "plate", 64, true, true},
    About{Kind::address, "address", 4096, true, false},
    About{Kind::attachment, "attachment", 32 * 1024 * 1024, true, false},
    About{Kind::login, "login", 64, false, true},
    About{Kind::display_name, "display_name", 512, false, false},
    About{Kind::remark, "remark", 4096, false, false},
    About{Kind::secret, "secret", 4096, false, false},
};
const About& about(Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string_view name_of(Kind kind) {
  return about(kind).name;
}
std::size_t limit_bytes(Kind kind) {
  return about(kind).limit_bytes;
}
bool needs_purpose(Kind kind) {
  return about(kind).needs_purpose;
}
bool is_indexed(Kind kind) {
  return about(kind).is_indexed;
}

std::optional<Kind> kind_of(std::string_view name) {
  for (const About& each : kKinds)
    if (each.name == name) return each.kind;
  return {};
}

}  // namespace vl::vault
