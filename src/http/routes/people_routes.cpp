#include <vonglau/routes/people.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;
using access::ApprovalId;
using access::PersonId;
using access::Role;

namespace {

struct PersonNew {
  std::string login, display_name;
  std::optional<Uuid> unit_id;
};
BOOST_DESCRIBE_STRUCT(PersonNew, (), (login, display_name, unit_id))
struct RoleChange {
  std::vector<Role> grant, revoke;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(RoleChange, (), (grant, revoke, reason))
struct ApprovalDecision {
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ApprovalDecision, (), (reason))
/// What the projection keeps of a role change.
struct Payload {
  std::vector<Role> grant, revoke;
  std::optional<journal::PersonalRef> reason;
};
BOOST_DESCRIBE_STRUCT(Payload, (), (grant, revoke, reason))

bj::array roles_json(const std::vector<Role>& roles) {
  bj::array out;
  for (const auto role : roles) out.push_back(bj::string(word(role)));
  return out;
}

bj::object person_json(const access::AccountRow& row, WallTime now) {
  const bool locked = row.locked_until_us && *row.locked_until_us > now.us;
  bj::object out{{"id", row.id.text()},
                 {"login", row.login},
                 {"display_name", row.display_name},
                 {"roles", roles_json(row.roles.list())},
                 {"state", row.disabled ? "disabled"
                           : locked     ? "locked"
                                        : "active"},
                 {"totp_enrolled", row.totp_enrolled}};
  if (row.unit_id) out["unit_id"] = row.unit_id->text();
  if (row.last_sign_in_us) out["last_sign_in_us"] = *row.last_sign_in_us;
  return out;
}

Result<http::Response> shown(Core& core, PeopleParts& people, PersonId id) {
  VL_TRY(const auto row, people.accounts.find(id));
  return answer(person_json(row, core.clock.wall()));
}

Result<bj::object> approval_json(Core& core, store::Session& session,
                                 const access::Approval& approval) {
  bj::object out{{"id", approval.id.text()},
                 {"kind", approval.kind},
                 {"subject_id", approval.subject.text()},
                 {"author_id", approval.author.text()},
                 {"requested_us", approval.requested.us},
                 {"state", word(approval.state)}};
  std::string summary;
  if (auto payload = json::read_text<Payload>(approval.payload, json::Unknown::ignore)) {
    bj::object detail{{"grant", roles_json(payload->grant)},
                      {"revoke", roles_json(payload->revoke)}};
    for (const auto role : payload->grant) summary += "+" + word(role) + " ";
    for (const auto role : payload->revoke) summary += "-" + word(role) + " ";
    if (payload->reason)
      if (auto text =
              core.vault.read(session, vault::ItemId{payload->reason->item}, vault::Kind::remark))
        detail["reason"] = text->plaintext.text();
    out["detail"] = std::move(detail);
  }
  if (!summary.empty()) summary.pop_back();
  out["summary"] = summary;
  if (approval.decided_by) out["decided_by"] = approval.decided_by->text();
  if (approval.decided) out["decided_us"] = approval.decided->us;
  return out;
}

Result<http::Response> shown(Core& core, ApprovalId id) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto found, access::find_approval(*session, core.province, id));
  if (!found) return fail(access::AccessError::unknown_approval, "there is no such request", "id");
  VL_TRY(auto out, approval_json(core, *session, *found));
  return answer(out);
}

Result<http::Response> approvals(Core& core, const http::Request& request) {
  VL_TRY(const auto state, word_in_query<access::ApprovalState>(request, "state"));
  std::optional<access::ApprovalState> wanted;
  if (state) {
    access::ApprovalState value{};
    boost::describe::enum_from_string(state->c_str(), value);
    wanted = value;
  }
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto all, access::list_approvals(*session, core.province, wanted));
  bj::array out;
  for (const auto& approval : all) {
    VL_TRY(auto one, approval_json(core, *session, approval));
    out.push_back(std::move(one));
  }
  return answer(bj::object{{"approvals", std::move(out)}});
}

