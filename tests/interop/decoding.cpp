#include "decoding.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/media/fmp4.hpp>

namespace vl::interop {
namespace {

namespace fs = std::filesystem;

std::string output_of(const std::string& command) {
  std::string out;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), n);
  ::pclose(pipe);
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

Decoded decode(const std::vector<media::Sample>& samples) {
  Decoded decoded;
  if (samples.empty()) return decoded;
  const media::Fmp4Track track{samples[0].track, samples[0].format.get()};
  const auto init = media::init_segment({&track, 1});
  const media::Fmp4Run run{samples[0].track, 0, samples, {}};
  const auto segment = media::media_segment(1, {&run, 1});
  if (!init || !segment) {
    decoded.complaints = init ? segment.error().message : init.error().message;
    return decoded;
  }
  std::string folder = (fs::path(testing::TempDir()) / "vonglau-interop-XXXXXX").string();
  const fs::path file = fs::path(::mkdtemp(folder.data())) / "samples.mp4";
  std::ofstream(file, std::ios::binary) << as_text(*init) << as_text(*segment);
  const auto told = output_of(fmt::format(
      "ffprobe -v error -count_frames -show_entries stream=codec_name,nb_read_frames -of csv=p=0 "
      "{} 2>{}.errors",
      file.string(), file.string()));
  const auto comma = told.find(',');
  decoded.codec = told.substr(0, comma);
  if (comma != std::string::npos) decoded.frames = std::atoi(told.c_str() + comma + 1);
  decoded.complaints = output_of(fmt::format("cat {}.errors", file.string()));
  fs::remove_all(folder);
  return decoded;
}

}  // namespace vl::interop
