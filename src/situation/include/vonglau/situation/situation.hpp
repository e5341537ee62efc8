// The picture of the province, folded from events. Plain value; no thread owns it.
#pragma once

#include <map>
#include <set>
#include <string>

#include <vonglau/cameras/camera.hpp>
#include <vonglau/dispatch/schema.hpp>
#include <vonglau/incidents/queries.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::situation {

struct CameraPicture {
  std::string state;
  WallTime since_us;
};
BOOST_DESCRIBE_STRUCT(CameraPicture, (), (state, since_us))

struct Situation {
  static constexpr std::uint32_t kVersion = 1;
  std::map<Uuid, incidents::ReportRow> reports;      // waiting and claimed
  std::map<Uuid, incidents::IncidentRow> incidents;  // open
  std::map<Uuid, dispatch::UnitRow> units;
  std::map<Uuid, CameraPicture> cameras;
  /// Reopened incidents whose earlier history lies before this fold's start; History fills them.
  std::set<Uuid> reopened;

  void apply(const journal::Event& event);
  std::string save() const;
  static Result<Situation> load(std::string_view text);
};

/// One incident as its own stream tells it; closed incidents too. Nothing before it is opened.
std::optional<incidents::IncidentRow> incident_after(std::span<const journal::Event> stream);

}  // namespace vl::situation
