// The Transport header (RFC 2326, section 12.39) and what a SETUP agrees on. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

template <class Number>
struct Pair {
  Number first = 0;   // RTP
  Number second = 0;  // RTCP
  friend bool operator==(const Pair&, const Pair&) = default;
};

struct Transport {
  bool tcp = false;  // RTP/AVP/TCP, else over UDP
  bool multicast = false;
  std::optional<Pair<std::uint8_t>> interleaved;
  std::optional<Pair<std::uint16_t>> client_port;
  std::optional<Pair<std::uint16_t>> server_port;
  std::optional<std::uint32_t> ssrc;
  std::string mode;  // upper case, "" when not said (PLAY)
  friend bool operator==(const Transport&, const Transport&) = default;
};

/// The alternatives in order of preference (at most 8). Unknown parameters are passed over;
/// a profile other than RTP/AVP is left out; none left is `unsupported`.
Result<std::vector<Transport>> parse_transport(std::string_view value);
std::string to_text(const Transport& transport);

}  // namespace vl::rtsp
