// How an export's files are called. Private.
#pragma once

#include <string>

#include <fmt/format.h>

#include <vonglau/evidence/manifest.hpp>

namespace vl::evidence {

/// "01-CAM-003": the stream's place and its camera's code, as far as it can stand in a name.
inline std::string stream_name(std::size_t number, const ExportStream& stream) {
  std::string code;
  for (const char c : stream.code.substr(0, 40)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    code += plain ? c : '_';
  }
  return fmt::format("{:02}-{}", number + 1, code);
}

}  // namespace vl::evidence
