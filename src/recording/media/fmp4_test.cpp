// What we mux must be read by somebody else's demuxer and decoder: FFmpeg's, in process.
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
}

#include <vonglau/media/fmp4.hpp>
#include <vonglau/media/mp4_file.hpp>

// libx265 keeps its threads' memory until the process ends.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libx265.so\n";
}

namespace vl::media {
namespace {

/// Annex B (start codes) to units, for what an encoder gives.
std::vector<Bytes> units_of(ByteView stream) {
  std::vector<Bytes> out;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i + 3 <= stream.size(); ++i) {
    if (stream[i] != 0 || stream[i + 1] != 0 || stream[i + 2] != 1) continue;
    auto end = i;
    while (end > begin && stream[end - 1] == 0) --end;
    if (inside)
      out.emplace_back(stream.begin() + static_cast<std::ptrdiff_t>(begin),
                       stream.begin() + static_cast<std::ptrdiff_t>(end));
    begin = i + 3;
    inside = true;
  }
  if (inside) out.emplace_back(stream.begin() + static_cast<std::ptrdiff_t>(begin), stream.end());
  return out;
}

Bytes prefixed(const std::vector<Bytes>& units) {
  Bytes out;
  for (const auto& unit : units) {
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(unit.size() >> shift));
    out.insert(out.end(), unit.begin(), unit.end());
  }
  return out;
}

struct Stream {
  std::shared_ptr<TrackFormat> format = std::make_shared<TrackFormat>();
  std::vector<Sample> samples;
};

/// `count` grey pictures of changing brightness, as the named encoder codes them.
Stream encode(Codec codec, int width, int height, int count, int b_pictures = 0) {
  Stream out;
  const auto* encoder = avcodec_find_encoder_by_name(codec == Codec::h264 ? "libx264" : "libx265");
  if (encoder == nullptr) return out;
  std::unique_ptr<AVCodecContext, void (*)(AVCodecContext*)> context(
      avcodec_alloc_context3(encoder), [](AVCodecContext* c) { avcodec_free_context(&c); });
  context->width = width;
  context->height = height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, 25};
  context->gop_size = 10;
  context->max_b_frames = b_pictures;
  av_opt_set(context->priv_data, "preset", "ultrafast", 0);
  if (b_pictures == 0) av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  if (codec == Codec::h265) {
    const auto parameters = std::string("log-level=none:bframes=") + std::to_string(b_pictures);
    av_opt_set(context->priv_data, "x265-params", parameters.c_str(), 0);
  }
  av_log_set_level(AV_LOG_ERROR);
  if (avcodec_open2(context.get(), encoder, nullptr) != 0) return out;
  out.format->codec = codec;
  out.format->width = static_cast<std::uint32_t>(width);
  out.format->height = static_cast<std::uint32_t>(height);
  AVFrame* frame = av_frame_alloc();
  frame->width = width, frame->height = height, frame->format = AV_PIX_FMT_YUV420P;
  av_frame_get_buffer(frame, 0);
  AVPacket* packet = av_packet_alloc();
  const auto drain = [&] {
    while (avcodec_receive_packet(context.get(), packet) == 0) {
      Sample sample;
      sample.is_key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
      sample.pts = 900'000 + packet->pts * 3600;
      sample.format = out.format;
      const auto units = units_of({packet->data, static_cast<std::size_t>(packet->size)});
      if (out.samples.empty())
        for (const auto& unit : units) {
          const auto type = codec == Codec::h264 ? h264::type_of(unit) : h265::type_of(unit);
          const bool is_set = codec == Codec::h264 ? type == h264::sps || type == h264::pps
                                                   : type >= h265::vps && type <= h265::pps;
          if (is_set) out.format->parameter_sets.push_back(unit);
        }
      sample.bytes = prefixed(units);
      out.samples.push_back(std::move(sample));
      av_packet_unref(packet);
    }
  };
  for (int i = 0; i < count; ++i) {
    av_frame_make_writable(frame);
    for (int plane = 0; plane < 3; ++plane)
      memset(frame->data[plane], plane == 0 ? (i * 16) % 256 : 128,
             static_cast<std::size_t>(frame->linesize[plane]) *
                 static_cast<std::size_t>(plane == 0 ? height : height / 2));
    frame->pts = i;
    avcodec_send_frame(context.get(), frame);
    drain();
  }
  avcodec_send_frame(context.get(), nullptr);
  drain();
  av_packet_free(&packet);
  av_frame_free(&frame);
  return out;
}

