// What intake and incidents refuse.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::incidents {

enum class IncidentError {
  not_found,
  already_claimed,  // field claimed_by; the message names the person's id
  not_claimed_by_you,
  already_closed,
  not_open,
  not_closed,
  already_assigned,
  not_assigned,
  still_assigned,  // units are still on it
  milestone_passed,
};
constexpr ErrorCode code_of(IncidentError e) {
  switch (e) {
    case IncidentError::not_found:
      return {Category::not_found, "incidents.not_found"};
    case IncidentError::already_claimed:
      return {Category::conflict, "incidents.already_claimed"};
    case IncidentError::not_claimed_by_you:
      return {Category::conflict, "incidents.not_claimed_by_you"};
    case IncidentError::already_closed:
      return {Category::conflict, "incidents.already_closed"};
    case IncidentError::not_open:
      return {Category::conflict, "incidents.not_open"};
    case IncidentError::not_closed:
      return {Category::conflict, "incidents.not_closed"};
    case IncidentError::already_assigned:
      return {Category::conflict, "incidents.already_assigned"};
    case IncidentError::not_assigned:
      return {Category::conflict, "incidents.not_assigned"};
    case IncidentError::still_assigned:
      return {Category::conflict, "incidents.still_assigned"};
    case IncidentError::milestone_passed:
      break;
  }
  return {Category::conflict, "incidents.milestone_passed"};
}

}  // namespace vl::incidents
