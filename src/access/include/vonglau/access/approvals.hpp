// The two-person rule: a change is requested by one person and takes effect when a second one
// approves it. The database itself holds that the second is another (a CHECK of the table), so
// no code path, ours or anybody's, can decide on its own request.
//
// Used inside the journal's transaction, by the projection of the room whose events carry the
// request and the decision; `kind` names that room's change ("role_change").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vonglau/access/error.hpp>
#include <vonglau/access/role.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/store/session.hpp>

namespace vl::access {

enum class ApprovalState : std::uint8_t { pending, approved, rejected };
BOOST_DESCRIBE_ENUM(ApprovalState, pending, approved, rejected)

struct Approval {
  ApprovalId id;
  std::string kind;
  Uuid subject;  // what the change is about
  PersonId author;
  std::string payload;  // JSON of the change; ids and codes only
  WallTime requested;
  ApprovalState state{};
  std::optional<PersonId> decided_by;
  std::optional<WallTime> decided;
};

Result<void> write_request(store::Session& session, ProvinceId province, const Approval& request);
/// `access.already_decided` when it is not pending; refused by the table when `by` is its author.
Result<void> write_decision(store::Session& session, ProvinceId province, ApprovalId approval,
                            ApprovalState decision, PersonId by, WallTime at);

Result<std::optional<Approval>> find_approval(store::Session& session, ProvinceId province,
                                              ApprovalId approval);
/// Newest first; all states without `state`.
Result<std::vector<Approval>> list_approvals(store::Session& session, ProvinceId province,
                                             std::optional<ApprovalState> state,
                                             std::int64_t limit = 200);

}  // namespace vl::access
