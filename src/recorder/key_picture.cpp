#include "key_picture.hpp"

#include <vonglau/http/errors.hpp>
#include <vonglau/media/fmp4.hpp>

namespace vl::recorder {

Result<KeyPicture> key_picture(const recording::FragmentStore& store,
                               const recording::StreamKey& stream, std::int64_t at_us) {
  const auto none = [] {
    return fail(http::HttpError::not_found, "at_us: nothing is recorded at this moment", "at_us");
  };
  const auto found = recording::FootageView(store).seek(stream, at_us);
  if (!found && found.error().code == code_of(recording::RecordingError::not_found)) return none();
  if (!found) return std::unexpected(found.error());
  // In a gap the store gives what comes after it.
  if (found->start_us > at_us) return none();
  VL_TRY(const auto fragment, store.read(found->id));
  const media::Sample* key = nullptr;
  for (const auto& sample : fragment.samples)
    if (sample.track == 0 && sample.is_key && (key == nullptr || sample.wall_us <= at_us))
      key = &sample;
  if (key == nullptr) return none();
  const media::Fmp4Track track{0, key->format.get()};
  KeyPicture out{key->wall_us, {}};
  VL_TRY(out.mp4, media::init_segment({&track, 1}));
  const media::Fmp4Run run{0, 0, {key, 1}, key->format->clock_hz};
  VL_TRY(const auto segment, media::media_segment(1, {&run, 1}));
  out.mp4.insert(out.mp4.end(), segment.begin(), segment.end());
  return out;
}

}  // namespace vl::recorder
