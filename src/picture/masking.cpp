#include <algorithm>
#include <deque>
#include <memory>

#include <vonglau/picture/masking.hpp>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

namespace vl::picture {
namespace {

constexpr std::int64_t most_pixels = 8192LL * 8192;
constexpr std::uint8_t paint_brightness = 48;  // dark grey: plainly no part of the scene
constexpr std::uint8_t paint_colour = 128;

struct Close {
  void operator()(AVFormatContext* c) const { avformat_close_input(&c); }
  void operator()(AVCodecContext* c) const { avcodec_free_context(&c); }
  void operator()(AVFrame* f) const { av_frame_free(&f); }
  void operator()(AVPacket* p) const { av_packet_free(&p); }
};
struct CloseOutput {
  void operator()(AVFormatContext* c) const {
    if (c->pb != nullptr) avio_closep(&c->pb);
    avformat_free_context(c);
  }
};

std::unexpected<Error> not_masked(std::string why) {
  return fail(PictureError::not_masked, std::move(why));
}

/// Planes of eight bits, brightness first: what cameras send.
const AVPixFmtDescriptor* paintable(int format) {
  const auto* shape = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  const bool good = shape != nullptr && shape->nb_components == 3 && shape->comp[0].depth == 8 &&
                    shape->comp[0].step == 1 && shape->comp[1].step == 1 &&
                    (shape->flags & AV_PIX_FMT_FLAG_PLANAR) != 0 &&
                    (shape->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_HWACCEL)) == 0;
  return good ? shape : nullptr;
}

/// Outwards to whole samples of colour, so that nothing shows at an edge.
void paint(AVFrame& frame, const AVPixFmtDescriptor& shape, const MaskArea& area) {
  const int step_x = 1 << shape.log2_chroma_w;
  const int step_y = 1 << shape.log2_chroma_h;
  const auto edge = [](std::int64_t permille, int whole) {
    return static_cast<int>(std::clamp<std::int64_t>(permille, 0, 1000) * whole / 1000);
  };
  const int left = edge(area.x, frame.width) / step_x * step_x;
  const int top = edge(area.y, frame.height) / step_y * step_y;
  const int right =
      std::min(frame.width, edge(std::int64_t{area.x} + area.width, frame.width) + step_x);
  const int bottom =
      std::min(frame.height, edge(std::int64_t{area.y} + area.height, frame.height) + step_y);
  for (int plane = 0; plane < 3; ++plane) {
    const int shift_x = plane == 0 ? 0 : shape.log2_chroma_w;
    const int shift_y = plane == 0 ? 0 : shape.log2_chroma_h;
    const auto value = plane == 0 ? paint_brightness : paint_colour;
    const int from = left >> shift_x;
    const int to = (right + (1 << shift_x) - 1) >> shift_x;
    for (int row = top >> shift_y; row < (bottom + (1 << shift_y) - 1) >> shift_y; ++row)
      std::fill_n(frame.data[plane] + std::ptrdiff_t{row} * frame.linesize[plane] + from, to - from,
                  value);
  }
}

/// One video, from one file to another.
class Masking {
 public:
  explicit Masking(const MaskOrder& order) : order_(order) {}

  Result<Masked> run(const std::function<bool()>& on_picture) {
    VL_CHECK(open_input());
    for (;;) {
      const int got = av_read_frame(input_.get(), packet_.get());
      if (got == 0 && packet_->stream_index != stream_->index) {
        av_packet_unref(packet_.get());
        continue;
      }
      const int sent = avcodec_send_packet(decoder_.get(), got == 0 ? packet_.get() : nullptr);
      av_packet_unref(packet_.get());
      // A damaged picture is left out; what comes after it is not.
      if (sent != 0 && sent != AVERROR_INVALIDDATA && sent != AVERROR_EOF)
        return not_masked("the video does not decode");
      VL_CHECK(take_pictures(on_picture));
      if (got != 0) break;
    }
    if (!encoder_) return not_masked("the video has no picture");
    VL_CHECK(encode(nullptr));
    if (av_write_trailer(output_.get()) != 0) return not_masked("the copy cannot be written");
    return masked_;
  }

