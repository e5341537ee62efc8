// gzip (RFC 1952) of text responses. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace vl::http {

inline constexpr std::size_t kGzipFromBytes = 1024;

std::string gzip(std::string_view text, int level = 5);

/// Text, JSON, scripts, SVG and the like; not pictures, video, fonts or archives.
bool is_compressible(std::string_view content_type);

}  // namespace vl::http
