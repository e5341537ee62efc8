// What HLS segments and their init segments are made of: stored fragments as CMAF, unchanged and
// not decoded. Reads the store; holds nothing. Any thread.
#pragma once

#include <vonglau/base/bytes.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "hls_playlist.hpp"

namespace vl::recorder {

/// Of one segment in memory.
constexpr std::size_t most_hls_segment_bytes = 64U * 1024 * 1024;

Result<HlsLook> hls_look(const recording::FragmentStore& store, const recording::FragmentId& id);

/// ftyp and moov of what this fragment begins with.
Result<Bytes> hls_init(const recording::FragmentStore& store, const recording::FragmentId& id);

/// Which footage somebody may see.
struct HlsSpan {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
};

/// `fragments` of a stream from `first` on. Times of the media are true times from `base_us` on, so
/// that segments fit together however each is made. A fragment that cannot be read is left out,
/// with all up to the next key picture; `not_found` when nothing is left, or when some of it begins
/// outside `allowed`.
Result<Bytes> hls_segment(const recording::FragmentStore& store, const recording::FragmentId& first,
                          std::uint32_t fragments, std::int64_t base_us, const HlsSpan& allowed);

}  // namespace vl::recorder
