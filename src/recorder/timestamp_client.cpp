#include "timestamp_client.hpp"

#include <fmt/format.h>

#include <vonglau/evidence/timestamp.hpp>
#include <vonglau/http/client.hpp>

namespace vl::recorder {

Result<Bytes> fetch_timestamp(const std::string& url, const std::string& ca_file,
                              const Digest& digest) {
  const auto host = url.find("://");
  const auto slash = host == std::string::npos ? host : url.find('/', host + 3);
  http::ClientOptions options;
  options.base_url = url.substr(0, slash);
  options.trust.ca_file = ca_file;
  options.response_limit_bytes = evidence::most_timestamp_bytes;
  VL_TRY(const auto request, evidence::timestamp_request(digest));
  http::ClientRequest ask;
  ask.method = http::Method::post;
  ask.target = slash == std::string::npos ? "/" : url.substr(slash);
  ask.headers.set("Content-Type", "application/timestamp-query");
  ask.body = http::SharedBytes(Bytes(request));
  VL_TRY(const auto response, http::HttpsClient(options).request(ask));
  if (response.status != 200)
    return fail(evidence::EvidenceError::not_stamped,
                fmt::format("the authority answers {}", response.status));
  const auto text = response.body_text();
  VL_CHECK(evidence::answers(as_bytes(text), request));
  return Bytes(text.begin(), text.end());
}

}  // namespace vl::recorder