Result<http::Response> role_table() {
  bj::array roles;
  for (int i = 0; i < access::kRoles; ++i) {
    const auto role = static_cast<Role>(i);
    bj::array permissions;
    for (const auto permission : access::permissions())
      if (access::roles_of(permission).has(role))
        permissions.push_back(bj::string(access::name_of(permission)));
    roles.push_back(bj::object{{"role", word(role)}, {"permissions", std::move(permissions)}});
  }
  bj::array routes;
  for (const auto& route : access::routes()) {
    bj::array who;
    if (route.caller == access::Caller::role || route.caller == access::Caller::signed_in)
      who = roles_json(access::roles_of(route.permission).list());
    routes.push_back(bj::object{{"method", access::name_of(route.method)},
                                {"path", route.path},
                                {"permission", access::name_of(route.permission)},
                                {"roles", std::move(who)}});
  }
  return answer(bj::object{{"roles", std::move(roles)}, {"routes", std::move(routes)}});
}

}  // namespace

void add_people_routes(http::Router& router, Core& core, PeopleParts& people) {
  using enum http::Method;
  auto& accounts = people.accounts;
  add(router, get, "/people", [&](const auto&, const auto&) -> Result<http::Response> {
    VL_TRY(const auto all, accounts.list());
    bj::array out;
    for (const auto& row : all) out.push_back(person_json(row, core.clock.wall()));
    return answer(bj::object{{"people", std::move(out)}});
  });
  add(router, get, "/directory", [&](const auto&, const auto&) -> Result<http::Response> {
    VL_TRY(const auto all, accounts.list());
    bj::array out;
    for (const auto& row : all)
      out.push_back(bj::object{{"id", row.id.text()}, {"display_name", row.display_name}});
    return answer(bj::object{{"people", std::move(out)}});
  });
  add(router, post, "/people", [&](const auto& r, const auto& c) -> Result<http::Response> {
    VL_TRY(const auto body, body_of<PersonNew>(r));
    VL_TRY(const auto command, command_request(r, c));
    VL_TRY(const auto created,
           accounts.create(command.actor, command.idempotency_key,
                           {body.login, body.display_name, body.unit_id, {}, {}}));
    VL_TRY(const auto row, accounts.find(created.id));
    return answer(bj::object{{"person", person_json(row, core.clock.wall())},
                             {"one_time_password", created.one_time_password}});
  });
  const auto on_person = [&](const char* path, auto action) {
    add(router, post, path, [&, action](const auto& r, const auto& c) -> Result<http::Response> {
      VL_TRY(const auto id, id_in_path<PersonId>(r));
      VL_CHECK(action(actor_of(c), id));
      return shown(core, people, id);
    });
  };
  on_person("/people/{id}/disable",
            [&](auto actor, auto id) { return accounts.disable(actor, id); });
  on_person("/people/{id}/enable", [&](auto actor, auto id) { return accounts.enable(actor, id); });
  add(router, post, "/people/{id}/reset-password",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<PersonId>(r));
        VL_TRY(const auto password, accounts.reset_password(actor_of(c), id));
        people.standings.forget();
        VL_TRY(const auto row, accounts.find(id));
        return answer(bj::object{{"person", person_json(row, core.clock.wall())},
                                 {"one_time_password", password}});
      });
  add(router, post, "/people/{id}/role-requests",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<PersonId>(r));
        VL_TRY(const auto body, body_of<RoleChange>(r));
        if (body.reason.empty() || body.reason.size() > 500)
          return fail(RouteError::bad_parameter, "reason: 1 to 500 bytes", "reason");
        VL_TRY(const auto approval,
               accounts.request_roles(actor_of(c), id, body.grant, body.revoke, body.reason));
        return shown(core, approval);
      });
  add(router, get, "/approvals", [&](const auto& r, const auto&) { return approvals(core, r); });
  add(router, post, "/approvals/{id}/approve",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<ApprovalId>(r));
        VL_CHECK(accounts.approve({c.person}, id));
        return shown(core, id);
      });
  add(router, post, "/approvals/{id}/reject",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<ApprovalId>(r));
        ApprovalDecision body;
        if (!r.body.empty()) {
          VL_TRY(body, body_of<ApprovalDecision>(r));
        }
        VL_CHECK(accounts.reject({c.person}, id, body.reason));
        return shown(core, id);
      });
  add(router, get, "/roles", [&](const auto&, const auto&) { return role_table(); });
}

}  // namespace vl::routes
