// Small steps that most routes take: ids from the path, bodies, filters, answers.
#pragma once

#include <vonglau/base/json.hpp>
#include <vonglau/incidents/commands.hpp>
#include <vonglau/journal/writer.hpp>
#include <vonglau/routes/core.hpp>

namespace vl::routes {

enum class RouteError { bad_parameter, missing, forbidden_here, too_many, no_recorder, busy };
constexpr ErrorCode code_of(RouteError e) {
  switch (e) {
    case RouteError::bad_parameter:
      return {Category::invalid, "request.bad_parameter"};
    case RouteError::missing:
      return {Category::not_found, "request.not_found"};
    case RouteError::forbidden_here:
      return {Category::forbidden, "access.forbidden"};
    case RouteError::busy:
      return {Category::limited, "cameras.busy"};
    case RouteError::no_recorder:
      return {Category::unavailable, "cameras.no_recorder"};
    case RouteError::too_many:
      break;
  }
  return {Category::invalid, "request.too_many"};
}

template <class Id>
Result<Id> id_in_path(const http::Request& request, std::string_view name = "id") {
  const auto id = Uuid::parse(request.parameter(name));
  if (!id)
    return fail(RouteError::bad_parameter, "the address needs an id of 36 characters",
                std::string(name));
  return Id{*id};
}

template <class T>
Result<T> body_of(const http::Request& request) {
  return json::read_text<T>(request.body);
}

/// A whole number in the query, within bounds.
Result<std::optional<std::int64_t>> number_in_query(const http::Request& request,
                                                    std::string_view name, std::int64_t least,
                                                    std::int64_t most);
/// `?ids=a,b,c`, at most 100.
Result<std::optional<std::vector<Uuid>>> ids_in_query(const http::Request& request);

/// A query value that must be one of an enum's names.
template <class E>
Result<std::optional<std::string>> word_in_query(const http::Request& request,
                                                 std::string_view name) {
  const auto value = request.query_value(name);
  if (!value) return std::nullopt;
  VL_TRY(const E checked, json::detail::read<E>(json::Value(boost::json::string(*value)), name,
                                                json::Unknown::refuse));
  static_cast<void>(checked);
  return std::string(*value);
}

template <class T>
std::string word(T value) {
  return boost::describe::enum_to_string(value, "?");
}

inline http::Response answer(const json::Value& body) {
  return http::Response::json(json::text_of(body));
}
inline http::Response answer(const json::Value& body, const journal::Receipt& receipt) {
  return answer(body).with("X-Sequence", std::to_string(receipt.sequence));
}

/// {"name": [rows]}
template <class Row>
http::Response list_answer(std::string_view name, const std::vector<Row>& rows) {
  return answer(boost::json::object{{name, json::value_of(rows)}});
}

journal::Actor actor_of(const Caller& caller);
/// With the request's Idempotency-Key, if it has one.
Result<incidents::Request> command_request(const http::Request& request, const Caller& caller);

/// Both or neither; within the bounds of the globe.
Result<std::optional<GeoPoint>> point_of(const std::optional<double>& lat,
                                         const std::optional<double>& lon);

}  // namespace vl::routes
