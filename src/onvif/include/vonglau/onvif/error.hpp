// What can go wrong with a camera that is spoken to by ONVIF.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::onvif {

enum class OnvifError {
  bad_address,
  unreachable,  // no connection, or no answer in time
  bad_answer,   // not SOAP, or not what was asked for
  wrong_password,
  clear_password,  // the camera takes passwords in the clear alone
  not_rotated,     // the camera refuses another password
  not_supported,
  refused,    // the camera says no, with its reason
  no_stream,  // no profile that can be recorded
  network,    // of ours: no socket, no interface
};
constexpr ErrorCode code_of(OnvifError e) {
  switch (e) {
    case OnvifError::bad_address:
      return {Category::invalid, "onvif.bad_address"};
    case OnvifError::unreachable:
      return {Category::unavailable, "onvif.unreachable"};
    case OnvifError::bad_answer:
      return {Category::unavailable, "onvif.bad_answer"};
    case OnvifError::wrong_password:
      return {Category::conflict, "onvif.wrong_password"};
    case OnvifError::clear_password:
      return {Category::conflict, "onvif.clear_password"};
    case OnvifError::not_rotated:
      return {Category::conflict, "onvif.not_rotated"};
    case OnvifError::not_supported:
      return {Category::conflict, "onvif.not_supported"};
    case OnvifError::refused:
      return {Category::conflict, "onvif.refused"};
    case OnvifError::no_stream:
      return {Category::conflict, "onvif.no_stream"};
    case OnvifError::network:
      break;
  }
  return {Category::unavailable, "onvif.network"};
}

}  // namespace vl::onvif
