// Unix sockets whose path may be longer than the 107 bytes that fit an address: they are bound
// and reached through the descriptor of their folder.
#pragma once

#include <string>

#include <vonglau/base/result.hpp>

#include "descriptor.hpp"

namespace vl::supervise {

/// Listening, non-blocking, mode 0600; takes the place of a socket left by an earlier process.
Result<Descriptor> listen_at(const std::string& path);
Result<Descriptor> connect_to(const std::string& path);

}  // namespace vl::supervise
