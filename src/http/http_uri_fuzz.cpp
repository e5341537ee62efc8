// Any text as a path, a query, a range, a cookie header, a list of tokens, a URL and a list of
// origins.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/http/range.hpp>
#include <vonglau/http/uri.hpp>

#include "content_policy.hpp"
#include "response_writer.hpp"
#include "url.hpp"

using namespace vl::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = percent_decode(text)) {
    VL_ASSERT(is_utf8(*decoded));
    VL_ASSERT(percent_decode(percent_encode(*decoded)) == decoded);
  }
  if (const auto segments = split_path(text)) {
    VL_ASSERT(segments->size() <= 32);
    for (const auto& segment : *segments)
      VL_ASSERT(segment != ".." && segment.find('/') == std::string::npos);
  }
  if (const auto query = parse_query(text)) VL_ASSERT(query->size() <= 64);
  if (const auto cookie = find_cookie(text, "a")) VL_ASSERT(cookie->find(';') == cookie->npos);
  static_cast<void>(accepts_token(text, "gzip"));
  for (const std::uint64_t content : {std::uint64_t{0}, std::uint64_t{1000}, UINT64_MAX})
    if (const auto range = range_of(text, content))
      VL_ASSERT(range->first <= content && range->bytes <= content - range->first);
  static_cast<void>(etag_matches(text, "\"a\""));
  if (const auto url = parse_base_url(text)) {
    VL_ASSERT(!url->host.empty() && !url->port.empty());
    VL_ASSERT(url->authority.find_first_of("\r\n/ ") == std::string::npos);
  }
  ContentPolicy policy;
  if (policy.set_connect_origins({std::string(text)}))
    VL_ASSERT(text.find_first_of(" ;,'\r\n*") == text.npos);
  return 0;
}
