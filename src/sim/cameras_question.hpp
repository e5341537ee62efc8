// One question to a simulated camera's ONVIF services, taken apart.
#pragma once

#include <pugixml.hpp>

#include "cameras_onvif.hpp"
#include "cameras_soap.hpp"

namespace vl::sim {

struct OnvifServices::Question {
  Camera& camera;
  Told& told;
  pugi::xml_node header, action;
  std::string_view name;
  std::string service;  // the last part of the path it came to
  std::string child_text(std::string_view path) const {
    return soap::child(action, path).text().get();
  }
};

}  // namespace vl::sim
