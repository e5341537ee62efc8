// One stored key picture, for scrubbing along a time bar: found, not decoded. Any thread; reads at
// most one fragment.
#pragma once

#include <vonglau/recording/footage_view.hpp>

namespace vl::recorder {

struct KeyPicture {
  std::int64_t at_us = 0;
  Bytes mp4;  // init segment and a segment of this picture alone
};

/// The last key picture at or before the moment. `not_found` where nothing is recorded then, or
/// no key picture within a minute before it.
Result<KeyPicture> key_picture(const recording::FragmentStore& store,
                               const recording::StreamKey& stream, std::int64_t at_us);

}  // namespace vl::recorder
