// H.264 as surveillance cameras send it: main profile, no B pictures, one reference, a key
// picture at a fixed distance, parameter sets before every key picture. One thread per encoder.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/sim/cameras.hpp>
#include <vonglau/sim/scene.hpp>

namespace vl::sim {

struct VideoProfile {
  int width = 1280;
  int height = 720;
  int fps = 15;
  int key_distance = 15;  // pictures
  int kbit_s = 1800;
  bool live = false;  // least delay instead of least bits
};

/// NAL units without start codes, in coding order: SPS, PPS and slices.
struct CodedPicture {
  bool key = false;
  std::vector<Bytes> nal_units;
};

class H264Encoder {
 public:
  static Result<std::unique_ptr<H264Encoder>> open(const VideoProfile& profile);
  ~H264Encoder();
  H264Encoder(const H264Encoder&) = delete;
  H264Encoder& operator=(const H264Encoder&) = delete;

  /// Appends the pictures that are finished: none while the encoder looks ahead.
  Result<void> encode(const Picture& picture, bool force_key, std::vector<CodedPicture>& out);
  /// Appends what is still inside. Nothing can be encoded afterwards.
  Result<void> finish(std::vector<CodedPicture>& out);

 private:
  struct Inside;
  explicit H264Encoder(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

/// SPS and PPS that an encoder with this profile will send, without encoding anything.
Result<std::vector<Bytes>> parameter_sets_of(const VideoProfile& profile);

/// Text that changes when the encoder would give other bytes: library and settings.
std::string encoder_fingerprint(const VideoProfile& profile);

}  // namespace vl::sim
