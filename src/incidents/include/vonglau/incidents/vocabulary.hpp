// The words of intake and incidents, as they are written in events and in the API.
#pragma once

#include <boost/describe/enum.hpp>

#include <vonglau/base/ids.hpp>

namespace vl::incidents {

using ReportId = TypedId<struct ReportTag>;
using IncidentId = TypedId<struct IncidentTag>;
using PersonId = TypedId<struct PersonTag>;
using UnitId = TypedId<struct UnitTag>;

/// 113, 114, 115 and the other intakes of the centre (S11-S16).
enum class Service { police, fire, medical, traffic, social, other };
BOOST_DESCRIBE_ENUM(Service, police, fire, medical, traffic, social, other)

enum class IncidentCategory {
  fire,
  explosion,
  rescue,
  traffic_accident,
  minor_collision,
  congestion,
  public_disorder,
  theft,
  violence,
  missing_person,
  medical_emergency,
  social_welfare,
  flood,
  camera_fault,
  other
};
BOOST_DESCRIBE_ENUM(IncidentCategory, fire, explosion, rescue, traffic_accident, minor_collision,
                    congestion, public_disorder, theft, violence, missing_person, medical_emergency,
                    social_welfare, flood, camera_fault, other)

enum class Severity { critical, serious, routine };
BOOST_DESCRIBE_ENUM(Severity, critical, serious, routine)

/// How a signal reached us; `desk` is the form at an operator's desk.
enum class Channel { desk, phone, app, camera, partner };
BOOST_DESCRIBE_ENUM(Channel, desk, phone, app, camera, partner)

enum class ReportState { waiting, claimed, closed };
BOOST_DESCRIBE_ENUM(ReportState, waiting, claimed, closed)

enum class Closure { incident_opened, duplicate, false_report, transferred, information_only };
BOOST_DESCRIBE_ENUM(Closure, incident_opened, duplicate, false_report, transferred,
                    information_only)

enum class IncidentState { open, closed };
BOOST_DESCRIBE_ENUM(IncidentState, open, closed)

enum class Outcome { resolved, handed_over, unfounded, cancelled };
BOOST_DESCRIBE_ENUM(Outcome, resolved, handed_over, unfounded, cancelled)

/// A unit's milestones on one incident, in order; each may be reached once, later ones may be
/// reached directly (a radio message can be missed), none is gone back to.
enum class Milestone { assigned, accepted, en_route, on_scene, released };
BOOST_DESCRIBE_ENUM(Milestone, assigned, accepted, en_route, on_scene, released)

}  // namespace vl::incidents
