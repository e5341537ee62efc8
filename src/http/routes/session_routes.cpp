#include <vonglau/http/errors.hpp>
#include <vonglau/routes/people.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

struct SignInBody {
  std::string login, password;
  std::optional<std::string> totp;
};
BOOST_DESCRIBE_STRUCT(SignInBody, (), (login, password, totp))
struct PasswordChange {
  std::string current_password, new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordChange, (), (current_password, new_password))
struct TotpCode {
  std::string code;
};
BOOST_DESCRIBE_STRUCT(TotpCode, (), (code))

bj::object province_json(const Core& core) {
  return {{"id", std::to_string(core.province.value)}, {"name", core.province_name}};
}

Result<bj::object> session_json(Core& core, PeopleParts& people, std::string_view token) {
  VL_TRY(const auto info, people.sessions.find(token));
  VL_TRY(const auto account, people.accounts.find(info.person));
  bj::array roles;
  for (const auto role : account.roles.list()) roles.push_back(bj::string(word(role)));
  return bj::object{{"person",
                     {{"id", account.id.text()},
                      {"display_name", account.display_name},
                      {"roles", std::move(roles)},
                      {"must_change_password", account.must_change_password},
                      {"totp_enrolled", account.totp_enrolled}}},
                    {"province", province_json(core)},
                    {"csrf_token", info.csrf_token},
                    {"expires_us", info.expires.us},
                    {"idle_expires_us", info.idle_expires.us},
                    {"demonstration", core.demonstration}};
}

Result<http::Response> about(Core& core, const PeopleParts& people) {
  bj::object out{{"name", "Vọng Lâu"},
                 {"version", core.version},
                 {"province", province_json(core)},
                 {"demonstration", core.demonstration}};
  if (core.demonstration) out["sign_ins"] = json::value_of(people.sign_ins);
  return answer(out);
}

/// Its own response for the wait of a lock-out, which the error body alone cannot carry.
http::Response sign_in(Core& core, PeopleParts& people, const http::Request& request) {
  const auto body = body_of<SignInBody>(request);
  if (!body) return http::error_response(body.error());
  auto fresh = people.accounts.sign_in({body->login, body->password, body->totp, request.peer});
  if (!fresh) {
    auto response = http::error_response(fresh.error().error);
    if (const auto wait = fresh.error().retry_after_s) {
      auto text = json::parse(response.body_text());
      if (text && text->is_object()) {
        text->as_object()["error"].as_object()["retry_after_s"] = *wait;
        response.body = json::text_of(*text);
      }
      response.headers.set("Retry-After", std::to_string(*wait));
    }
    return response;
  }
  auto out = session_json(core, people, fresh->token);
  if (!out) return http::error_response(out.error());
  return answer(*out).with("Set-Cookie", access::set_cookie(fresh->token));
}

Result<http::Response> sign_out(Core& core, PeopleParts& people, const Caller& caller,
                                store::Database& database) {
  static_cast<void>(core);
  VL_TRY(auto session, database.open_session());
  VL_CHECK(people.sessions.end(*session, caller.session_token));
  return http::Response::no_content().with("Set-Cookie", access::clear_cookie());
}

}  // namespace

void add_session_routes(http::Router& router, Core& core, PeopleParts& people) {
  using enum http::Method;
  add(router, get, "/about", [&](const auto&, const auto&) { return about(core, people); });
  router.add(post, "/api/v1/session",
             [&](const http::Request& request) { return sign_in(core, people, request); });
  add(router, get, "/session", [&](const auto&, const auto& c) -> Result<http::Response> {
    VL_TRY(auto out, session_json(core, people, c.session_token));
    return answer(out);
  });
  add(router, remove, "/session",
      [&](const auto&, const auto& c) { return sign_out(core, people, c, core.database); });
  add(router, post, "/session/password",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto body, body_of<PasswordChange>(r));
        VL_CHECK(people.accounts.change_password({c.person}, body.current_password,
                                                 body.new_password, c.session_token));
        people.standings.forget();
        VL_TRY(auto out, session_json(core, people, c.session_token));
        return answer(out);
      });
  add(router, post, "/session/totp", [&](const auto&, const auto& c) -> Result<http::Response> {
    VL_TRY(const auto fresh, people.accounts.start_totp({c.person}, "Vọng Lâu"));
    return answer(bj::object{{"secret", fresh.secret}, {"uri", fresh.uri}});
  });
  add(router, post, "/session/totp/confirm",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto body, body_of<TotpCode>(r));
        VL_CHECK(people.accounts.confirm_totp({c.person}, body.code));
        VL_TRY(auto out, session_json(core, people, c.session_token));
        return answer(out);
      });
}

}  // namespace vl::routes
