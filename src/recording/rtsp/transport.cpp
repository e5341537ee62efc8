#include <fmt/format.h>

#include <vonglau/rtsp/transport.hpp>

#include "lexical.hpp"

namespace vl::rtsp {

namespace {

constexpr std::size_t most_alternatives = 8;

template <class Number>
Result<Pair<Number>> parse_pair(std::string_view name, std::string_view text) {
  const auto whole = text;
  const auto first = number_of<Number>(trim(cut(text, '-')));
  if (!first)
    return fail(RtspError::malformed,
                fmt::format("{} must be n or n-m, got {}", name, quoted(whole)), "Transport");
  if (text.empty()) return Pair<Number>{*first, static_cast<Number>(*first + 1)};
  const auto second = number_of<Number>(trim(text));
  if (!second)
    return fail(RtspError::malformed,
                fmt::format("{} must be n or n-m, got {}", name, quoted(whole)), "Transport");
  return Pair<Number>{*first, *second};
}

Result<void> apply_parameter(Transport& transport, std::string_view parameter) {
  const auto name = trim(cut(parameter, '='));
  auto value = trim(parameter);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  if (same_word(name, "multicast")) {
    transport.multicast = true;
  } else if (same_word(name, "interleaved")) {
    VL_TRY(transport.interleaved, parse_pair<std::uint8_t>(name, value));
  } else if (same_word(name, "client_port")) {
    VL_TRY(transport.client_port, parse_pair<std::uint16_t>(name, value));
  } else if (same_word(name, "server_port")) {
    VL_TRY(transport.server_port, parse_pair<std::uint16_t>(name, value));
  } else if (same_word(name, "ssrc")) {
    // Many cameras pad it or write rubbish; it is only a hint, so rubbish is left out.
    transport.ssrc = number_of<std::uint32_t>(value, 16);
  } else if (same_word(name, "mode")) {
    for (const char c : value.substr(0, 32))
      transport.mode += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return {};
}

}  // namespace

Result<std::vector<Transport>> parse_transport(std::string_view value) {
  std::vector<Transport> out;
  std::size_t seen = 0;
  auto rest = value;
  while (!rest.empty()) {
    auto one = trim(cut(rest, ','));
    if (one.empty()) continue;
    if (++seen > most_alternatives)
      return fail(RtspError::too_large,
                  fmt::format("Transport: more than {} alternatives", most_alternatives),
                  "Transport");
    const auto profile = trim(cut(one, ';'));
    Transport transport;
    transport.tcp = same_word(profile, "RTP/AVP/TCP");
    if (!transport.tcp && !same_word(profile, "RTP/AVP") && !same_word(profile, "RTP/AVP/UDP"))
      continue;
    while (!one.empty()) VL_CHECK(apply_parameter(transport, trim(cut(one, ';'))));
    out.push_back(std::move(transport));
  }
  if (out.empty())
    return fail(RtspError::unsupported, "Transport: no RTP/AVP in " + quoted(value), "Transport");
  return out;
}

std::string to_text(const Transport& transport) {
  std::string out = transport.tcp ? "RTP/AVP/TCP" : "RTP/AVP";
  out += transport.multicast ? ";multicast" : ";unicast";
  const auto pair = [&](std::string_view name, const auto& numbers) {
    if (numbers)
      out += fmt::format(";{}={}-{}", name, unsigned{numbers->first}, unsigned{numbers->second});
  };
  pair("interleaved", transport.interleaved);
  pair("client_port", transport.client_port);
  pair("server_port", transport.server_port);
  if (transport.ssrc) out += fmt::format(";ssrc={:08X}", *transport.ssrc);
  if (!transport.mode.empty()) out += fmt::format(";mode=\"{}\"", transport.mode);
  return out;
}

}  // namespace vl::rtsp
