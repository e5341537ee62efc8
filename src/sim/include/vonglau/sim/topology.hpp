// What the demonstration's cameras hang on: an invented network of two providers, lines, street
// cabinets, power feeds and two contractors. The last sixth of the cameras is left undeclared, as
// in every real fleet. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace vl::sim {

struct CameraNetwork {
  /// For POST /fleet/import.
  std::string table;
  /// Every asset's code, and the cameras that hang on it, near or far. Contractors are none.
  std::map<std::string, std::vector<std::string>> cameras_of;
};

CameraNetwork demonstration_network(const std::vector<std::string>& codes);

}  // namespace vl::sim
