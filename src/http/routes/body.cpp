#include "body.hpp"

#include <charconv>

#include <vonglau/http/errors.hpp>

namespace vl::routes {

void add(http::Router& router, http::Method method, std::string path, Handle handle,
         http::RouteOptions options) {
  router.add(
      method, "/api/v1" + std::move(path),
      [handle = std::move(handle)](const http::Request& request) -> http::Response {
        const auto* caller = std::any_cast<Caller>(&request.context);
        static const Caller nobody;
        auto response = handle(request, caller != nullptr ? *caller : nobody);
        if (response) return std::move(*response);
        return http::error_response(response.error());
      },
      options);
}

Result<std::optional<std::int64_t>> number_in_query(const http::Request& request,
                                                    std::string_view name, std::int64_t least,
                                                    std::int64_t most) {
  const auto text = request.query_value(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (ec != std::errc() || end != text->data() + text->size() || value < least || value > most)
    return fail(RouteError::bad_parameter,
                std::string(name) + ": give a whole number from " + std::to_string(least) + " to " +
                    std::to_string(most),
                std::string(name));
  return value;
}

Result<std::optional<std::vector<Uuid>>> ids_in_query(const http::Request& request) {
  const auto text = request.query_value("ids");
  if (!text) return std::nullopt;
  std::vector<Uuid> ids;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto id = Uuid::parse(rest.substr(0, comma));
    if (!id) return fail(RouteError::bad_parameter, "ids: comma-separated ids are wanted", "ids");
    ids.push_back(*id);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (ids.size() > 100) return fail(RouteError::too_many, "ids: at most 100 at once", "ids");
  return ids;
}

journal::Actor actor_of(const Caller& caller) {
  return caller.is_node ? journal::Actor::node(caller.person)
                        : journal::Actor::person(caller.person);
}

Result<incidents::Request> command_request(const http::Request& request, const Caller& caller) {
  incidents::Request out{actor_of(caller), std::nullopt};
  const auto key = request.header("Idempotency-Key");
  if (key.empty()) return out;
  const auto id = Uuid::parse(key);
  if (!id)
    return fail(RouteError::bad_parameter, "Idempotency-Key: give a UUID, a new one per action",
                "Idempotency-Key");
  // Two people may not meet in one key: the person is part of it.
  Bytes both(id->bytes.begin(), id->bytes.end());
  both.insert(both.end(), caller.person.bytes.begin(), caller.person.bytes.end());
  const Digest digest = sha256(both);
  Uuid mixed;
  std::copy_n(digest.begin(), mixed.bytes.size(), mixed.bytes.begin());
  out.idempotency_key = mixed;
  return out;
}

Result<std::optional<GeoPoint>> point_of(const std::optional<double>& lat,
                                         const std::optional<double>& lon) {
  if (!lat && !lon) return std::nullopt;
  if (!lat || !lon)
    return fail(RouteError::bad_parameter, "give both lat and lon, or neither",
                lat ? "lon" : "lat");
  if (!(*lat >= -90 && *lat <= 90))
    return fail(RouteError::bad_parameter, "lat: from -90 to 90 degrees", "lat");
  if (!(*lon >= -180 && *lon <= 180))
    return fail(RouteError::bad_parameter, "lon: from -180 to 180 degrees", "lon");
  return GeoPoint{*lat, *lon};
}

}  // namespace vl::routes