 private:
  Result<void> open_input() {
    av_log_set_level(AV_LOG_QUIET);
    AVFormatContext* opened = nullptr;
    if (avformat_open_input(&opened, ("file:" + order_.from).c_str(), av_find_input_format("mov"),
                            nullptr) != 0)
      return not_masked("the video cannot be opened");
    input_.reset(opened);
    if (avformat_find_stream_info(opened, nullptr) < 0)
      return not_masked("the video cannot be read");
    const int index = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0) return not_masked("the file has no video");
    stream_ = opened->streams[index];
    const auto* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
    decoder_.reset(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
    if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) != 0)
      return fail(PictureError::no_decoder, "libavcodec lacks this codec");
    decoder_->thread_count = 1;
    decoder_->max_pixels = most_pixels;
    decoder_->pkt_timebase = stream_->time_base;
    if (avcodec_open2(decoder_.get(), codec, nullptr) != 0)
      return fail(PictureError::no_decoder, "libavcodec did not open");
    return {};
  }

  Result<void> open_output(const AVFrame& first) {
    const auto* codec = avcodec_find_encoder_by_name("libx264");
    encoder_.reset(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
    if (!encoder_)
      return fail(PictureError::no_decoder, "libavcodec has no libx264 to code the copy with");
    encoder_->width = first.width;
    encoder_->height = first.height;
    encoder_->pix_fmt = static_cast<AVPixelFormat>(first.format);
    encoder_->color_range = first.color_range;
    encoder_->sample_aspect_ratio = first.sample_aspect_ratio;
    encoder_->time_base = stream_->time_base;
    encoder_->framerate = av_guess_frame_rate(input_.get(), stream_, nullptr);
    encoder_->gop_size = 50;
    encoder_->max_b_frames = 0;
    encoder_->thread_count = 1;
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    av_opt_set(encoder_->priv_data, "preset", "ultrafast", 0);
    av_opt_set(encoder_->priv_data, "crf", "22", 0);
    AVFormatContext* made = nullptr;
    if (avcodec_open2(encoder_.get(), codec, nullptr) != 0 ||
        avformat_alloc_output_context2(&made, nullptr, "mp4", nullptr) < 0)
      return not_masked("libx264 does not take these pictures");
    output_.reset(made);
    made->flags |= AVFMT_FLAG_BITEXACT;
    track_ = avformat_new_stream(made, nullptr);
    if (track_ == nullptr ||
        avcodec_parameters_from_context(track_->codecpar, encoder_.get()) != 0 ||
        avio_open(&made->pb, ("file:" + order_.to).c_str(), AVIO_FLAG_WRITE) < 0)
      return not_masked("the copy cannot be written");
    track_->time_base = stream_->time_base;
    // The tables after the pictures: nothing is read back, and players find them there as well.
    if (avformat_write_header(made, nullptr) < 0) return not_masked("the copy cannot be written");
    masked_.width = static_cast<std::uint32_t>(first.width);
    masked_.height = static_cast<std::uint32_t>(first.height);
    return {};
  }

  Result<void> take_pictures(const std::function<bool()>& on_picture) {
    while (avcodec_receive_frame(decoder_.get(), frame_.get()) == 0) {
      const auto* shape = paintable(frame_->format);
      if (shape == nullptr) return not_masked("its picture format cannot be painted in");
      if (!encoder_) VL_CHECK(open_output(*frame_));
      // One size and format a video, as they are cut; anything else would be painted wrongly.
      if (frame_->width != encoder_->width || frame_->height != encoder_->height ||
          frame_->format != encoder_->pix_fmt)
        return not_masked("the picture changes its size in the middle");
      if (av_frame_make_writable(frame_.get()) != 0) return not_masked("no memory");
      const auto at = frame_->best_effort_timestamp;
      if (at == AV_NOPTS_VALUE) return not_masked("a picture has no time");
      frame_->pts = at;
      const auto start = stream_->start_time == AV_NOPTS_VALUE ? 0 : stream_->start_time;
      const auto at_us = av_rescale_q(at - start, stream_->time_base, AVRational{1, 1'000'000});
      for (const auto& area : order_.areas)
        if (area.from_us <= at_us && at_us < area.to_us) paint(*frame_, *shape, area);
      frame_->pict_type = AV_PICTURE_TYPE_NONE;
      VL_CHECK(encode(frame_.get()));
      av_frame_unref(frame_.get());
      ++masked_.pictures;
      if (!on_picture()) return not_masked("it is not wanted any more");
    }
    return {};
  }

  Result<void> encode(const AVFrame* frame) {
    if (frame != nullptr) durations_.push_back(std::max<std::int64_t>(1, frame->pkt_duration));
    if (avcodec_send_frame(encoder_.get(), frame) != 0) return not_masked("libx264 refused one");
    while (avcodec_receive_packet(encoder_.get(), coded_.get()) == 0) {
      coded_->stream_index = track_->index;
      // The encoder tells none, and a last picture without one is shown by nobody.
      if (!durations_.empty()) {
        coded_->duration = durations_.front();
        durations_.pop_front();
      }
      av_packet_rescale_ts(coded_.get(), encoder_->time_base, track_->time_base);
      if (av_interleaved_write_frame(output_.get(), coded_.get()) != 0)
        return not_masked("the copy cannot be written");
    }
    return {};
  }

  const MaskOrder& order_;
  std::unique_ptr<AVFormatContext, Close> input_;
  std::unique_ptr<AVFormatContext, CloseOutput> output_;
  std::unique_ptr<AVCodecContext, Close> decoder_;
  std::unique_ptr<AVCodecContext, Close> encoder_;
  std::unique_ptr<AVFrame, Close> frame_{av_frame_alloc()};
  std::unique_ptr<AVPacket, Close> packet_{av_packet_alloc()};
  std::unique_ptr<AVPacket, Close> coded_{av_packet_alloc()};
  AVStream* stream_ = nullptr;
  AVStream* track_ = nullptr;
  std::deque<std::int64_t> durations_;  // of pictures in the encoder; they come out in order
  Masked masked_;
};

}  // namespace

Result<Masked> mask_video(const MaskOrder& order, const std::function<bool()>& on_picture) {
  if (order.areas.size() > most_masks) return not_masked("more areas than can be painted");
  return Masking(order).run(on_picture);
}

}  // namespace vl::picture
