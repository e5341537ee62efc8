// The videos of an export: which stored samples go into which MP4 file. The same fragments give
// the same files, so whoever checks an export makes them again and compares: what is watched is
// what was stored. Nothing is decoded. One thread; every reader takes any fragment.
//
// A video begins with a key picture and goes on until footage is missing for more than
// `least_hole_us`, the camera was connected anew, its clock jumped, or the format changes.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <vonglau/evidence/manifest.hpp>
#include <vonglau/media/mp4_file.hpp>
#include <vonglau/recording/fragment.hpp>

namespace vl::evidence {

/// Which samples of each fragment go where. Both turns of making a video ask it anew.
class VideoCut {
 public:
  struct Piece {
    bool begins = false;  // a video
    std::vector<const media::Sample*> samples;
  };
  /// Pieces in order; they point into the fragment.
  std::vector<Piece> next(const recording::Fragment& fragment);
  /// Codecs that were met and have no place.
  const std::set<std::string>& left_out() const { return left_out_; }

 private:
  struct Open {
    std::shared_ptr<const media::TrackFormat> format;
    std::shared_ptr<const media::TrackFormat> sound;
    std::uint32_t session = 0;
    std::int64_t end_us = 0;
    std::int64_t pts = 0;  // of the first picture of the fragment before, and when it was
    std::int64_t wall_us = 0;
    std::size_t samples = 0;
  };
  bool goes_on(const recording::Fragment& fragment) const;
  void add_sound(const recording::Fragment& fragment, std::vector<Piece>& pieces);

  std::optional<Open> open_;
  std::set<std::string> left_out_;
};

/// Both turns over one stream. First turn: add() every fragment, then plan(); second turn:
/// write() every fragment again, then finish().
class VideoMaker {
 public:
  using Sink = std::function<Result<void>(std::size_t video, ByteView bytes)>;

  /// `stem`: "video/01-CAM-003"; files are called stem-001.mp4 and so on.
  explicit VideoMaker(std::string stem) : stem_(std::move(stem)) {}

  Result<void> add(const recording::Fragment& fragment);
  /// Videos with their size, not yet their hash.
  Result<std::vector<VideoFile>> plan();
  /// Gives `sink` the next bytes of videos, in order.
  Result<void> write(const recording::Fragment& fragment, const Sink& sink);
  std::vector<std::string> left_out() const;

 private:
  struct Planned {
    media::Mp4File file;
    Bytes head;
    std::int64_t start_us = 0;
    std::int64_t end_us = 0;
    std::shared_ptr<const media::TrackFormat> format;
    std::optional<std::size_t> number;  // nothing: its format cannot be told to a player
  };
  const std::string stem_;
  VideoCut first_;
  VideoCut second_;
  std::vector<Planned> planned_;
  std::optional<std::size_t> writing_;
  std::set<std::string> unplayable_;
};

}  // namespace vl::evidence