/// What FFmpeg finds in a file that lies in memory.
struct Found {
  struct Packet {
    int stream;
    std::int64_t pts, dts, duration;
    bool is_key;
    Bytes bytes;
  };
  std::vector<Packet> packets;
  std::vector<AVCodecID> codecs;
  int width = 0, height = 0;
  int decoded = 0;
  std::vector<int> brightness;  // of the middle of each picture
  std::string error;
};

/// What FFmpeg complained about since last asked.
std::string complaints;
void collect_complaint(void*, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;  // the callback is asked at every level
  char line[256];
  vsnprintf(line, sizeof line, format, arguments);
  complaints += line;
}

struct Source {
  ByteView bytes;
  std::size_t at = 0;
};

int read_source(void* opaque, std::uint8_t* buffer, int size) {
  auto& source = *static_cast<Source*>(opaque);
  const auto n =
      std::min<std::size_t>(static_cast<std::size_t>(size), source.bytes.size() - source.at);
  if (n == 0) return AVERROR_EOF;
  std::copy_n(source.bytes.begin() + static_cast<std::ptrdiff_t>(source.at), n, buffer);
  source.at += n;
  return static_cast<int>(n);
}

Found read_back(const Bytes& file) {
  Found out;
  complaints.clear();
  av_log_set_callback(collect_complaint);
  Source source{file};
  AVFormatContext* input = avformat_alloc_context();
  input->pb = avio_alloc_context(static_cast<std::uint8_t*>(av_malloc(4096)), 4096, 0, &source,
                                 read_source, nullptr, nullptr);
  auto* io = input->pb;
  if (avformat_open_input(&input, nullptr, av_find_input_format("mp4"), nullptr) != 0) {
    out.error = "not opened";
  } else if (avformat_find_stream_info(input, nullptr) < 0) {
    out.error = "no stream information";
  } else {
    for (unsigned i = 0; i < input->nb_streams; ++i)
      out.codecs.push_back(input->streams[i]->codecpar->codec_id);
    const auto* video = input->streams[0]->codecpar;
    out.width = video->width, out.height = video->height;
    AVCodecContext* decoder = avcodec_alloc_context3(avcodec_find_decoder(video->codec_id));
    avcodec_parameters_to_context(decoder, video);
    decoder->thread_count = 1;
    avcodec_open2(decoder, nullptr, nullptr);
    AVPacket* packet = av_packet_alloc();
    AVFrame* frame = av_frame_alloc();
    const auto take = [&] {
      while (avcodec_receive_frame(decoder, frame) == 0) {
        ++out.decoded;
        out.brightness.push_back(frame->data[0][frame->height / 2 * frame->linesize[0] + 8]);
      }
    };
    while (av_read_frame(input, packet) == 0) {
      out.packets.push_back({packet->stream_index, packet->pts, packet->dts, packet->duration,
                             (packet->flags & AV_PKT_FLAG_KEY) != 0,
                             Bytes(packet->data, packet->data + packet->size)});
      if (packet->stream_index == 0 && avcodec_send_packet(decoder, packet) != 0)
        out.error = "not decoded";
      take();
      av_packet_unref(packet);
    }
    avcodec_send_packet(decoder, nullptr);
    take();
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
  }
  avformat_close_input(&input);
  av_freep(&io->buffer);
  avio_context_free(&io);
  av_log_set_callback(av_log_default_callback);
  out.error += complaints;
  return out;
}

class Fmp4 : public testing::TestWithParam<Codec> {};

