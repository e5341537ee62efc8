#include <vonglau/base/bytes.hpp>
#include <vonglau/base/json.hpp>
#include <vonglau/routes/event_json.hpp>
#include <vonglau/routes/watch.hpp>

namespace vl::routes {

namespace bj = boost::json;

namespace {

/// References into the vault mean nothing outside; what the interface reads is ids and codes.
bj::object outside_body(const journal::Event& event) {
  auto body = json::parse(event.body);
  if (!body || !body->is_object()) return {};
  bj::object out;
  for (auto& [key, value] : body->as_object()) {
    if (const auto* object = value.if_object(); object != nullptr && object->contains("commitment"))
      continue;
    out[key] = value;
  }
  return out;
}

}  // namespace

bj::object actor_json(const journal::Actor& actor) {
  return {{"kind", journal::name_of(actor.kind)}, {"id", actor.id.text()}};
}

std::string watch_text(const journal::Event& event) {
  return bj::serialize(
      bj::object{{"sequence", event.sequence},
                 {"at_us", event.wall.us},
                 {"actor", actor_json(event.actor)},
                 {"stream", {{"kind", event.stream.kind}, {"id", event.stream.id.text()}}},
                 {"stream_version", event.stream_version},
                 {"type", event.type},
                 {"body", outside_body(event)}});
}

bj::object journal_json(const journal::Event& event) {
  auto body = json::parse(event.body);
  return {{"sequence", event.sequence},
          {"at_us", event.wall.us},
          {"actor", actor_json(event.actor)},
          {"stream", {{"kind", event.stream.kind}, {"id", event.stream.id.text()}}},
          {"stream_version", event.stream_version},
          {"type", event.type},
          {"version", event.version},
          {"body", body ? std::move(*body) : bj::value(bj::object{})},
          {"hash", to_hex(event.hash)}};
}

bj::object timeline_json(const journal::Event& event) {
  return {{"sequence", event.sequence},           {"at_us", event.wall.us},
          {"actor", actor_json(event.actor)},     {"type", event.type},
          {"text_key", "timeline." + event.type}, {"detail", outside_body(event)}};
}

std::shared_ptr<const std::string> telemetry_text(std::span<const dispatch::Position> positions) {
  bj::array all;
  for (const auto& position : positions) all.push_back(json::value_of(position));
  return std::make_shared<const std::string>(
      bj::serialize(bj::object{{"telemetry", {{"positions", std::move(all)}}}}));
}

}  // namespace vl::routes
