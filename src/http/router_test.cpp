#include <gtest/gtest.h>

#include <vonglau/http/errors.hpp>
#include <vonglau/http/router.hpp>

namespace vl::http {
namespace {

Request request_of(Method method, std::string path) {
  Request request;
  request.method = method;
  request.segments = *split_path(path);
  request.path = std::move(path);
  return request;
}

Handler says(std::string text) {
  return [text](const Request& request) {
    std::string out = text;
    for (const auto& [name, value] : request.parameters) out += " " + name + "=" + value;
    return Response::text(out);
  };
}

struct Routes : testing::Test {
  Routes() {
    router.add(Method::get, "/api/reports", says("list"));
    router.add(Method::post, "/api/reports", says("create"));
    router.add(Method::get, "/api/reports/mine", says("mine"));
    router.add(Method::get, "/api/reports/{id}", says("one"));
    router.add(Method::post, "/api/reports/{id}/claim", says("claim"));
    router.add(Method::post, "/api/incidents/{id}/assignments/{unit_id}/status", says("status"));
    router.add_websocket("/api/watch", [](const Request&) -> WebSocketAccept {
      return std::unexpected(Response::text("no", 403));
    });
  }
  std::string body(Method method, std::string path) {
    Request request = request_of(method, std::move(path));
    return std::string(router.handle(request).body_text());
  }
  Router router;
};

TEST_F(Routes, match_by_method_and_path_and_literals_go_before_parameters) {
  EXPECT_EQ(body(Method::get, "/api/reports"), "list");
  EXPECT_EQ(body(Method::post, "/api/reports"), "create");
  EXPECT_EQ(body(Method::get, "/api/reports/mine"), "mine");
  EXPECT_EQ(body(Method::get, "/api/reports/77"), "one id=77");
  EXPECT_EQ(body(Method::post, "/api/reports/mine/claim"), "claim id=mine");
  EXPECT_EQ(body(Method::post, "/api/incidents/a/assignments/b/status"), "status id=a unit_id=b");
}

TEST_F(Routes, unknown_paths_are_404_and_wrong_methods_405_with_allow) {
  for (const char* path :
       {"/api", "/api/reports/", "/api/reports/1/claim/2", "/", "/api//reports"}) {
    Request request = request_of(Method::get, path);
    EXPECT_EQ(router.handle(request).status, 404) << path;
  }
  Request request = request_of(Method::remove, "/api/reports");
  const Response response = router.handle(request);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("allow"), "OPTIONS, GET, HEAD, POST");
  Request options = request_of(Method::options, "/api/reports/1/claim");
  EXPECT_EQ(router.handle(options).headers.get("Allow"), "OPTIONS, POST");
}

TEST_F(Routes, head_is_answered_by_get) {
  EXPECT_EQ(body(Method::head, "/api/reports"), "list");
}

TEST_F(Routes, can_all_be_listed_for_the_table_of_permissions) {
  const auto routes = router.routes();
  ASSERT_EQ(routes.size(), 7U);
  EXPECT_EQ(routes[0],
            (RouteInfo{Method::post, "/api/incidents/{id}/assignments/{unit_id}/status"}));
  EXPECT_EQ(routes[1], (RouteInfo{Method::get, "/api/reports"}));
  EXPECT_EQ(routes[6], (RouteInfo{Method::get, "/api/watch", true}));
}

TEST_F(Routes, the_gate_sees_the_pattern_and_what_it_leaves_reaches_the_handler) {
  router.add(Method::get, "/api/who/{id}", [](const Request& request) {
    return Response::text(std::any_cast<std::string>(request.context));
  });
  router.set_gate([](Request& request) -> std::optional<Response> {
    if (request.route == "/api/reports") return Response::text("refused", 403);
    request.context = request.route + " for " + std::string(request.parameter("id"));
    return std::nullopt;
  });
  EXPECT_EQ(body(Method::get, "/api/who/5"), "/api/who/{id} for 5");
  EXPECT_EQ(body(Method::get, "/api/reports"), "refused");
}

TEST_F(Routes, exceptions_of_gate_and_handler_are_500_without_their_text) {
  router.add(Method::get, "/throws",
             [](const Request&) -> Response { throw std::runtime_error("private"); });
  Request request = request_of(Method::get, "/throws");
  Response response = router.handle(request);
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("private"), std::string::npos);
  router.set_gate([](Request&) -> std::optional<Response> { throw std::runtime_error("private"); });
  Request again = request_of(Method::get, "/api/reports");
  EXPECT_EQ(router.handle(again).status, 500);
}

TEST_F(Routes, the_fallback_takes_only_reads_of_unknown_paths) {
  router.set_fallback(says("page"));
  EXPECT_EQ(body(Method::get, "/incidents/1"), "page");
  Request post = request_of(Method::post, "/incidents/1");
  EXPECT_EQ(router.handle(post).status, 404);
  Request wrong = request_of(Method::get, "/api/reports/1/claim");
  EXPECT_EQ(router.handle(wrong).status, 405);
}

TEST_F(Routes, the_same_route_twice_is_a_broken_invariant) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(router.add(Method::get, "/api/reports/{other}", says("again")), "assertion");
}

TEST(Errors, each_category_has_its_status_and_the_body_names_code_message_and_field) {
  const Error error({Category::conflict, "incidents.already_claimed"}, "Claimed by \"019a\"\n",
                    "claimed_by");
  const Response response = error_response(error);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(
      response.body,
      R"({"error":{"code":"incidents.already_claimed","message":"Claimed by \"019a\"\n","field":"claimed_by"}})");
  const std::pair<Category, int> table[] = {
      {Category::invalid, 400},   {Category::unauthenticated, 401}, {Category::forbidden, 403},
      {Category::not_found, 404}, {Category::conflict, 409},        {Category::too_large, 413},
      {Category::limited, 429},   {Category::unavailable, 503},     {Category::internal, 500}};
  for (const auto& [category, status] : table) {
    const Response each = error_response(Error({category, "x"}, "m"));
    EXPECT_EQ(each.status, status);
    EXPECT_EQ(each.headers.has("Retry-After"), status == 429 || status == 503);
    EXPECT_FALSE(reason_of(status).empty());
  }
}

TEST(Errors, what_went_wrong_inside_is_not_told) {
  const Response response = error_response(Error({Category::internal, "store.io"}, "/var/secret"));
  EXPECT_EQ(response.body.find("/var/secret"), std::string::npos);
  EXPECT_NE(response.body.find("store.io"), std::string::npos);
}

}  // namespace
}  // namespace vl::http
