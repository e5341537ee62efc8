#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <vonglau/access/approvals.hpp>
#include <vonglau/base/assert.hpp>

namespace vl::access {
namespace {

constexpr std::string_view kColumns =
    "approval_id, kind, subject_id, author_id, payload, requested_us, state, decided_by, "
    "decided_us";

const char* text_of(ApprovalState state) {
  return boost::describe::enum_to_string(state, "");
}

Approval approval_of(const store::Row& row) {
  Approval approval{{row.uuid(0)},
                    std::string(row.text(1)),
                    row.uuid(2),
                    {row.uuid(3)},
                    std::string(row.text(4)),
                    {row.integer(5)},
                    {},
                    {},
                    {}};
  VL_ASSERT(boost::describe::enum_from_string(std::string(row.text(6)).c_str(), approval.state));
  if (!row.is_null(7)) approval.decided_by = PersonId{row.uuid(7)};
  if (!row.is_null(8)) approval.decided = WallTime{row.integer(8)};
  return approval;
}

}  // namespace

Result<void> write_request(store::Session& session, ProvinceId province, const Approval& request) {
  return session.post(
      "INSERT INTO access_approvals (province_id, approval_id, kind, subject_id, author_id, "
      "payload, requested_us, state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending')",
      {province, request.id, request.kind, request.subject, request.author, request.payload,
       request.requested});
}

Result<void> write_decision(store::Session& session, ProvinceId province, ApprovalId approval,
                            ApprovalState decision, PersonId by, WallTime at) {
  VL_ASSERT(decision != ApprovalState::pending);
  VL_TRY(const std::int64_t changed,
         session.execute("UPDATE access_approvals SET state = $3, decided_by = $4, decided_us = $5 "
                         "WHERE province_id = $1 AND approval_id = $2 AND state = 'pending'",
                         {province, approval, text_of(decision), by, at}));
  if (changed == 1) return {};
  return fail(AccessError::already_decided, "somebody else has decided on this request");
}

Result<std::optional<Approval>> find_approval(store::Session& session, ProvinceId province,
                                              ApprovalId approval) {
  std::optional<Approval> found;
  VL_CHECK(session.query("SELECT " + std::string(kColumns) +
                             " FROM access_approvals WHERE province_id = $1 AND approval_id = $2",
                         {province, approval}, [&](const store::Row& row) {
                           found = approval_of(row);
                           return false;
                         }));
  return found;
}

Result<std::vector<Approval>> list_approvals(store::Session& session, ProvinceId province,
                                             std::optional<ApprovalState> state,
                                             std::int64_t limit) {
  std::vector<Approval> approvals;
  const auto add = [&](const store::Row& row) {
    approvals.push_back(approval_of(row));
    return true;
  };
  const std::string select =
      "SELECT " + std::string(kColumns) + " FROM access_approvals WHERE province_id = $1 ";
  if (state) {
    VL_CHECK(session.query(select + "AND state = $2 ORDER BY approval_id DESC LIMIT $3",
                           {province, text_of(*state), limit}, add));
  } else {
    VL_CHECK(session.query(select + "ORDER BY approval_id DESC LIMIT $2", {province, limit}, add));
  }
  return approvals;
}

}  // namespace vl::access
