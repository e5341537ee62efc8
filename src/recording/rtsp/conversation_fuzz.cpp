// What a camera may say to a client, in pieces that the input chooses: every answer is taken for
// the one awaited (its CSeq is left out), so that the input gets far into the conversation.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

#include "conversation.hpp"

using namespace vl;
using namespace vl::rtsp;

namespace {

/// Whatever was said to us, what we say is one message.
void check_is_one_message(const std::string& text) {
  if (text.empty()) return;
  StreamParser parser({.head_bytes = 256 * 1024, .headers = 64, .body_bytes = 0});
  parser.feed(as_bytes(text));
  const auto first = parser.next();
  VL_ASSERT(first.has_value() && first->has_value());
  const auto second = parser.next();
  VL_ASSERT(second.has_value() && !second->has_value());
  VL_ASSERT(parser.position() == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  (void)parse_url(as_text({data, std::min<std::size_t>(size, 300)}));
  const bool knows_password = as_text({data, size}).find("geheim") != std::string_view::npos;
  const std::size_t piece = data[0] < 16 ? size : data[0];
  auto url = parse_url("rtsp://camera/live");
  VL_ASSERT(url.has_value());
  Conversation::Peer peer;
  peer.url = *url;
  peer.credentials = Credentials{"user", "geheim"};
  peer.redirected = (data[0] & 1) != 0;
  Conversation conversation(std::move(peer), [] { return std::string("c"); });
  check_is_one_message(conversation.begin());
  StreamParser parser;
  for (std::size_t at = 1; at < size; at += piece) {
    const Bytes chunk(data + at, data + std::min(size, at + piece));
    parser.feed(chunk);
    for (;;) {
      auto item = parser.next();
      if (!item) return 0;
      if (!*item) break;
      if (const auto* request = std::get_if<Request>(&**item))
        check_is_one_message(Conversation::answer(*request));
      if (!std::holds_alternative<Response>(**item)) continue;
      auto& response = std::get<Response>(**item);
      std::erase_if(response.headers.list(),
                    [](const Header& header) { return header.name.size() == 4; });
      const auto next = conversation.on_response(response);
      check_is_one_message(next.send);
      VL_ASSERT(!next.failure || knows_password ||
                next.failure->detail.find("geheim") == std::string::npos);
      if (next.failure || next.redirect) return 0;
      VL_ASSERT(conversation.tracks().size() <= 2);
      if (conversation.phase() == Conversation::Phase::playing)
        check_is_one_message(conversation.keep_alive());
    }
  }
  check_is_one_message(conversation.teardown());
  return 0;
}
