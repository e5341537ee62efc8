// Videos: made again of the footage and compared. Masked copies: as the manifest has them, and no
// more than that, for they are derived and not evidence.
#include <algorithm>

#include "verify_check.hpp"

namespace vl::evidence {

Result<void> Check::check_videos(std::size_t number, VideoMaker& maker, bool footage_is_whole) {
  const auto& stream = report_.manifest->streams[number];
  for (const auto& video : stream.videos) {
    VL_TRY(const bool good, check_file(video.path, video.bytes, video.sha256, stream.code));
    (void)good;
  }
  VL_CHECK(check_masked(stream));
  if (!footage_is_whole || report_.manifest->video_rules != video_rules) return {};
  return make_videos_again(stream, maker);
}

Result<void> Check::check_masked(const ExportStream& stream) {
  for (const auto& copy : stream.masked.value_or(std::vector<MaskedCopy>{})) {
    VL_TRY(const bool good, check_file(copy.path, copy.bytes, copy.sha256, stream.code));
    if (!good) continue;
    report_.derived.push_back({copy.path, copy.made_of, copy.first_sequence, copy.last_sequence});
  }
  return {};
}

/// What the manifest says of the videos, against what this footage gives.
Result<void> Check::make_videos_again(const ExportStream& stream, VideoMaker& maker) {
  auto planned = maker.plan();
  if (!planned) return fail(planned.error());
  std::vector<Sha256> hashes(planned->size());
  const auto sink = [&](std::size_t video, ByteView bytes) -> Result<void> {
    hashes[video].add(bytes);
    return {};
  };
  for (const auto& file : stream.footage) {
    VL_TRY(const auto source, folder_.file(file.path));
    if (!source) return fail(EvidenceError::unreadable, file.path + " went away");
    std::uint64_t at = 0;
    for (const auto& said : file.fragments) {
      VL_TRY(const auto bytes, source->read(at, said.bytes));
      VL_TRY(const auto fragment, recording::decode_fragment(bytes));
      VL_CHECK(maker.write(fragment, sink));
      at += said.bytes;
      progress(said.bytes);
    }
  }
  for (std::size_t i = 0; i < planned->size(); ++i)
    (*planned)[i].sha256 = to_hex(hashes[i].finish());
  report_.videos_made_again = true;
  for (std::size_t i = 0; i < std::max(planned->size(), stream.videos.size()); ++i) {
    const bool same =
        i < planned->size() && i < stream.videos.size() && (*planned)[i] == stream.videos[i];
    if (same) continue;
    const auto& named = i < stream.videos.size() ? stream.videos[i] : (*planned)[i];
    found({FindingKind::video_foreign, named.path, stream.code, std::nullopt, named.start_us,
           named.end_us, "the footage gives another one"});
  }
  return {};
}

}  // namespace vl::evidence
