#include <charconv>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/contribution_commands.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/personal.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;
using fleet::CameraId;

Result<std::optional<WallTime>> allow_view(Core& core, const Caller& caller, CameraId camera,
                                           fleet::ViewKind kind, std::optional<Uuid> incident_id) {
  VL_TRY(const auto receipt,
         core.journal.execute(fleet::note_view(actor_of(caller), camera, kind, incident_id)));
  std::int64_t until_us = 0;
  const auto& text = receipt.reply;
  if (std::from_chars(text.data(), text.data() + text.size(), until_us).ec != std::errc())
    return std::nullopt;
  return WallTime{until_us};
}

namespace {

constexpr std::int64_t kMostShown = 200;

struct ContributionBody {
  fleet::Consent consent{};
  fleet::OwnerKind owner_kind{};
  WallTime expires_us;
  std::optional<std::string> owner_name, owner_contact;
};
BOOST_DESCRIBE_STRUCT(ContributionBody, (),
                      (consent, owner_kind, expires_us, owner_name, owner_contact))
struct OwnerText {
  std::string name, contact;
};
BOOST_DESCRIBE_STRUCT(OwnerText, (), (name, contact))
struct RequestBody {
  fleet::ViewReason reason{};
  std::optional<Uuid> incident_id;
  std::int64_t hours = 1;
};
BOOST_DESCRIBE_STRUCT(RequestBody, (), (reason, incident_id, hours))
struct LinkBody {
  std::string token;
};
BOOST_DESCRIBE_STRUCT(LinkBody, (), (token))
struct DecisionBody {
  std::string token;
  Uuid request_id;
  bool granted = false;
};
BOOST_DESCRIBE_STRUCT(DecisionBody, (), (token, request_id, granted))

Result<fleet::Request> contribution_request(const http::Request& request, const Caller& caller) {
  VL_TRY(const auto command, command_request(request, caller));
  return fleet::Request{command.actor, command.idempotency_key};
}

Result<fleet::ContributionRow> contribution(Core& core, store::Session& session, CameraId camera) {
  VL_TRY(const auto all, fleet::contributions(session, core.province));
  for (const auto& one : all)
    if (one.camera_id == camera) return one;
  return fail(fleet::ContributionError::not_found, "this camera is not contributed", "id");
}

Result<http::Response> list_contributions(Core& core) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto all, fleet::contributions(*session, core.province));
  VL_TRY(const auto requests,
         fleet::view_requests(*session, core.province, std::nullopt, kMostShown));
  return answer(
      bj::object{{"contributions", json::value_of(all)}, {"requests", json::value_of(requests)}});
}

/// The owner's link is shown this once; whoever has it sees what was looked at and answers
/// requests.
Result<http::Response> declare_terms(Core& core, const http::Request& request,
                                     const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<ContributionBody>(request));
  VL_TRY(auto command, contribution_request(request, caller));
  const std::string token = node::new_token();
  Sealing sealing(core);
  fleet::ContributionDeclared terms{body.consent, body.owner_kind, body.expires_us, {}};
  VL_CHECK(fleet::check(terms, core.clock.wall()));
  const OwnerText owner{body.owner_name.value_or(""), body.owner_contact.value_or("")};
  if (owner.name.size() > 200 || owner.contact.size() > 200)
    return fail(RouteError::bad_parameter, "a name and a contact have at most 200 bytes each",
                "owner_name");
  if (!owner.name.empty() || !owner.contact.empty()) {
    VL_TRY(terms.owner,
           sealing.add(vault::SubjectId{id.value}, vault::Kind::name, json::write(owner)));
  }
  const auto seal = sealing.rows();
  const auto province = core.province;
  const Digest hash = sha256(as_bytes(token));
  VL_TRY(const auto receipt,
         core.journal.execute(fleet::declare_contribution(
             std::move(command), id, terms, [=](store::Session& s) -> Result<void> {
               if (seal) VL_CHECK(seal(s));
               return fleet::write_link(s, province, id, hash);
             })));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, contribution(core, *session, id));
  bj::object out = json::value_of(row).as_object();
  // A request sent again is answered from the first, whose link is in force.
  if (!receipt.repeated) out["owner_link"] = "/owner#" + token;
  return answer(out, receipt);
}

Result<http::Response> withdraw_by_keeper(Core& core, const http::Request& request,
                                          const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(auto command, contribution_request(request, caller));
  VL_TRY(const auto receipt,
         core.journal.execute(fleet::withdraw_contribution(std::move(command), id, false)));
  return answer(bj::object{{"id", id.text()}}, receipt);
}

