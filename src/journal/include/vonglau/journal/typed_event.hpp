// Typed events to and from the journal's drafts. For .cpp files (it brings JSON in).
//
// An event type is a described struct with kType ("incident.opened") and kVersion.
#pragma once

#include <vonglau/base/assert.hpp>
#include <vonglau/base/json.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::journal {

template <class E>
Draft draft_of(std::string_view stream_kind, const Uuid& stream_id, const E& event) {
  return {{std::string(stream_kind), stream_id},
          std::string(E::kType),
          E::kVersion,
          json::write(event),
          {std::make_shared<const E>(event), &typeid(E)}};
}

/// Calls `use(const E&)` if the event is an E. What the journal holds was written by us: a body
/// that does not fit its type is a broken invariant. Members that a newer writer added are
/// ignored.
template <class E, class Use>
bool when(const Event& event, Use&& use) {
  if (const E* content = event.content.template as<E>()) {
    use(*content);
    return true;
  }
  if (event.type != E::kType) return false;
  auto body = json::read_text<E>(event.body, json::Unknown::ignore);
  VL_ASSERT(body.has_value());
  use(*body);
  return true;
}

}  // namespace vl::journal
