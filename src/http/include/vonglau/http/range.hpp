// Parts of a response (RFC 9110, section 14): what was begun is gone on with where it broke off.
// Pure; any thread.
//
// One range of bytes is given. Several in one request, units other than bytes and what cannot be
// read are answered with the whole, as the RFC has it (14.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vonglau/http/message.hpp>

namespace vl::http {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t bytes = 0;  // 0: none of it is there (416)
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Of a Range field and a content of `size` bytes; nothing: the whole is to be given.
std::optional<ByteRange> range_of(std::string_view field, std::uint64_t size);

/// Makes of a 200 with `shared` content what Range and If-Range ask: 206, 416, or the 200 it was.
/// `etag` is strong, with its quotes, and another one whenever a byte is.
Response ranged(Response whole, const Request& request, std::string etag);
/// Where in the content this response begins: 0 unless it is a 206.
std::uint64_t first_of(const Response& response);

}  // namespace vl::http
