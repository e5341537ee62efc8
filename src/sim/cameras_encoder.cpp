#include "cameras_encoder.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
}
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace vl::sim {
namespace {

struct FreeContext {
  void operator()(AVCodecContext* c) const { avcodec_free_context(&c); }
};
struct FreeFrame {
  void operator()(AVFrame* f) const { av_frame_free(&f); }
};
struct FreePacket {
  void operator()(AVPacket* p) const { av_packet_free(&p); }
};

enum NalType { kSlice = 1, kKeySlice = 5, kSps = 7, kPps = 8 };
int type_of(ByteView nal) {
  return nal.empty() ? 0 : nal[0] & 31;
}

// Takes an Annex B byte stream (H.264, Annex B) apart.
template <class Take>
void for_each_nal(ByteView stream, Take&& take) {
  const auto start_code = [&](std::size_t from) {
    for (std::size_t i = from; i + 3 <= stream.size(); ++i)
      if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) return i;
    return stream.size();
  };
  std::size_t at = start_code(0);
  while (at < stream.size()) {
    const std::size_t begin = at + 3;
    at = start_code(begin);
    std::size_t end = at;
    while (end > begin && stream[end - 1] == 0) --end;
    if (end > begin) take(stream.subspan(begin, end - begin));
  }
}

Result<std::unique_ptr<AVCodecContext, FreeContext>> open_context(const VideoProfile& profile,
                                                                  bool headers_apart) {
  av_log_set_level(AV_LOG_ERROR);
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr)
    return fail(CamerasError::encoder, "FFmpeg has no libx264; install Debian's libavcodec-extra");
  std::unique_ptr<AVCodecContext, FreeContext> context(avcodec_alloc_context3(codec));
  AVCodecContext& c = *context;
  c.width = profile.width, c.height = profile.height;
  c.pix_fmt = AV_PIX_FMT_YUV420P;
  c.time_base = {1, profile.fps};
  c.framerate = {profile.fps, 1};
  c.gop_size = profile.key_distance;
  c.max_b_frames = 0;
  c.refs = 1;
  c.thread_count = 1;
  c.bit_rate = std::int64_t{1000} * profile.kbit_s;
  c.rc_max_rate = c.bit_rate * 3 / 2;
  c.rc_buffer_size = static_cast<int>(c.bit_rate);
  c.profile = FF_PROFILE_H264_MAIN;
  c.colorspace = AVCOL_SPC_BT709;
  c.color_primaries = AVCOL_PRI_BT709;
  c.color_trc = AVCOL_TRC_BT709;
  c.color_range = AVCOL_RANGE_MPEG;
  if (headers_apart) c.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av_opt_set(c.priv_data, "preset", profile.live ? "ultrafast" : "veryfast", 0);
  if (profile.live) av_opt_set(c.priv_data, "tune", "zerolatency", 0);
  av_opt_set(c.priv_data, "profile", "main", 0);
  av_opt_set(c.priv_data, "forced-idr", "1", 0);
  // A camera sends each picture at once: one that looks ahead sends them that much later.
  av_opt_set(c.priv_data, "x264-params",
             profile.live ? "scenecut=0:rc-lookahead=0:sliced-threads=0"
                          : "scenecut=0:rc-lookahead=8:sliced-threads=0",
             0);
  if (avcodec_open2(&c, codec, nullptr) < 0)
    return fail(CamerasError::encoder, fmt::format("libx264 refuses {}x{} at {}/s", profile.width,
                                                   profile.height, profile.fps));
  return context;
}

}  // namespace

struct H264Encoder::Inside {
  std::unique_ptr<AVCodecContext, FreeContext> context;
  std::unique_ptr<AVFrame, FreeFrame> frame{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreePacket> packet{av_packet_alloc()};
  std::int64_t next_pts = 0;

  Result<void> drain(std::vector<CodedPicture>& out) {
    while (true) {
      const int got = avcodec_receive_packet(context.get(), packet.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return {};
      if (got < 0) return fail(CamerasError::encoder, "libx264 gave no packet");
      CodedPicture picture;
      picture.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
      for_each_nal({packet->data, static_cast<std::size_t>(packet->size)}, [&](ByteView nal) {
        const int type = type_of(nal);
        if (type == kSlice || type == kKeySlice || type == kSps || type == kPps)
          picture.nal_units.emplace_back(nal.begin(), nal.end());
      });
      out.push_back(std::move(picture));
      av_packet_unref(packet.get());
    }
  }
};

H264Encoder::H264Encoder(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
H264Encoder::~H264Encoder() = default;

Result<std::unique_ptr<H264Encoder>> H264Encoder::open(const VideoProfile& profile) {
  auto inside = std::make_unique<Inside>();
  VL_TRY(inside->context, open_context(profile, false));
  AVFrame& frame = *inside->frame;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.width = profile.width, frame.height = profile.height;
  if (av_frame_get_buffer(&frame, 0) < 0)
    return fail(CamerasError::encoder, "no memory for a picture");
  return std::unique_ptr<H264Encoder>(new H264Encoder(std::move(inside)));
}

Result<void> H264Encoder::encode(const Picture& picture, bool force_key,
                                 std::vector<CodedPicture>& out) {
  AVFrame& frame = *inside_->frame;
  if (av_frame_make_writable(&frame) < 0)
    return fail(CamerasError::encoder, "no memory for a picture");
  const auto copy = [&](int plane, const Bytes& from, int width, int height) {
    for (int y = 0; y < height; ++y)
      std::memcpy(frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane],
                  from.data() + static_cast<std::ptrdiff_t>(y) * width,
                  static_cast<std::size_t>(width));
  };
  copy(0, picture.luma, picture.width, picture.height);
  copy(1, picture.cb, picture.width / 2, picture.height / 2);
  copy(2, picture.cr, picture.width / 2, picture.height / 2);
  frame.pts = inside_->next_pts++;
  frame.pict_type = force_key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  if (avcodec_send_frame(inside_->context.get(), &frame) < 0)
    return fail(CamerasError::encoder, "libx264 refused a picture");
  return inside_->drain(out);
}

Result<void> H264Encoder::finish(std::vector<CodedPicture>& out) {
  if (avcodec_send_frame(inside_->context.get(), nullptr) < 0)
    return fail(CamerasError::encoder, "libx264 refused to finish");
  return inside_->drain(out);
}

Result<std::vector<Bytes>> parameter_sets_of(const VideoProfile& profile) {
  VL_TRY(const auto context, open_context(profile, true));
  std::vector<Bytes> out;
  for_each_nal({context->extradata, static_cast<std::size_t>(context->extradata_size)},
               [&](ByteView nal) {
                 if (type_of(nal) == kSps || type_of(nal) == kPps)
                   out.emplace_back(nal.begin(), nal.end());
               });
  return out;
}

std::string encoder_fingerprint(const VideoProfile& profile) {
  return fmt::format("avcodec {} {}x{}@{} key {} {} kbit/s live {}", avcodec_version(),
                     profile.width, profile.height, profile.fps, profile.key_distance,
                     profile.kbit_s, profile.live);
}

}  // namespace vl::sim