TEST_P(Fmp4, IsReadAndDecodedByFfmpegAsItWasStored) {
  const auto stream = encode(GetParam(), 320, 240, 30);
  if (stream.samples.empty()) GTEST_SKIP() << "FFmpeg here has no encoder for this codec";
  ASSERT_EQ(stream.samples.size(), 30u);
  for (const std::size_t piece : {1u, 7u, 30u}) {  // live sends single pictures
    SCOPED_TRACE(piece);
    const Fmp4Track track{0, stream.format.get()};
    auto file = init_segment({&track, 1});
    ASSERT_TRUE(file) << file.error().message;
    std::uint32_t sequence = 1;
    for (std::size_t at = 0; at < 30; at += piece) {
      const Fmp4Run run{.track = 0,
                        .decode_time = stream.samples[at].pts - 900'000,
                        .samples = std::span(stream.samples).subspan(at, std::min(piece, 30 - at)),
                        .last_duration = 3600};
      const auto segment = media_segment(sequence++, {&run, 1});
      ASSERT_TRUE(segment);
      file->insert(file->end(), segment->begin(), segment->end());
    }
    const auto found = read_back(*file);
    EXPECT_EQ(found.error, "");
    EXPECT_EQ(found.codecs,
              std::vector{GetParam() == Codec::h264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC});
    EXPECT_EQ(found.width, 320);
    EXPECT_EQ(found.height, 240);
    EXPECT_EQ(found.decoded, 30);
    ASSERT_EQ(found.packets.size(), 30u);
    for (std::size_t i = 0; i < 30; ++i) {
      EXPECT_EQ(found.packets[i].pts, static_cast<std::int64_t>(i) * 3600);
      EXPECT_EQ(found.packets[i].duration, 3600);
      EXPECT_EQ(found.packets[i].is_key, stream.samples[i].is_key);
      EXPECT_EQ(found.packets[i].bytes, stream.samples[i].bytes);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Codecs, Fmp4, testing::Values(Codec::h264, Codec::h265),
                         [](const auto& shown) { return std::string(name_of(shown.param)); });

TEST(Fmp4Segment, ShowsPicturesCodedOutOfOrderInTheirOrder) {
  const auto stream = encode(Codec::h264, 320, 240, 10, 2);
  if (stream.samples.empty()) GTEST_SKIP() << "FFmpeg here has no H.264 encoder";
  ASSERT_FALSE(std::ranges::is_sorted(stream.samples, {}, &Sample::pts)) << "no B pictures came";
  const Fmp4Track track{0, stream.format.get()};
  auto file = init_segment({&track, 1});
  const Fmp4Run run{.samples = stream.samples, .last_duration = 3600};
  const auto segment = media_segment(1, {&run, 1});
  file->insert(file->end(), segment->begin(), segment->end());
  const auto found = read_back(*file);
  EXPECT_EQ(found.error, "");
  ASSERT_EQ(found.packets.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    // FFmpeg shifts all by one constant where offsets are negative.
    EXPECT_EQ(found.packets[i].pts - found.packets[0].pts,
              stream.samples[i].pts - stream.samples[0].pts);
    if (i > 0) EXPECT_GT(found.packets[i].dts, found.packets[i - 1].dts);
  }
  ASSERT_EQ(found.brightness.size(), 10u);
  EXPECT_TRUE(std::ranges::is_sorted(found.brightness));
}

TEST(Fmp4Segment, CarriesSoundBesideThePicture) {
  const auto stream = encode(Codec::h264, 320, 240, 10);
  if (stream.samples.empty()) GTEST_SKIP() << "FFmpeg here has no H.264 encoder";
  const auto sound = std::make_shared<TrackFormat>(TrackFormat{
      .codec = Codec::aac, .clock_hz = 16'000, .channels = 1, .parameter_sets = {{0x14, 0x08}}});
  std::vector<Sample> frames;
  for (int i = 0; i < 6; ++i) {
    Sample sample{.track = 1, .is_key = true, .pts = i * 1024, .format = sound};
    sample.bytes = Bytes{0x01, 0x40, 0x20, 0x07};  // a silent frame
    frames.push_back(sample);
  }
  const std::array tracks{Fmp4Track{0, stream.format.get()}, Fmp4Track{1, sound.get()}};
  auto file = init_segment(tracks);
  ASSERT_TRUE(file);
  const std::array runs{Fmp4Run{.track = 0, .samples = stream.samples},
                        Fmp4Run{.track = 1, .samples = frames}};
  const auto segment = media_segment(1, runs);
  file->insert(file->end(), segment->begin(), segment->end());
  const auto found = read_back(*file);
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.codecs, (std::vector{AV_CODEC_ID_H264, AV_CODEC_ID_AAC}));
  EXPECT_EQ(std::ranges::count(found.packets, 1, &Found::Packet::stream), 6);
  EXPECT_EQ(std::ranges::count(found.packets, 0, &Found::Packet::stream), 10);
}

Bytes whole_file(std::span<const Sample> samples, std::span<const Sample> sound = {}) {
  Mp4File file;
  Bytes content;
  const auto take = [&](std::span<const Sample> run) {
    for (const auto& sample : run) {
      EXPECT_TRUE(file.add(sample));
      content.insert(content.end(), sample.bytes.begin(), sample.bytes.end());
    }
  };
  const auto half = samples.size() / 2;
  take(samples.first(half)), take(sound), take(samples.subspan(half));
  EXPECT_EQ(file.content_bytes(), content.size());
  auto out = file.head();
  EXPECT_TRUE(out) << out.error().message;
  if (!out) return {};
  out->insert(out->end(), content.begin(), content.end());
  return std::move(*out);
}

TEST_P(Fmp4, AWholeFileIsReadAndDecodedByFfmpegAsItWasStored) {
  const auto stream = encode(GetParam(), 320, 240, 30);
  if (stream.samples.empty()) GTEST_SKIP() << "FFmpeg here has no encoder for this codec";
  const auto file = whole_file(stream.samples);
  EXPECT_EQ(file, whole_file(stream.samples)) << "the same samples gave another file";
  const auto found = read_back(file);
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.width, 320);
  EXPECT_EQ(found.decoded, 30);
  ASSERT_EQ(found.packets.size(), 30u);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(found.packets[i].pts, static_cast<std::int64_t>(i) * 3600);
    EXPECT_EQ(found.packets[i].is_key, stream.samples[i].is_key);
    EXPECT_EQ(found.packets[i].bytes, stream.samples[i].bytes);
  }
}

TEST(Mp4File, ShowsPicturesCodedOutOfOrderInTheirOrderAndSoundWhereItWasHeard) {
  auto stream = encode(Codec::h264, 320, 240, 10, 2);
  if (stream.samples.empty()) GTEST_SKIP() << "FFmpeg here has no H.264 encoder";
  for (auto& sample : stream.samples) sample.wall_us = 5'000'000;
  const auto heard = std::make_shared<TrackFormat>(TrackFormat{
      .codec = Codec::aac, .clock_hz = 16'000, .channels = 1, .parameter_sets = {{0x14, 0x08}}});
  std::vector<Sample> frames;
  for (int i = 0; i < 6; ++i) {
    Sample sample{
        .track = 1, .is_key = true, .pts = i * 1024, .wall_us = 5'250'000, .format = heard};
    sample.bytes = Bytes{0x01, 0x40, 0x20, 0x07};
    frames.push_back(sample);
  }
  const auto found = read_back(whole_file(stream.samples, frames));
  EXPECT_EQ(found.error, "");
  ASSERT_EQ(found.brightness.size(), 10u);
  EXPECT_TRUE(std::ranges::is_sorted(found.brightness));
  const auto first = std::ranges::find(found.packets, 1, &Found::Packet::stream);
  ASSERT_NE(first, found.packets.end());
  EXPECT_EQ(first->pts, 4000);  // a quarter of a second at 16 kHz
}

TEST(Mp4File, IsNoneWithoutPictures) {
  EXPECT_FALSE(Mp4File().head());
}

TEST(Fmp4Init, RefusesAFormatThatNothingCouldDecode) {
  for (const auto codec : {Codec::h264, Codec::h265, Codec::aac, Codec::other}) {
    const TrackFormat format{.codec = codec, .width = 640, .height = 360};
    const Fmp4Track track{0, &format};
    EXPECT_FALSE(init_segment({&track, 1})) << name_of(codec);
  }
}

}  // namespace
}  // namespace vl::media
