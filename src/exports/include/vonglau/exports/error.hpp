// What cases and exports refuse.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::exports {

enum class ExportError {
  not_found,
  case_not_found,
  number_taken,
  bad_number,
  bad_request,       // cameras, time or days out of bounds
  same_person,       // who asked does not decide
  not_requested,     // it was decided already
  not_yours,         // only who asked withdraws
  not_ready,         // it cannot be fetched
  not_its_recorder,  // a node that has none of its cameras speaks of it
};
constexpr ErrorCode code_of(ExportError e) {
  switch (e) {
    case ExportError::not_found:
      return {Category::not_found, "exports.not_found"};
    case ExportError::case_not_found:
      return {Category::not_found, "cases.not_found"};
    case ExportError::number_taken:
      return {Category::conflict, "cases.number_taken"};
    case ExportError::bad_number:
      return {Category::invalid, "cases.bad_number"};
    case ExportError::bad_request:
      return {Category::invalid, "exports.bad_request"};
    case ExportError::same_person:
      return {Category::conflict, "exports.same_person"};
    case ExportError::not_requested:
      return {Category::conflict, "exports.not_requested"};
    case ExportError::not_yours:
      return {Category::forbidden, "exports.not_yours"};
    case ExportError::not_ready:
      return {Category::conflict, "exports.not_ready"};
    case ExportError::not_its_recorder:
      break;
  }
  return {Category::forbidden, "exports.not_its_recorder"};
}

}  // namespace vl::exports