/// Who contributed it: opened for who keeps the contributions, and recorded.
Result<http::Response> show_contribution(Core& core, const http::Request& request,
                                         const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, contribution(core, *session, id));
  VL_TRY(const auto seen, fleet::views(*session, core.province, id, kMostShown));
  bj::object out = json::value_of(row).as_object();
  out["views"] = json::value_of(seen);
  if (row.owner_item) {
    PersonalReader reader(core, actor_of(caller),
                          {caller.person, {"contribution", id.value}, "keeps_contribution"});
    VL_CHECK(reader.prepare(*session, {row.owner_item}));
    VL_TRY(const auto text, reader.open(*session, row.owner_item));
    if (text) {
      VL_TRY(const auto owner, json::read_text<OwnerText>(*text));
      out["owner"] = json::value_of(owner);
    }
  }
  return answer(out);
}

Result<http::Response> ask_owner(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<RequestBody>(request));
  VL_TRY(auto command, contribution_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(fleet::request_view(
                                 std::move(command), id,
                                 {core.ids.next(), body.reason, body.incident_id, body.hours})));
  return answer(bj::object{{"id", receipt.reply}}, receipt);
}

/// To the owner no person of the police is named: that it was looked at, when, how and why.
Result<http::Response> owner_view(Core& core, const http::Request& request) {
  VL_TRY(const auto body, body_of<LinkBody>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto id, fleet::camera_of_link(*session, core.province, body.token));
  VL_TRY(const auto row, contribution(core, *session, id));
  VL_TRY(const auto camera, cameras::camera(*session, core.province, id));
  VL_TRY(const auto requests, fleet::view_requests(*session, core.province, id, kMostShown));
  VL_TRY(const auto seen, fleet::views(*session, core.province, id, kMostShown));
  bj::array asked, looked;
  for (const auto& one : requests) {
    bj::object out{{"id", one.id.text()},
                   {"reason", one.reason},
                   {"hours", one.hours},
                   {"asked_us", one.asked_us.us},
                   {"for_incident", one.incident_id.has_value()}};
    if (one.granted) out["granted"] = *one.granted;
    if (one.until_us) out["until_us"] = one.until_us->us;
    asked.push_back(std::move(out));
  }
  for (const auto& one : seen)
    looked.push_back(bj::object{{"at_us", one.at_us.us},
                                {"kind", one.kind},
                                {"reason", one.reason},
                                {"for_incident", one.incident_id.has_value()}});
  return answer(bj::object{{"province", core.province_name},
                           {"camera", {{"code", camera.code}, {"name", camera.name}}},
                           {"consent", row.consent},
                           {"expires_us", row.expires_us.us},
                           {"withdrawn", row.withdrawn},
                           {"requests", std::move(asked)},
                           {"views", std::move(looked)}});
}

Result<http::Response> owner_decides(Core& core, const http::Request& request) {
  VL_TRY(const auto body, body_of<DecisionBody>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto id, fleet::camera_of_link(*session, core.province, body.token));
  VL_TRY(const auto receipt,
         core.journal.execute(fleet::decide_request(id, body.request_id, body.granted)));
  return answer(bj::object{{"id", body.request_id.text()}}, receipt);
}

Result<http::Response> owner_withdraws(Core& core, const http::Request& request) {
  VL_TRY(const auto body, body_of<LinkBody>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto id, fleet::camera_of_link(*session, core.province, body.token));
  VL_TRY(const auto receipt, core.journal.execute(fleet::withdraw_contribution(
                                 {journal::Actor::system(), {}}, id, true)));
  return answer(bj::object{{"id", id.text()}}, receipt);
}

}  // namespace

void add_contribution_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/contributions",
      [&](const auto&, const auto&) { return list_contributions(core); });
  add(router, put, "/cameras/{id}/contribution",
      [&](const auto& r, const auto& c) { return declare_terms(core, r, c); });
  add(router, get, "/cameras/{id}/contribution",
      [&](const auto& r, const auto& c) { return show_contribution(core, r, c); });
  add(router, remove, "/cameras/{id}/contribution",
      [&](const auto& r, const auto& c) { return withdraw_by_keeper(core, r, c); });
  add(router, post, "/cameras/{id}/view-requests",
      [&](const auto& r, const auto& c) { return ask_owner(core, r, c); });
  add(router, post, "/owner/view", [&](const auto& r, const auto&) { return owner_view(core, r); });
  add(router, post, "/owner/decide",
      [&](const auto& r, const auto&) { return owner_decides(core, r); });
  add(router, post, "/owner/withdraw",
      [&](const auto& r, const auto&) { return owner_withdraws(core, r); });
}

}  // namespace vl::routes
