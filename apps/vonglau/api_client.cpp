#include "api_client.hpp"

#include <vonglau/base/json.hpp>

namespace vl::app {

namespace bj = boost::json;

namespace {

enum class ApiError { refused, away, signed_out };
constexpr ErrorCode code_of(ApiError e) {
  switch (e) {
    case ApiError::away:
      return {Category::unavailable, "api.away"};
    case ApiError::signed_out:
      return {Category::unauthenticated, "api.signed_out"};
    case ApiError::refused:
      break;
  }
  return {Category::conflict, "api.refused"};
}

Result<bj::object> object_of(const http::Response& response) {
  if (response.status == 204) return bj::object{};
  auto body = json::parse(response.body_text());
  if (response.status == 401) return fail(ApiError::signed_out, "the session has ended");
  if (response.status >= 500)
    return fail(ApiError::away, "the core answers " + std::to_string(response.status));
  if (response.status >= 400)
    return fail(ApiError::refused, std::string(response.body_text().substr(0, 300)));
  if (!body || !body->is_object()) return fail(ApiError::away, "the answer is not an object");
  return std::move(body->as_object());
}

}  // namespace

ApiClient::ApiClient(std::string base_url, std::string ca_file, std::string login,
                     std::string password)
    : client_({.base_url = std::move(base_url), .trust = {.ca_file = std::move(ca_file)}}),
      login_(std::move(login)),
      password_(std::move(password)) {}

Result<void> ApiClient::sign_in() {
  VL_TRY(const auto response,
         client_.post_json("/api/v1/session",
                           bj::serialize(bj::object{{"login", login_}, {"password", password_}})));
  VL_TRY(const auto session, object_of(response));
  const auto set = response.headers.get("Set-Cookie");
  cookie_ = std::string(set.substr(0, set.find(';')));
  csrf_ = std::string(session.at("csrf_token").as_string());
  return {};
}

Result<bj::object> ApiClient::ask(http::Method method, const std::string& path,
                                  const std::string& body, bool again, const std::string& type) {
  if (cookie_.empty()) VL_CHECK(sign_in());
  http::ClientRequest request;
  request.method = method;
  request.target = "/api/v1" + path;
  request.headers.set("Cookie", cookie_);
  request.headers.set("X-CSRF-Token", csrf_);
  if (method == http::Method::post) {
    request.headers.set("Content-Type", type);
    request.body = http::SharedBytes(body);
  }
  VL_TRY(const auto response, client_.request(request));
  auto out = object_of(response);
  if (!out && out.error().code == code_of(ApiError::signed_out) && again) {
    cookie_.clear();
    return ask(method, path, body, false, type);
  }
  return out;
}

Result<bj::object> ApiClient::get(const std::string& path) {
  return ask(http::Method::get, path, "", true);
}
Result<bj::object> ApiClient::post(const std::string& path, const bj::object& body) {
  return ask(http::Method::post, path, bj::serialize(body), true);
}
Result<bj::object> ApiClient::post_table(const std::string& path, const std::string& text) {
  return ask(http::Method::post, path, text, true, "text/csv");
}

}  // namespace vl::app
