// Roles a person may hold. Plain values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include <boost/describe/enum.hpp>

#include <vonglau/base/ids.hpp>

namespace vl::access {

using PersonId = TypedId<struct PersonTag>;
using ApprovalId = TypedId<struct ApprovalTag>;

enum class Role : std::uint8_t {
  administrator,  // people, roles, journal, places; no personal data of incidents
  duty_officer,   // every operation of the shift
  call_taker,     // reports, and incidents up to their opening
  dispatcher,     // incidents, assignments, units
  engineer,       // cameras and processes
  auditor,        // reads, the journal above all
  unit_crew,      // its own unit and what that unit is assigned to
};
BOOST_DESCRIBE_ENUM(Role, administrator, duty_officer, call_taker, dispatcher, engineer, auditor,
                    unit_crew)
inline constexpr int kRoles = 7;

/// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }
  static Roles of(const std::vector<Role>& roles) {
    Roles set;
    for (const Role role : roles) set.add(role);
    return set;
  }
  constexpr void add(Role role) { bits_ |= bit(role); }
  constexpr void remove(Role role) { bits_ &= static_cast<std::uint8_t>(~bit(role)); }
  constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  constexpr bool meets(Roles other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  /// In the order of the enum.
  std::vector<Role> list() const {
    std::vector<Role> roles;
    for (int i = 0; i < kRoles; ++i)
      if (has(static_cast<Role>(i))) roles.push_back(static_cast<Role>(i));
    return roles;
  }
  static constexpr Roles all() {
    Roles set;
    for (int i = 0; i < kRoles; ++i) set.add(static_cast<Role>(i));
    return set;
  }
  friend constexpr bool operator==(Roles, Roles) = default;

 private:
  static constexpr std::uint8_t bit(Role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace vl::access
