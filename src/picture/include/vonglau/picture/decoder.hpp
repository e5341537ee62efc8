// One key picture decoded to a look, by libavcodec. What it decodes comes from cameras: it runs in
// a process of its own (helper.hpp), whose end takes nothing with it.
#pragma once

#include <memory>

#include <vonglau/base/result.hpp>
#include <vonglau/media/sample.hpp>
#include <vonglau/picture/look.hpp>

namespace vl::picture {

enum class PictureError { undecodable, no_decoder, not_masked, helper_gone };
constexpr ErrorCode code_of(PictureError e) {
  switch (e) {
    case PictureError::undecodable:
      return {Category::invalid, "picture.undecodable"};
    case PictureError::no_decoder:
      return {Category::unavailable, "picture.no_decoder"};
    case PictureError::not_masked:
      return {Category::unavailable, "picture.not_masked"};
    case PictureError::helper_gone:
      break;
  }
  return {Category::unavailable, "picture.helper_gone"};
}

/// A sample of key picture with its parameter sets, as Annex B bytes: what decoders take.
Bytes annex_b(const media::Sample& sample);

/// `bytes` is Annex B of H.264 or H.265. One thread, one picture; nothing is kept between calls.
Result<Look> decode_look(media::Codec codec, ByteView bytes);

}  // namespace vl::picture
