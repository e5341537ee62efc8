// What ONVIF's replay adds to RTSP and RTP: wall-clock ranges and the packets' extension.
#include <array>
#include <chrono>

#include <fmt/format.h>

#include <vonglau/rtsp/replay.hpp>

#include "lexical.hpp"

namespace vl::rtsp {

namespace {
constexpr std::size_t extension_words = 3;
constexpr std::size_t most_clock_bytes = 32;
}  // namespace

std::optional<ReplayExtension> replay_extension(const RtpPacket& packet) {
  const auto& bytes = packet.extension;
  if (packet.extension_profile != ReplayExtension::profile || bytes.size() < extension_words * 4)
    return std::nullopt;
  ReplayExtension out;
  for (std::size_t i = 0; i < 8; ++i) out.ntp = out.ntp << 8 | bytes[i];
  out.clean_point = (bytes[8] & 0x80) != 0;
  out.ends_section = (bytes[8] & 0x40) != 0;
  out.discontinuity = (bytes[8] & 0x20) != 0;
  out.terminal = (bytes[8] & 0x10) != 0;
  out.cseq = bytes[9];
  return out;
}

void append_replay_extension(Bytes& out, const ReplayExtension& extension) {
  constexpr auto profile = ReplayExtension::profile;
  out.insert(out.end(), {profile >> 8, profile & 0xff, 0, extension_words});
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(extension.ntp >> shift));
  out.push_back(static_cast<std::uint8_t>(
      (extension.clean_point ? 0x80 : 0) | (extension.ends_section ? 0x40 : 0) |
      (extension.discontinuity ? 0x20 : 0) | (extension.terminal ? 0x10 : 0)));
  out.insert(out.end(), {extension.cseq, 0, 0});
}

std::string clock_text(std::int64_t wall_us) {
  namespace ch = std::chrono;
  const ch::sys_time<ch::microseconds> at{ch::microseconds(wall_us)};
  const auto day = ch::floor<ch::days>(at);
  const ch::year_month_day date(day);
  const auto ms = ch::floor<ch::milliseconds>(at - day).count();
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::optional<std::int64_t> wall_us_of_clock(std::string_view text) {
  namespace ch = std::chrono;
  constexpr std::size_t whole = std::string_view("YYYYMMDDThhmmss").size();
  if (text.size() > most_clock_bytes || text.size() <= whole || text[8] != 'T' ||
      !text.ends_with('Z'))
    return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    return number_of<unsigned>(text.substr(at, digits));
  };
  std::array<unsigned, 6> parts{};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> places{
      {{0, 4}, {4, 2}, {6, 2}, {9, 2}, {11, 2}, {13, 2}}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = number(places[i].first, places[i].second);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  const ch::year_month_day date(ch::year(static_cast<int>(parts[0])), ch::month(parts[1]),
                                ch::day(parts[2]));
  if (!date.ok() || parts[0] < 1970 || parts[3] > 23 || parts[4] > 59 || parts[5] > 60)
    return std::nullopt;
  std::int64_t us = 0;
  auto fraction = text.substr(whole, text.size() - whole - 1);
  if (!fraction.empty()) {
    if (fraction[0] != '.' || fraction.size() == 1) return std::nullopt;
    std::int64_t unit = 100'000;
    for (const char c : fraction.substr(1)) {
      if (c < '0' || c > '9') return std::nullopt;
      us += (c - '0') * unit;
      unit /= 10;
    }
  }
  const std::int64_t seconds = parts[3] * 3600LL + parts[4] * 60LL + parts[5];
  return ch::sys_days(date).time_since_epoch().count() * 86'400LL * 1'000'000 +
         seconds * 1'000'000 + us;
}

std::optional<ClockRange> parse_clock_range(std::string_view text) {
  text = trim(text);
  if (!starts_with_word(text, "clock=")) return std::nullopt;
  text.remove_prefix(6);
  text = trim(text.substr(0, text.find(';')));
  const auto from = wall_us_of_clock(trim(cut(text, '-')));
  text = trim(text);
  const auto to = wall_us_of_clock(text);
  if (!from || (!text.empty() && (!to || *to <= *from))) return std::nullopt;
  return ClockRange{*from, to};
}

}  // namespace vl::rtsp
