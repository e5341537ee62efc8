// Addresses for players that we did not write, and what ffmpeg makes of them.
#pragma once

#include "recorder_fixture.hpp"

namespace vl::recorder {

inline std::string player_address(const std::string& base, const SigningKey& key,
                                  ProvinceId of_province, const Uuid& camera,
                                  node::MediaPurpose purpose, WallTime given, std::int64_t from_us,
                                  std::optional<std::int64_t> to_us, const Uuid& nonce) {
  node::MediaTicket ticket;
  ticket.province = of_province;
  ticket.camera_id = camera;
  ticket.purpose = purpose;
  ticket.expires_us = given.plus_us(3600LL * 1'000'000);
  ticket.nonce = nonce;
  ticket.from_us = from_us;
  ticket.to_us = to_us;
  return "http://" + base + "/media/hls/" + node::sign_ticket(ticket, key) + "/index.m3u8";
}

struct Seen {
  std::vector<double> times;  // of its pictures, in seconds, as they are shown
  std::size_t sounds = 0;
  double listed_s = 0;  // the playlist's duration, where it ends
  std::string complaints;
  std::size_t pictures() const { return times.size(); }
};

/// ffprobe decodes it all, or so many seconds of it.
inline Seen seen_by_ffmpeg(const std::string& url, int seconds = 0) {
  Seen out;
  const auto limit = seconds > 0 ? fmt::format(" -read_intervals '%+{}'", seconds) : "";
  const auto told = run(fmt::format(
      "timeout 60 ffprobe -v warning{} -show_entries frame=media_type,pts_time:format=duration "
      "-of csv '{}' 2>&1",
      limit, url));
  for (std::size_t at = 0; at < told.size();) {
    const auto end = std::min(told.find('\n', at), told.size());
    const auto line = told.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("frame,video,")) {
      out.times.push_back(std::atof(line.c_str() + 12));
    } else if (line.starts_with("frame,audio")) {
      ++out.sounds;
    } else if (line.starts_with("format,")) {
      out.listed_s = std::atof(line.c_str() + 7);
    } else if (!line.empty() && line != "side_data," && !line.starts_with("frame,") &&
               // ffmpeg reads the init segment again whenever it has read a playlist again.
               line.find("Found duplicated MOOV Atom") == line.npos) {
      out.complaints += line + "\n";
    }
  }
  return out;
}

}  // namespace vl::recorder
