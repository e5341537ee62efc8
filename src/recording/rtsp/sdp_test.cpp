#include <gtest/gtest.h>

#include <vonglau/rtsp/sdp.hpp>

namespace vl::rtsp {
namespace {

constexpr std::string_view camera_sdp =
    "v=0\r\n"
    "o=- 1 1 IN IP4 10.0.0.7\r\n"
    "s=Camera \r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "t=0 0\r\n"
    "a=control:*\r\n"
    "a=range:npt=0-\r\n"
    "m=video 0 RTP/AVP 96\r\n"
    "b=AS:2000\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=framerate:25.0\r\n"
    "a=fmtp:96 "
    "packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=Z2QAHw==,aO48gA\r\n"
    "a=control:trackID=1\r\n"
    "m=audio 0 RTP/AVP 8\r\n"
    "a=control:rtsp://10.0.0.7/audio\r\n"
    "m=audio 0 RTP/AVP 97\r\n"
    "a=rtpmap:97 MPEG4-GENERIC/16000/1\r\n"
    "a=fmtp:97 streamtype=5; mode=AAC-hbr; config=1408; SizeLength=13; IndexLength=3\r\n"
    "m=application 0 RTP/AVP 107\r\n"
    "a=rtpmap:107 vnd.onvif.metadata/90000\r\n";

TEST(Sdp, ReadsWhatACameraOffers) {
  const auto sdp = parse_sdp(camera_sdp);
  ASSERT_TRUE(sdp) << sdp.error().message;
  EXPECT_TRUE(sdp->notes.empty());
  EXPECT_EQ(sdp->name, "Camera");
  EXPECT_EQ(sdp->control, "*");
  ASSERT_EQ(sdp->media.size(), 4u);
  const auto& video = sdp->media[0];
  EXPECT_EQ(video.codec, media::Codec::h264);
  EXPECT_EQ(video.payload_type, 96);
  EXPECT_EQ(video.clock_hz, 90'000u);
  EXPECT_EQ(video.framerate, 25.0);
  EXPECT_EQ(video.control, "trackID=1");
  ASSERT_EQ(video.parameter_sets.size(), 2u);
  EXPECT_EQ(video.parameter_sets[0], (Bytes{0x67, 0x64, 0x00, 0x1f}));
  EXPECT_EQ(video.parameter_sets[1], (Bytes{0x68, 0xee, 0x3c, 0x80}));
  EXPECT_EQ(sdp->media[1].codec, media::Codec::pcma);
  EXPECT_EQ(sdp->media[1].clock_hz, 8000u);
  const auto& aac = sdp->media[2];
  EXPECT_EQ(aac.codec, media::Codec::aac);
  EXPECT_EQ(aac.clock_hz, 16'000u);
  EXPECT_EQ(aac.parameter_sets, std::vector<Bytes>{(Bytes{0x14, 0x08})});
  EXPECT_EQ(sdp->media[3].kind, MediaKind::other);
}

TEST(Sdp, PutsH265ParameterSetsInOrderWhateverTheOrderWritten) {
  const auto sdp = parse_sdp(
      "m=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n"
      "a=fmtp:98 sprop-pps=RAE=; sprop-sps=QgE=; sprop-vps=QAE=\n");
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].codec, media::Codec::h265);
  EXPECT_EQ(sdp->media[0].parameter_sets,
            (std::vector<Bytes>{{0x40, 0x01}, {0x42, 0x01}, {0x44, 0x01}}));
}

TEST(Sdp, ReadsBackWhatItWrites) {
  const auto first = parse_sdp(camera_sdp);
  ASSERT_TRUE(first);
  auto shown = *first;
  for (auto& media : shown.media) media.fmtp.clear();
  const auto again = parse_sdp(write_sdp(shown));
  ASSERT_TRUE(again);
  ASSERT_EQ(again->media.size(), first->media.size());
  for (std::size_t i = 0; i < again->media.size(); ++i) {
    EXPECT_EQ(again->media[i].codec, first->media[i].codec);
    EXPECT_EQ(again->media[i].parameter_sets, first->media[i].parameter_sets);
    EXPECT_EQ(again->media[i].control, first->media[i].control);
    EXPECT_EQ(again->media[i].clock_hz, first->media[i].clock_hz);
  }
}

TEST(Sdp, NotesBrokenLinesAndKeepsTheRest) {
  const auto sdp = parse_sdp(
      "v=0\r\nrubbish\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/fast\r\n"
      "a=rtpmap:96 H264/90000\r\na=framerate:many\r\n"
      "a=fmtp:96 sprop-parameter-sets=Z2QAHw==,!!!\r\n");
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].codec, media::Codec::h264);
  EXPECT_EQ(sdp->media[0].parameter_sets.size(), 1u);
  ASSERT_EQ(sdp->notes.size(), 4u);
  EXPECT_NE(sdp->notes[0].find("line 2"), std::string::npos) << sdp->notes[0];
  EXPECT_NE(sdp->notes[3].find("base64"), std::string::npos) << sdp->notes[3];
}

TEST(Sdp, RefusesWhatHasNoMediaOrIsTooLarge) {
  EXPECT_EQ(parse_sdp("v=0\r\ns=x\r\n").error().code.name, "rtsp.malformed");
  EXPECT_EQ(parse_sdp("").error().code.name, "rtsp.malformed");
  EXPECT_EQ(parse_sdp(std::string(70'000, 'a')).error().code.name, "rtsp.too_large");
  std::string many;
  for (int i = 0; i < 17; ++i) many += "m=video 0 RTP/AVP 96\n";
  EXPECT_EQ(parse_sdp(many).error().code.name, "rtsp.too_large");
}

TEST(Sdp, ResolvesControlAgainstTheBase) {
  EXPECT_EQ(resolve_control("rtsp://c/live/", "trackID=1"), "rtsp://c/live/trackID=1");
  EXPECT_EQ(resolve_control("rtsp://c/live", "/trackID=1"), "rtsp://c/live/trackID=1");
  EXPECT_EQ(resolve_control("rtsp://c/live?x=1", "*"), "rtsp://c/live?x=1");
  EXPECT_EQ(resolve_control("rtsp://c/live", ""), "rtsp://c/live");
  EXPECT_EQ(resolve_control("rtsp://c/live", "rtsp://d/other"), "rtsp://d/other");
}

}  // namespace
}  // namespace vl::rtsp
