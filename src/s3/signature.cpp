#include "signature.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <vonglau/http/uri.hpp>

namespace vl::s3 {

namespace {

Bytes hmac(ByteView key, std::string_view text) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned bytes = 0;
  ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &bytes);
  out.resize(bytes);
  return out;
}

std::string hash_of(std::string_view text) {
  return to_hex(sha256(as_bytes(text)));
}

}  // namespace

std::string encoded_key(std::string_view key) {
  std::string out;
  for (std::size_t from = 0; from <= key.size();) {
    const auto slash = std::min(key.find('/', from), key.size());
    out += http::percent_encode(key.substr(from, slash - from));
    if (slash < key.size()) out += '/';
    from = slash + 1;
  }
  return out;
}

std::string canonical_query(const Pairs& query) {
  Pairs encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(http::percent_encode(name), http::percent_encode(value));
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded)
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

std::string amz_date(WallTime at) {
  // "2026-11-22T09:42:17.123456Z"
  const auto text = format_utc(at);
  return fmt::format("{}{}{}T{}{}{}Z", text.substr(0, 4), text.substr(5, 2), text.substr(8, 2),
                     text.substr(11, 2), text.substr(14, 2), text.substr(17, 2));
}

std::string authorization(const ToSign& request, const Credentials& credentials,
                          const std::string& region, WallTime at) {
  auto headers = request.headers;
  std::ranges::sort(headers);
  std::string canonical, names;
  for (const auto& [name, value] : headers) {
    canonical += fmt::format("{}:{}\n", name, value);
    names += (names.empty() ? "" : ";") + name;
  }
  const auto whole =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path,
                  canonical_query(request.query), canonical, names, request.payload_hash);
  const auto date = amz_date(at);
  const auto scope = fmt::format("{}/{}/s3/aws4_request", date.substr(0, 8), region);
  auto key = hmac(as_bytes("AWS4" + credentials.secret), date.substr(0, 8));
  for (const auto* part : {region.c_str(), "s3", "aws4_request"}) key = hmac(key, part);
  const auto signature =
      to_hex(hmac(key, fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", date, scope, hash_of(whole))));
  return fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}",
                     credentials.key_id, scope, names, signature);
}

}  // namespace vl::s3
