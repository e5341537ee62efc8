#include <algorithm>
#include <deque>
#include <random>

#include <gtest/gtest.h>

#include <vonglau/media/nal.hpp>
#include <vonglau/rtsp/track_receiver.hpp>

namespace vl::rtsp {
namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

// Written by x264 and x265: 640x360 and 1920x1080.
const Bytes sps_360 = hex("6764001eacd940a02ff97011000003000100000300320f162d96");
const Bytes sps_1080 = hex("67640028acd940780227e5c044000003000400000300c83c60c658");
const Bytes pps = hex("68ebe3cb22c0");
const Bytes vps_265 = hex("40010c01ffff016000000300900000030000030078959809");
const Bytes sps_265 =
    hex("420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c84");
const Bytes pps_265 = hex("4401c172b46240");

Bytes nal(std::vector<std::uint8_t> head, std::size_t size, std::uint8_t fill) {
  Bytes out(std::move(head));
  out.resize(std::max(out.size(), size), fill);
  return out;
}
Bytes idr(std::size_t size, std::uint8_t fill) {
  return nal({0x65, 0x88}, size, fill);
}
Bytes slice(std::size_t size, std::uint8_t fill) {
  return nal({0x41, 0x9a}, size, fill);
}

Bytes prefixed(const std::vector<Bytes>& nals) {
  Bytes out;
  for (const auto& one : nals) {
    const auto n = one.size();
    out.insert(out.end(), {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
                           static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

struct Collector final : SampleSink {
  std::vector<media::Sample> samples;
  std::vector<Problem> problems;
  void on_sample(media::Sample&& sample) override { samples.push_back(std::move(sample)); }
  void on_problem(const Problem& problem) override { problems.push_back(problem); }
  bool has(ProblemKind kind) const {
    return std::ranges::any_of(problems, [&](const Problem& p) { return p.kind == kind; });
  }
};

/// A camera's packetiser: 40 ms a picture, 1,000 bytes a packet.
class Camera {
 public:
  explicit Camera(bool h265 = false) : h265_(h265) {}
  std::uint16_t sequence = 65'500;        // wraps soon
  std::uint32_t timestamp = 0xffff'f000;  // and so does this
  std::uint32_t ssrc = 77;
  std::int64_t mono_us = 5'000'000;
  bool aggregates = false;  // small units together
  bool sets_markers = true;
  bool marks_every_unit = false;

  Bytes rtp(bool marker, ByteView payload) {
    Bytes out;
    append_rtp(out, {.payload_type = 96,
                     .marker = marker,
                     .sequence = sequence++,
                     .timestamp = timestamp,
                     .ssrc = ssrc,
                     .payload = payload});
    return out;
  }

  /// The packets of one picture; then time goes on.
  std::vector<Bytes> picture(const std::vector<Bytes>& nals) {
    std::vector<Bytes> out;
    Bytes aggregate = h265_ ? Bytes{48 << 1, 1} : Bytes{0x78};
    int aggregated = 0;
    const auto flush = [&] {
      if (aggregated > 0) out.push_back(rtp(false, aggregate));
      aggregate.resize(h265_ ? 2 : 1);
      aggregated = 0;
    };
    for (std::size_t i = 0; i < nals.size(); ++i) {
      const bool last = (i + 1 == nals.size() || marks_every_unit) && sets_markers;
      const auto& one = nals[i];
      if (aggregates && one.size() < 200 && !last) {
        aggregate.push_back(static_cast<std::uint8_t>(one.size() >> 8));
        aggregate.push_back(static_cast<std::uint8_t>(one.size()));
        aggregate.insert(aggregate.end(), one.begin(), one.end());
        ++aggregated;
        continue;
      }
      flush();
      if (one.size() <= 1000)
        out.push_back(rtp(last, one));
      else
        fragment(one, last, out);
    }
    flush();
    timestamp += 3600;
    mono_us += 40'000;
    return out;
  }

 private:
  void fragment(const Bytes& one, bool last, std::vector<Bytes>& out) {
    const std::size_t head = h265_ ? 2 : 1;
    for (std::size_t at = head; at < one.size(); at += 1000) {
      const bool starts = at == head;
      const bool ends = at + 1000 >= one.size();
      const auto flags = (starts ? 128 : 0) | (ends ? 64 : 0);
      Bytes part = h265_ ? Bytes{static_cast<std::uint8_t>((one[0] & 0x81) | 49 << 1), one[1],
                                 static_cast<std::uint8_t>(flags | (one[0] >> 1 & 63))}
                         : Bytes{static_cast<std::uint8_t>((one[0] & 0xe0) | 28),
                                 static_cast<std::uint8_t>(flags | (one[0] & 31))};
      part.insert(part.end(), one.begin() + static_cast<std::ptrdiff_t>(at),
                  one.begin() + static_cast<std::ptrdiff_t>(std::min(one.size(), at + 1000)));
      out.push_back(rtp(last && ends, part));
    }
  }
  bool h265_;
};

Media video(media::Codec codec = media::Codec::h264) {
  Media media;
  media.kind = MediaKind::video;
  media.codec = codec;
  media.payload_type = 96;
  return media;
}

constexpr std::int64_t start_us = 1'763'800'000'000'000;

struct Reception {
  explicit Reception(const Media& media = video()) : receiver(media, 0, sink) {}
  void take(const std::vector<Bytes>& packets, std::int64_t mono_us) {
    for (const auto& packet : packets) {
      const Bytes exact(packet);  // a heap block of its own: reading past it is found
      receiver.on_rtp(exact, {start_us + mono_us}, {mono_us});
    }
  }
  void picture(Camera& camera, const std::vector<Bytes>& nals) {
    const auto mono_us = camera.mono_us;
    take(camera.picture(nals), mono_us);
  }
  Collector sink;
  TrackReceiver receiver;
};

TEST(TrackReceiver, GivesEveryPictureAsItWasSent) {
  for (const bool aggregates : {false, true}) {
    for (const bool markers : {true, false}) {
      Camera camera;
      camera.aggregates = aggregates;
      camera.sets_markers = markers;
      Reception in;
      std::vector<Bytes> sent;
      for (int i = 0; i < 100; ++i) {
        const auto size = static_cast<std::size_t>(100 + i * 137);
        const auto fill = static_cast<std::uint8_t>(i);
        std::vector<Bytes> nals{slice(size, fill)};
        if (i % 25 == 0) nals = {hex("0910"), sps_360, pps, hex("0605020102"), idr(size, fill)};
        sent.push_back(prefixed(nals));
        in.picture(camera, nals);
      }
      if (!markers) in.receiver.finish();
      ASSERT_EQ(in.sink.samples.size(), 100u);
      for (std::size_t i = 0; i < 100; ++i) {
        const auto& sample = in.sink.samples[i];
        EXPECT_EQ(sample.bytes, sent[i]);
        EXPECT_EQ(sample.is_key, i % 25 == 0);
        EXPECT_EQ(sample.pts, 0xffff'f000LL + static_cast<std::int64_t>(i) * 3600)
            << "goes on across the wrap of 32 bits";
        EXPECT_NEAR(static_cast<double>(sample.wall_us - in.sink.samples[0].wall_us),
                    static_cast<double>(i) * 40'000, 10);
        ASSERT_TRUE(sample.format);
        EXPECT_EQ(sample.format->width, 640u);
        EXPECT_EQ(sample.format->parameter_sets, (std::vector{sps_360, pps}));
      }
      EXPECT_TRUE(in.sink.problems.empty());
    }
  }
}

TEST(TrackReceiver, GivesEveryH265PictureAsItWasSent) {
  Camera camera(true);
  Reception in(video(media::Codec::h265));
  std::vector<Bytes> sent;
  for (int i = 0; i < 30; ++i) {
    camera.aggregates = i % 2 == 0;
    const auto size = static_cast<std::size_t>(300 + i * 250);
    std::vector<Bytes> nals{nal({0x02, 0x01, 0xd0}, size, 1)};
    if (i % 10 == 0) nals = {vps_265, sps_265, pps_265, nal({0x26, 0x01, 0xaf}, size, 1)};
    sent.push_back(prefixed(nals));
    in.picture(camera, nals);
  }
  ASSERT_EQ(in.sink.samples.size(), 30u);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(in.sink.samples[i].bytes, sent[i]);
    EXPECT_EQ(in.sink.samples[i].is_key, i % 10 == 0);
  }
  EXPECT_EQ(in.sink.samples[0].format->height, 1080u);
  EXPECT_EQ(in.sink.samples[0].format->parameter_sets.size(), 3u);
  EXPECT_TRUE(in.sink.problems.empty());
}

TEST(TrackReceiver, BeginsAtAKeyPicture) {
  Camera camera;
  Reception in;
  in.picture(camera, {slice(50, 1)});
  in.picture(camera, {slice(50, 2)});
  in.picture(camera, {sps_360, pps, idr(50, 3)});
  ASSERT_EQ(in.sink.samples.size(), 1u);
  EXPECT_TRUE(in.sink.samples[0].is_key);
  EXPECT_EQ(in.receiver.counters().left_out, 2u);
}

TEST(TrackReceiver, AfterALossGoesOnAtTheNextKeyPictureAndSaysWhy) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(5000, 1)});
  auto packets = camera.picture({slice(5000, 2)});
  packets.erase(packets.begin() + 2);
  in.take(packets, camera.mono_us);
  for (int i = 0; i < 5; ++i) in.picture(camera, {slice(3000, 3)});
  in.picture(camera, {sps_360, pps, idr(5000, 4)});
  in.picture(camera, {slice(100, 5)});
  ASSERT_EQ(in.sink.samples.size(), 3u);
  EXPECT_EQ(in.sink.samples[1].bytes, prefixed({sps_360, pps, idr(5000, 4)}));
  EXPECT_EQ(in.receiver.counters().lost, 1u);
  EXPECT_EQ(in.receiver.counters().left_out, 6u);
  ASSERT_TRUE(in.sink.has(ProblemKind::packets_lost));
}

TEST(TrackReceiver, PutsPacketsInOrderAndLeavesDuplicatesOut) {
  Camera camera;
  Reception in;
  std::vector<Bytes> sent;
  std::vector<Bytes> packets;
  for (int i = 0; i < 20; ++i) {
    const auto fill = static_cast<std::uint8_t>(i);
    std::vector<Bytes> nals{slice(4000, fill)};
    if (i == 0) nals = {sps_360, pps, idr(4000, fill)};
    sent.push_back(prefixed(nals));
    for (auto& packet : camera.picture(nals)) packets.push_back(std::move(packet));
  }
  for (std::size_t i = 1; i + 4 < packets.size(); i += 5) {
    std::swap(packets[i], packets[i + 3]);
    packets.insert(packets.begin() + static_cast<std::ptrdiff_t>(i) + 1, packets[i - 1]);
  }
  in.take(packets, camera.mono_us);
  ASSERT_EQ(in.sink.samples.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(in.sink.samples[i].bytes, sent[i]);
  EXPECT_GT(in.receiver.counters().duplicates, 0u);
  EXPECT_EQ(in.receiver.counters().lost, 0u);
}

TEST(TrackReceiver, TakesParameterSetsFromTheSdp) {
  auto media = video();
  media.parameter_sets = {sps_360, pps};
  Camera camera;
  Reception in(media);
  in.picture(camera, {idr(50, 1)});
  ASSERT_EQ(in.sink.samples.size(), 1u);
  EXPECT_EQ(in.sink.samples[0].format->width, 640u);
}

TEST(TrackReceiver, SaysWhenParameterSetsAreMissing) {
  Camera camera;
  Reception in;
  in.picture(camera, {idr(50, 1)});
  in.picture(camera, {sps_360, idr(50, 1)});
  EXPECT_TRUE(in.sink.samples.empty());
  EXPECT_TRUE(in.sink.has(ProblemKind::missing_parameter_sets));
  in.picture(camera, {pps, idr(50, 1)});
  EXPECT_EQ(in.sink.samples.size(), 1u);
}

TEST(TrackReceiver, AChangeOfResolutionIsANewFormat) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  in.picture(camera, {slice(50, 1)});
  in.picture(camera, {sps_1080, pps, idr(50, 1)});
  ASSERT_EQ(in.sink.samples.size(), 3u);
  EXPECT_EQ(in.sink.samples[0].format, in.sink.samples[1].format);
  EXPECT_EQ(in.sink.samples[1].format->width, 640u);
  EXPECT_EQ(in.sink.samples[2].format->width, 1920u);
}

TEST(TrackReceiver, ABrokenParameterSetIsToldAndTheFormerOneStays) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  in.picture(camera, {hex("6764001eff"), pps, idr(50, 1)});
  EXPECT_TRUE(in.sink.has(ProblemKind::bad_parameter_set));
  ASSERT_EQ(in.sink.samples.size(), 2u);
  EXPECT_EQ(in.sink.samples[1].format->width, 640u);
}

TEST(TrackReceiver, AbsurdDimensionsAreToldAndWhatWasValidGoesOn) {
  const auto sps_32000 = hex("6742001ff4003e80ac80");  // 32,000 pixels wide
  Camera camera;
  Reception in;
  in.picture(camera, {sps_32000, pps, idr(50, 1)});
  EXPECT_TRUE(in.sink.samples.empty());
  EXPECT_TRUE(in.sink.has(ProblemKind::bad_parameter_set));
  EXPECT_TRUE(in.sink.has(ProblemKind::missing_parameter_sets));
  in.picture(camera, {sps_360, pps, idr(50, 2)});
  in.picture(camera, {sps_32000, pps, idr(50, 3)});
  ASSERT_EQ(in.sink.samples.size(), 2u);
  EXPECT_EQ(in.sink.samples[1].format->width, 640u);
}

TEST(TrackReceiver, AMarkerAtEverySliceIsNoticedOnceAndThenPassedOver) {
  Camera camera;
  camera.marks_every_unit = true;
  Reception in;
  const auto second_slice = [](Bytes one) {
    one[1] = 0x3a;  // first_mb_in_slice is not 0
    return one;
  };
  for (int i = 0; i < 10; ++i)
    in.picture(camera, {sps_360, pps, idr(50, 1), second_slice(idr(60, 2))});
  in.receiver.finish();
  EXPECT_TRUE(in.sink.has(ProblemKind::split_picture));
  ASSERT_GE(in.sink.samples.size(), 9u);
  EXPECT_EQ(in.sink.samples.back().bytes,
            prefixed({sps_360, pps, idr(50, 1), second_slice(idr(60, 2))}));
}

TEST(TrackReceiver, AJumpOfTheCamerasTimeIsToldAndOursGoesOn) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  camera.timestamp += 90'000U * 3600U;
  in.picture(camera, {slice(50, 1)});
  in.picture(camera, {slice(50, 1)});
  camera.timestamp -= 90'000U * 7200U;
  in.picture(camera, {slice(50, 1)});
  ASSERT_EQ(in.sink.samples.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(in.sink.samples[i].pts - in.sink.samples[i - 1].pts, 3600);
    EXPECT_NEAR(static_cast<double>(in.sink.samples[i].wall_us - in.sink.samples[i - 1].wall_us),
                40'000, 100);
  }
  EXPECT_TRUE(in.sink.has(ProblemKind::timestamp_jump));
}

TEST(TrackReceiver, APauseIsNoJump) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  camera.timestamp += 90'000U * 60U;
  camera.mono_us += 60'000'000;
  in.picture(camera, {slice(50, 1)});
  ASSERT_EQ(in.sink.samples.size(), 2u);
  EXPECT_EQ(in.sink.samples[1].pts - in.sink.samples[0].pts, 90'000 * 60 + 3600);
  EXPECT_FALSE(in.sink.has(ProblemKind::timestamp_jump));
}

TEST(TrackReceiver, ANewSourceBeginsAtItsKeyPictureAndTimeGoesOn) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  camera.ssrc = 78;
  camera.sequence = 7;
  camera.timestamp = 12;
  in.picture(camera, {slice(50, 1)});
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  ASSERT_EQ(in.sink.samples.size(), 2u);
  EXPECT_EQ(in.sink.samples[1].pts - in.sink.samples[0].pts, 7200);
  EXPECT_TRUE(in.sink.has(ProblemKind::source_restarted));
}

TEST(TrackReceiver, BurstsDoNotShowInWallTime) {
  Camera camera;
  Reception in;
  for (int i = 0; i < 200; ++i) {
    // Read every ten pictures, as a recorder of a thousand cameras does; one stall of 2 s.
    auto read_us = (camera.mono_us / 400'000 + 1) * 400'000;
    if (i >= 100 && i < 150) read_us = std::max<std::int64_t>(read_us, 5'000'000 + 6'000'000);
    std::vector<Bytes> nals{slice(50, 1)};
    if (i == 0) nals = {sps_360, pps, idr(50, 1)};
    in.take(camera.picture(nals), read_us);
  }
  ASSERT_EQ(in.sink.samples.size(), 200u);
  for (std::size_t i = 50; i < 200; ++i)
    EXPECT_NEAR(static_cast<double>(in.sink.samples[i].wall_us - in.sink.samples[i - 1].wall_us),
                40'000, 1500)
        << i;
}

TEST(TrackReceiver, SenderReportsGiveTheCamerasOwnTime) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  const std::int64_t camera_us = start_us + 3'600'000'000;
  Bytes report;
  append_sender_report(
      report, {.ssrc = 77, .ntp = ntp_of_wall_us(camera_us), .rtp_timestamp = camera.timestamp});
  in.receiver.on_rtcp(report, {start_us + camera.mono_us}, {camera.mono_us});
  in.picture(camera, {slice(50, 1)});
  in.picture(camera, {slice(50, 1)});
  ASSERT_EQ(in.sink.samples.size(), 3u);
  EXPECT_EQ(in.sink.samples[0].camera_us, 0);
  EXPECT_EQ(in.sink.samples[1].camera_us, camera_us);
  EXPECT_EQ(in.sink.samples[2].camera_us, camera_us + 40'000);
  EXPECT_NEAR(static_cast<double>(*in.receiver.camera_clock_offset_us()), 3.6e9 - 5e6, 1e6);
}

TEST(TrackReceiver, TellsAKindOfProblemOnceASecondWithItsCount) {
  Camera camera;
  Reception in;
  const Bytes rubbish{1, 2, 3};
  for (int i = 0; i < 5000; ++i) in.receiver.on_rtp(rubbish, {start_us}, {1'000'000 + i * 1000});
  in.receiver.finish();
  EXPECT_LE(in.sink.problems.size(), 7u);
  std::uint64_t told = 0;
  for (const auto& problem : in.sink.problems) told += problem.count;
  EXPECT_EQ(told, 5000u);
  EXPECT_EQ(in.receiver.counters().malformed, 5000u);
}

TEST(TrackReceiver, APictureWithoutEndIsBounded) {
  Camera camera;
  Reception in;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  Bytes part(60'000, 7);
  part[0] = 0x7c;
  part[1] = 0x81;
  for (int i = 0; i < 200; ++i) {
    in.take({camera.rtp(false, part)}, camera.mono_us);
    part[1] = 0x01;
  }
  EXPECT_TRUE(in.sink.has(ProblemKind::sample_too_large));
  camera.timestamp += 3600;
  in.picture(camera, {sps_360, pps, idr(50, 1)});
  EXPECT_EQ(in.sink.samples.size(), 2u);
}

/// Whatever is lost, doubled or displaced: what comes out is what was sent, in order, and what
/// follows an undamaged key picture without a loss is all there.
TEST(TrackReceiver, NeverGivesADamagedPictureWhateverTheNetworkDoes) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto chance = [&](unsigned in) { return random() % in == 0; };
    Camera camera;
    camera.aggregates = chance(2);
    Reception in;
    std::vector<Bytes> sent;
    std::vector<std::pair<Bytes, std::int64_t>> packets;
    std::uint64_t dropped = 0;
    for (int i = 0; i < 80; ++i) {
      const auto fill = static_cast<std::uint8_t>(i);
      std::vector<Bytes> nals{slice(10 + random() % 5000, fill)};
      if (i % 10 == 0) nals = {sps_360, pps, idr(10 + random() % 9000, fill)};
      sent.push_back(prefixed(nals));
      const auto mono_us = camera.mono_us;
      for (auto& packet : camera.picture(nals)) {
        if (i > 0 && i < 60 && chance(60)) {
          ++dropped;
          continue;
        }
        packets.emplace_back(packet, mono_us);
        if (chance(50)) packets.emplace_back(packet, mono_us);
      }
    }
    for (std::size_t i = 3; i < packets.size(); ++i)
      if (chance(20)) std::swap(packets[i].first, packets[i - random() % 3].first);
    for (const auto& [packet, mono_us] : packets) in.take({packet}, mono_us);
    in.receiver.finish();
    std::size_t at = 0;
    for (const auto& sample : in.sink.samples) {
      while (at < sent.size() && sent[at] != sample.bytes) ++at;
      ASSERT_LT(at, sent.size()) << "a sample that was never sent";
      ++at;
    }
    ASSERT_GE(in.sink.samples.size(), 20u);
    for (std::size_t i = 0; i < 20; ++i)  // nothing is lost in the last two groups
      EXPECT_EQ(in.sink.samples[in.sink.samples.size() - 20 + i].bytes, sent[60 + i]);
    EXPECT_EQ(in.receiver.counters().lost, dropped);
    EXPECT_EQ(in.sink.has(ProblemKind::packets_lost), dropped > 0);
  }
}

TEST(TrackReceiver, TakesG711AsItComes) {
  Media media;
  media.kind = MediaKind::audio;
  media.codec = media::Codec::pcma;
  media.clock_hz = 8000;
  media.payload_type = 96;
  Camera camera;
  Reception in(media);
  in.take({camera.rtp(false, Bytes(160, 5))}, camera.mono_us);
  ASSERT_EQ(in.sink.samples.size(), 1u);
  EXPECT_EQ(in.sink.samples[0].bytes, Bytes(160, 5));
  EXPECT_TRUE(in.sink.samples[0].is_key);
}

TEST(TrackReceiver, TakesAacFramesApartAndPutsCutOnesTogether) {
  Media media;
  media.kind = MediaKind::audio;
  media.codec = media::Codec::aac;
  media.clock_hz = 16'000;
  media.payload_type = 96;
  media.parameter_sets = {hex("1408")};
  ASSERT_TRUE(TrackReceiver::can_receive(media));
  Camera camera;
  Reception in(media);
  in.take({camera.rtp(true, hex("0020"
                                "0010"
                                "0018"
                                "aabb"
                                "ccddee"))},
          camera.mono_us);
  ASSERT_EQ(in.sink.samples.size(), 2u);
  EXPECT_EQ(in.sink.samples[0].bytes, hex("aabb"));
  EXPECT_EQ(in.sink.samples[1].bytes, hex("ccddee"));
  EXPECT_EQ(in.sink.samples[1].pts - in.sink.samples[0].pts, 1024);
  camera.timestamp += 2048;
  in.take({camera.rtp(false, hex("0010"
                                 "0020"
                                 "0102")),
           camera.rtp(true, hex("0010"
                                "0020"
                                "0304"))},
          camera.mono_us);
  ASSERT_EQ(in.sink.samples.size(), 3u);
  EXPECT_EQ(in.sink.samples[2].bytes, hex("01020304"));
  in.take({camera.rtp(true, hex("0010"
                                "ffff"
                                "01"))},
          camera.mono_us);
  in.take({camera.rtp(true, hex("0020"
                                "0010"
                                "ffff"
                                "0102"))},
          camera.mono_us);
  EXPECT_TRUE(in.sink.has(ProblemKind::malformed_packet));
}

TEST(TrackReceiver, SaysWhichTracksItCannotTake) {
  auto media = video();
  EXPECT_TRUE(TrackReceiver::can_receive(media));
  media.fmtp = "packetization-mode=2; sprop-interleaving-depth=4";
  EXPECT_FALSE(TrackReceiver::can_receive(media));
  media.fmtp = "sprop-max-don-diff=0";
  EXPECT_TRUE(TrackReceiver::can_receive(media));
  media.codec = media::Codec::other;
  media.encoding = "JPEG";
  EXPECT_NE(TrackReceiver::can_receive(media).error().message.find("JPEG"), std::string::npos);
}

}  // namespace
}  // namespace vl::rtsp
