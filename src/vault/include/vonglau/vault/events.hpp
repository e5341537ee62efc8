// What the journal says about the vault, in the stream ("vault", the subject's id): who read
// about whom and why, once for each work item; and that a subject was erased.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include <vonglau/vault/item.hpp>

namespace vl::vault {

inline constexpr std::string_view kStream = "vault";

/// The person is the event's actor.
struct VaultAccessed {
  static constexpr std::string_view kType = "vault.accessed";
  static constexpr std::uint32_t kVersion = 1;
  SubjectId subject_id;
  std::string work_kind;
  Uuid work_id;
  std::string purpose;  // its reason code
};
BOOST_DESCRIBE_STRUCT(VaultAccessed, (), (subject_id, work_kind, work_id, purpose))

struct VaultErased {
  static constexpr std::string_view kType = "vault.erased";
  static constexpr std::uint32_t kVersion = 1;
  SubjectId subject_id;
};
BOOST_DESCRIBE_STRUCT(VaultErased, (), (subject_id))

}  // namespace vl::vault
