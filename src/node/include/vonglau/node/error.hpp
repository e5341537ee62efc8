// What the node protocol refuses.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::node {

enum class NodeError {
  wrong_enrolment_key,
  wrong_token,
  wrong_version,
  bad_registration,
  bad_ticket,
  ticket_expired,
  spool,  // the spool's disk refuses
};
constexpr ErrorCode code_of(NodeError e) {
  switch (e) {
    case NodeError::wrong_enrolment_key:
      return {Category::forbidden, "nodes.wrong_enrolment_key"};
    case NodeError::wrong_token:
      return {Category::unauthenticated, "nodes.wrong_token"};
    case NodeError::wrong_version:
      return {Category::conflict, "nodes.wrong_version"};
    case NodeError::bad_registration:
      return {Category::invalid, "nodes.bad_registration"};
    case NodeError::bad_ticket:
      return {Category::forbidden, "nodes.bad_ticket"};
    case NodeError::ticket_expired:
      return {Category::forbidden, "nodes.ticket_expired"};
    case NodeError::spool:
      break;
  }
  return {Category::unavailable, "nodes.spool"};
}

}  // namespace vl::node
