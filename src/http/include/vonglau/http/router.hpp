// Which handler answers which method and path. Filled at start-up by one thread, then only read:
// from then on any thread may match and handle.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/http/message.hpp>
#include <vonglau/http/websocket.hpp>

namespace vl::http {

struct RouteOptions {
  std::size_t body_limit_bytes = 256 * 1024;
  /// Pages of any origin may read the answer (no cookies): for routes opened by a ticket.
  bool cross_origin = false;
};

struct RouteInfo {
  Method method = Method::get;
  std::string pattern;
  bool websocket = false;
  auto operator<=>(const RouteInfo&) const = default;
};

struct Route {
  RouteInfo info;
  std::vector<std::string> names;  // of the pattern's parameters, in order
  RouteOptions options;
  Handler handler;
  WebSocketOptions websocket_options;
  WebSocketHandler websocket_handler;
};

/// Runs before each handler that a route leads to and before the body of a large request is read.
/// May refuse, and may leave what it found (the session) in request.context.
using Gate = std::function<std::optional<Response>(Request&)>;

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// `pattern`: "/api/v1/reports/{id}/claim". A literal segment goes before a parameter. GET
  /// answers HEAD too. The same method and pattern twice is a broken invariant.
  void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});
  void add_websocket(std::string pattern, WebSocketHandler handler, WebSocketOptions options = {});
  /// GET and HEAD of every path no route knows: the pages. The gate does not run for it.
  void set_fallback(Handler handler);
  void set_gate(Gate gate);

  /// All routes, sorted by pattern and method.
  std::vector<RouteInfo> routes() const;

  struct Match {
    const Route* route = nullptr;
    NameValues parameters;
    std::vector<Method> allowed;  // of the path, when the method is not
  };
  Match match(Method method, const std::vector<std::string>& segments) const;
  const Handler& fallback() const { return fallback_; }

  /// Nothing when the gate lets it pass; an exception in it is a 500.
  std::optional<Response> ask_gate(Request& request) const;
  /// Runs the handler of a match (or the fallback for null); an exception is logged and a 500.
  Response run(const Route* route, const Request& request) const;
  /// Match, gate and handler in one: what the server does for a small request, for tests without
  /// a socket. Sets request.route and request.parameters. WebSocket routes answer 426.
  Response handle(Request& request) const;

 private:
  struct Node;
  Node& node_of(const std::string& pattern, std::vector<std::string>& names);
  void add(Route route);
  std::unique_ptr<Node> root_;
  Handler fallback_;
  Gate gate_;
};

/// 404, or 405 with Allow, or 204 with Allow for OPTIONS.
Response unmatched_response(Method method, const std::vector<Method>& allowed);

}  // namespace vl::http
