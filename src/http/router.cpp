#include <algorithm>
#include <exception>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/http/router.hpp>

namespace vl::http {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<std::unique_ptr<Route>> routes;

  /// Depth first, literals before the parameter: "/a/mine" beats "/a/{id}".
  const Node* find(const std::vector<std::string>& segments, std::size_t at,
                   std::vector<std::string>& values) const {
    if (at == segments.size()) return routes.empty() ? nullptr : this;
    if (const auto next = literals.find(segments[at]); next != literals.end())
      if (const Node* found = next->second->find(segments, at + 1, values)) return found;
    if (parameter == nullptr || segments[at].empty()) return nullptr;
    values.push_back(segments[at]);
    if (const Node* found = parameter->find(segments, at + 1, values)) return found;
    values.pop_back();
    return nullptr;
  }

  void collect(std::vector<RouteInfo>& out) const {
    for (const auto& route : routes) out.push_back(route->info);
    for (const auto& [name, node] : literals) node->collect(out);
    if (parameter) parameter->collect(out);
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Router::Node& Router::node_of(const std::string& pattern, std::vector<std::string>& names) {
  VL_ASSERT(pattern.starts_with('/'));
  Node* node = root_.get();
  std::string_view rest = std::string_view(pattern).substr(1);
  while (!rest.empty()) {
    const auto at = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, at);
    VL_ASSERT(!segment.empty());
    std::unique_ptr<Node>* next = nullptr;
    if (segment.starts_with('{')) {
      VL_ASSERT(segment.ends_with('}') && segment.size() > 2);
      names.emplace_back(segment.substr(1, segment.size() - 2));
      next = &node->parameter;
    } else {
      next = &node->literals[std::string(segment)];
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
    rest.remove_prefix(std::min(at + 1, rest.size()));
  }
  return *node;
}

void Router::add(Route route) {
  Node& node = node_of(route.info.pattern, route.names);
  for (const auto& other : node.routes) VL_ASSERT(other->info.method != route.info.method);
  node.routes.push_back(std::make_unique<Route>(std::move(route)));
}

void Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
  VL_ASSERT(handler != nullptr && method != Method::head && method != Method::options);
  add(Route{.info = {method, std::move(pattern), false},
            .options = options,
            .handler = std::move(handler)});
}

void Router::add_websocket(std::string pattern, WebSocketHandler handler,
                           WebSocketOptions options) {
  VL_ASSERT(handler != nullptr);
  add(Route{.info = {Method::get, std::move(pattern), true},
            .websocket_options = std::move(options),
            .websocket_handler = std::move(handler)});
}

void Router::set_fallback(Handler handler) {
  fallback_ = std::move(handler);
}
void Router::set_gate(Gate gate) {
  gate_ = std::move(gate);
}

std::vector<RouteInfo> Router::routes() const {
  std::vector<RouteInfo> out;
  root_->collect(out);
  std::ranges::sort(out, [](const RouteInfo& a, const RouteInfo& b) {
    return std::tie(a.pattern, a.method) < std::tie(b.pattern, b.method);
  });
  return out;
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
  Match match;
  std::vector<std::string> values;
  const Node* node = root_->find(segments, 0, values);
  if (node == nullptr) return match;
  const Method wanted = method == Method::head ? Method::get : method;
  for (const auto& route : node->routes) {
    if (route->info.method == wanted) match.route = route.get();
    match.allowed.push_back(route->info.method);
    if (route->info.method == Method::get && !route->info.websocket)
      match.allowed.push_back(Method::head);
  }
  if (match.route != nullptr) {
    for (std::size_t i = 0; i < values.size(); ++i)
      match.parameters.emplace_back(match.route->names[i], std::move(values[i]));
    match.allowed.clear();
  }
  return match;
}

namespace {

Response failed(const Request& request, const char* what) {
  log::error(
      "http.handler_threw",
      {{"method", std::string(text_of(request.method))}, {"route", request.route}, {"what", what}});
  return error_response(Error(code_of(HttpError::internal), what));
}

}  // namespace

std::optional<Response> Router::ask_gate(Request& request) const {
  if (!gate_) return std::nullopt;
  try {
    return gate_(request);
  } catch (const std::exception& e) {
    return failed(request, e.what());
  }
}

Response Router::run(const Route* route, const Request& request) const {
  const Handler& handler = route != nullptr ? route->handler : fallback_;
  try {
    return handler(request);
  } catch (const std::exception& e) {
    return failed(request, e.what());
  }
}

Response Router::handle(Request& request) const {
  Match found = match(request.method, request.segments);
  const bool page = request.method == Method::get || request.method == Method::head;
  if (found.route == nullptr) {
    if (fallback_ && page && found.allowed.empty()) return run(nullptr, request);
    return unmatched_response(request.method, found.allowed);
  }
  request.route = found.route->info.pattern;
  request.parameters = std::move(found.parameters);
  if (found.route->info.websocket)
    return error_response(Error(code_of(HttpError::upgrade_required),
                                "This address speaks WebSocket: open it with wss://."),
                          426)
        .with("Upgrade", "websocket");
  if (auto refused = ask_gate(request)) return std::move(*refused);
  return run(found.route, request);
}

Response unmatched_response(Method method, const std::vector<Method>& allowed) {
  if (allowed.empty())
    return error_response(Error(code_of(HttpError::not_found), "There is nothing at this path."));
  std::string list = "OPTIONS";
  for (const Method each : allowed) (list += ", ") += text_of(each);
  if (method == Method::options) return Response::no_content().with("Allow", list);
  return error_response(Error(code_of(HttpError::method_not_allowed),
                              "This path does not take " + std::string(text_of(method)) +
                                  "; it takes " + list + "."),
                        405)
      .with("Allow", list);
}

}  // namespace vl::http
