// AWS Signature Version 4 of one request. Pure. Private to this room.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/s3/s3_store.hpp>

namespace vl::s3 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct ToSign {
  std::string method;
  std::string path;          // encoded
  Pairs query;               // not encoded, in any order
  Pairs headers;             // names in lower case, in any order, with `host`; all are signed
  std::string payload_hash;  // hex
};

/// "a%20b/c": keys keep their slashes.
std::string encoded_key(std::string_view key);
/// As it is signed, and so as it must be sent.
std::string canonical_query(const Pairs& query);
/// "20130524T000000Z"
std::string amz_date(WallTime at);
/// The value of Authorization.
std::string authorization(const ToSign& request, const Credentials& credentials,
                          const std::string& region, WallTime at);

}  // namespace vl::s3
