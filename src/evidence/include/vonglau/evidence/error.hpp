// What can go wrong while an export is made or looked at. What a check finds is no error.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::evidence {

enum class EvidenceError {
  malformed,    // does not follow docs/design/export.md; the message says where
  unreadable,   // the disk or the folder refuses
  nothing,      // there is no footage in what was asked for
  too_much,     // beyond what one export may hold
  not_stamped,  // the timestamp authority gave no valid timestamp
  not_masked,   // the masked copy that was asked for could not be made
  stopped,      // whoever had it made does not want it any more
};
constexpr ErrorCode code_of(EvidenceError e) {
  switch (e) {
    case EvidenceError::malformed:
      return {Category::invalid, "evidence.malformed"};
    case EvidenceError::unreadable:
      return {Category::unavailable, "evidence.unreadable"};
    case EvidenceError::nothing:
      return {Category::not_found, "evidence.nothing"};
    case EvidenceError::too_much:
      return {Category::too_large, "evidence.too_much"};
    case EvidenceError::not_stamped:
      return {Category::unavailable, "evidence.not_stamped"};
    case EvidenceError::not_masked:
      return {Category::unavailable, "evidence.not_masked"};
    case EvidenceError::stopped:
      break;
  }
  return {Category::conflict, "evidence.stopped"};
}

}  // namespace vl::evidence
