// Events as the API shows them.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include <vonglau/journal/event.hpp>

namespace vl::routes {

/// One element of the watch messages' "events".
std::string watch_text(const journal::Event& event);
boost::json::object actor_json(const journal::Actor& actor);
/// One element of GET /journal/events.
boost::json::object journal_json(const journal::Event& event);
/// One element of an incident's timeline.
boost::json::object timeline_json(const journal::Event& event);

}  // namespace vl::routes
