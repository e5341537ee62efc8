// RTSP streams cut into pieces at places that the input chooses, and what is found inside them.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/auth.hpp>
#include <vonglau/rtsp/stream_parser.hpp>
#include <vonglau/rtsp/transport.hpp>

using namespace vl;
using namespace vl::rtsp;

namespace {

void look_at(const Headers& headers) {
  (void)cseq_of(headers);
  if (const auto value = headers.find("Session")) (void)parse_session(*value);
  if (const auto value = headers.find("Transport")) {
    if (auto list = parse_transport(*value))
      for (const auto& one : *list) VL_ASSERT(parse_transport(to_text(one)).has_value());
  }
  if (const auto offered = parse_challenges(headers.all("WWW-Authenticate"))) {
    Authenticator client(strongest(*offered), {"u", "p"});
    const auto value = client.authorization("PLAY", "x", "c");
    const auto verdict = verify_authorization(value, strongest(*offered), {"u", "p"}, "PLAY", "x");
    VL_ASSERT(verdict == Verdict::accepted);
  }
  if (const auto value = headers.find("Authorization"))
    (void)verify_authorization(*value, Challenge{.realm = "r", .nonce = "n", .qop_auth = true},
                               {"u", "p"}, "PLAY", "x");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] == 0 ? size : data[0];
  StreamParser parser({.head_bytes = 1024, .headers = 8, .body_bytes = 256});
  for (std::size_t at = 1; at < size; at += piece) {
    const Bytes chunk(data + at, data + std::min(size, at + piece));
    parser.feed(chunk);
    for (;;) {
      auto item = parser.next();
      if (!item) return 0;
      if (!*item) break;
      if (auto* request = std::get_if<Request>(&**item)) {
        look_at(request->headers);
        (void)serialise(*request);
      } else if (auto* response = std::get_if<Response>(&**item)) {
        look_at(response->headers);
        (void)serialise(*response);
      } else {
        std::size_t sum = 0;
        for (const auto byte : std::get<Frame>(**item).payload) sum += byte;
        VL_ASSERT(sum <= 65535U * 255U);
      }
    }
  }
  return 0;
}
