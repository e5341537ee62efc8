// A copy of a video with rectangles painted over: what others must not see, in a file that is not
// the evidence but made of it. Decoded and coded again by libavcodec, in a process of its own as
// every decoder of ours is (helper.hpp): at the lowest priority, with 2 GiB at most, and no file
// larger than six times the original.
//
// Sound is left out: voices tell who somebody is, and nobody said which of them to mute.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/picture/helper.hpp>

namespace vl::picture {

constexpr std::size_t most_masks = 200;

/// Painted from `from_us` to `to_us` of the video's own time; in thousandths of the picture.
struct MaskArea {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
};
BOOST_DESCRIBE_STRUCT(MaskArea, (), (from_us, to_us, x, y, width, height))

struct MaskOrder {
  std::string from;  // an MP4 file
  std::string to;    // to be made
  std::vector<MaskArea> areas;
};
BOOST_DESCRIBE_STRUCT(MaskOrder, (), (from, to, areas))

struct Masked {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint64_t pictures = 0;
};

/// In this process: for the helper and for tests. `on_picture` false ends it.
Result<Masked> mask_video(const MaskOrder& order, const std::function<bool()>& on_picture);

/// The helper's side: one order, then it ends. Gives the process's exit code.
int run_mask_helper(int pipe);

/// Has a helper do it. Patient: on a busy machine the lowest priority waits for minutes. `goes_on`
/// is asked several times a second; without a picture for `patience_ms` the helper is ended. What
/// was begun is removed unless it is whole.
Result<Masked> mask_apart(const Helper::Start& start, const MaskOrder& order,
                          const std::function<bool()>& goes_on, std::int64_t patience_ms = 600'000);

}  // namespace vl::picture
