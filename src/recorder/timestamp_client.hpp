// Asks a timestamp authority (RFC 3161 over HTTP, its section 3.4). Blocks; any thread.
#pragma once

#include <string>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/result.hpp>

namespace vl::recorder {

/// The authority's answer over this digest: a TimeStampResp that answers our request.
Result<Bytes> fetch_timestamp(const std::string& url, const std::string& ca_file,
                              const Digest& digest);

}  // namespace vl::recorder
