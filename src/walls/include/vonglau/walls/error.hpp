// What walls refuse.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::walls {

enum class WallError { not_found, layout_not_found, event_not_found, bad_name, bad_layout, taken };
constexpr ErrorCode code_of(WallError e) {
  switch (e) {
    case WallError::not_found:
      return {Category::not_found, "walls.not_found"};
    case WallError::layout_not_found:
      return {Category::not_found, "walls.layout_not_found"};
    case WallError::event_not_found:
      return {Category::not_found, "walls.event_not_found"};
    case WallError::bad_name:
      return {Category::invalid, "walls.bad_name"};
    case WallError::bad_layout:
      return {Category::invalid, "walls.bad_layout"};
    case WallError::taken:
      break;
  }
  return {Category::conflict, "walls.name_taken"};
}

}  // namespace vl::walls
