#include <vonglau/media/nal.hpp>
#include <vonglau/picture/decoder.hpp>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
#include <libavutil/pixdesc.h>
}

namespace vl::picture {
namespace {

// A picture of 8192 x 8192 is refused when its stream is received (media/nal.hpp); half is enough.
constexpr std::int64_t most_pixels = 4096LL * 4096;

void add_unit(Bytes& out, ByteView unit) {
  for (const std::uint8_t byte : {0, 0, 0, 1}) out.push_back(byte);
  out.insert(out.end(), unit.begin(), unit.end());
}

struct Free {
  void operator()(AVCodecContext* c) const { avcodec_free_context(&c); }
  void operator()(AVFrame* f) const { av_frame_free(&f); }
  void operator()(AVPacket* p) const { av_packet_free(&p); }
};

Result<Look> look_of(const AVFrame& frame) {
  const auto* shape = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  // Eight-bit planes of brightness: what cameras send. Others are not judged.
  if (shape == nullptr || shape->comp[0].depth != 8 || shape->comp[0].step != 1 ||
      (shape->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_HWACCEL)) != 0)
    return fail(PictureError::undecodable, "its picture format is not looked at");
  if (frame.width < look_columns || frame.height < look_rows)
    return fail(PictureError::undecodable, "the picture is too small");
  return look_at(frame.data[0], frame.width, frame.height, frame.linesize[0]);
}

}  // namespace

Bytes annex_b(const media::Sample& sample) {
  Bytes out;
  out.reserve(sample.bytes.size() + 512);
  for (const auto& set : sample.format->parameter_sets) add_unit(out, set);
  media::for_each_nal(sample.bytes, [&](ByteView unit) { add_unit(out, unit); });
  return out;
}

Result<Look> decode_look(media::Codec codec, ByteView bytes) {
  av_log_set_level(AV_LOG_QUIET);  // what is wrong with a stream is the recorder's to say
  const auto* decoder =
      avcodec_find_decoder(codec == media::Codec::h265 ? AV_CODEC_ID_HEVC : AV_CODEC_ID_H264);
  if (decoder == nullptr) return fail(PictureError::no_decoder, "libavcodec lacks this codec");
  const std::unique_ptr<AVCodecContext, Free> context(avcodec_alloc_context3(decoder));
  context->thread_count = 1;
  context->max_pixels = most_pixels;
  context->skip_loop_filter = AVDISCARD_ALL;  // a third of the work, and no matter at this size
  if (avcodec_open2(context.get(), decoder, nullptr) != 0)
    return fail(PictureError::no_decoder, "libavcodec did not open");
  const std::unique_ptr<AVPacket, Free> packet(av_packet_alloc());
  if (av_new_packet(packet.get(), static_cast<int>(bytes.size())) != 0)
    return fail(PictureError::undecodable, "no memory for it");
  std::copy(bytes.begin(), bytes.end(), packet->data);
  const std::unique_ptr<AVFrame, Free> frame(av_frame_alloc());
  if (avcodec_send_packet(context.get(), packet.get()) != 0 ||
      avcodec_send_packet(context.get(), nullptr) != 0 ||
      avcodec_receive_frame(context.get(), frame.get()) != 0)
    return fail(PictureError::undecodable, "it does not decode");
  return look_of(*frame);
}

}  // namespace vl::picture
