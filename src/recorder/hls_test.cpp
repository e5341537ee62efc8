// What players are given: segments of made-up footage, windows on a clock that is set by hand.
#include "hls.hpp"

#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "hls_media.hpp"

namespace vl::recorder {
namespace {

using recording::FragmentId;
using recording::FragmentRef;
using recording::StreamKind;

constexpr std::int64_t begin_us = 1'763'800'000'000'000;
constexpr std::int64_t second_us = 1'000'000;

recording::CameraId camera_of(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = 7;
  id.bytes[15] = number;
  return recording::CameraId{id};
}

std::shared_ptr<const media::TrackFormat> format_of(std::uint32_t width) {
  return std::make_shared<const media::TrackFormat>(media::TrackFormat{
      .codec = media::Codec::h264,
      .width = width,
      .height = 240,
      .parameter_sets = {{0x67, 0x42, 0xc0, 0x0d, 0xda, 0x05, 0x07, 0xe8, 0x40, 0x00, 0x00,
                          0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc5, 0x0a, 0xa8},
                         {0x68, 0xce, 0x0f, 0x2c, 0x80}}});
}

/// Fragments of half a second drawn as text: K begins with a key picture, '.' does not, ' ' is
/// half a second without one; a digit begins with a key picture of another format.
class Cutting : public ::testing::Test {
 protected:
  std::vector<HlsSegment> cut(std::string_view drawn,
                              HlsRules rules = {2 * second_us, 4 * second_us}) {
    std::map<std::uint64_t, std::shared_ptr<const media::TrackFormat>> formats;
    std::vector<FragmentRef> refs;
    auto format = format_of(320);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (drawn[i] == ' ') continue;
      if (drawn[i] >= '0' && drawn[i] <= '9') format = format_of(drawn[i] * 16U);
      const auto sequence = refs.size() + 1;
      formats[sequence] = format;
      const auto at_us = begin_us + static_cast<std::int64_t>(i) * second_us / 2;
      refs.push_back({{{camera_of(1), StreamKind::main}, sequence},
                      at_us,
                      at_us + second_us / 2,
                      1000,
                      drawn[i] != '.'});
    }
    HlsCutter cutter(rules, [&](const FragmentId& id) -> Result<HlsLook> {
      ++looks_;
      if (unreadable_.contains(id.sequence))
        return fail(recording::RecordingError::altered, "as the test says");
      return HlsLook{{formats[id.sequence], {}}, {formats[id.sequence], {}}};
    });
    for (const auto& ref : refs) cutter.add(ref);
    cutter.finish();
    return cutter.take();
  }
  /// "1+4 5+4 |9+4": first fragment and how many, | where something breaks.
  static std::string told(const std::vector<HlsSegment>& segments) {
    std::string out;
    for (const auto& segment : segments)
      out += fmt::format("{}{}{}+{}", out.empty() ? "" : " ", segment.breaks ? "|" : "",
                         segment.first.sequence, segment.fragments);
    return out;
  }
  std::set<std::uint64_t> unreadable_;
  int looks_ = 0;
};

TEST_F(Cutting, a_segment_ends_before_the_first_key_picture_after_its_goal) {
  EXPECT_EQ(told(cut("K.K.K.K.K.K.")), "|1+4 5+4 9+4");
  EXPECT_EQ(told(cut("K..K..K..K..")), "|1+6 7+6");
  EXPECT_LE(looks_, 8) << "about one for each segment";
}

TEST_F(Cutting, a_group_of_pictures_longer_than_the_target_is_cut_where_it_is_full) {
  const auto segments = cut("K...................");
  EXPECT_EQ(told(segments), "|1+8 9+8 17+4");
  for (const auto& segment : segments) EXPECT_LE(segment.end_us - segment.start_us, 4 * second_us);
}

TEST_F(Cutting, what_comes_before_the_first_key_picture_is_left_out) {
  EXPECT_EQ(told(cut("..K.K.")), "|3+4");
}

TEST_F(Cutting, footage_after_a_hole_is_a_discontinuity_and_begins_with_a_key_picture) {
  const auto segments = cut("K.K.    ..K.K.");
  EXPECT_EQ(told(segments), "|1+4 |7+4");
  EXPECT_EQ(segments[0].end_us - begin_us, 2 * second_us) << "the hole is not counted as shown";
  EXPECT_EQ(segments[1].init.sequence, 1U) << "the format is the same";
}

TEST_F(Cutting, another_format_is_a_discontinuity_with_an_init_segment_of_its_own) {
  const auto segments = cut("K.K.8.8.8.8.");
  EXPECT_EQ(told(segments), "|1+4 |5+4 9+4");
  EXPECT_EQ(segments[0].init.sequence, 1U);
  EXPECT_EQ(segments[1].init.sequence, 5U);
  EXPECT_EQ(segments[2].init.sequence, 5U);
}

TEST_F(Cutting, a_segment_in_which_the_format_changes_is_cut_there) {
  EXPECT_EQ(told(cut("K.8.8.8.")), "|1+2 |3+2 5+4");
  EXPECT_EQ(told(cut("K.8.    K.K.")), "|1+2 |3+2 |5+4") << "before a hole as well";
  EXPECT_EQ(told(cut("K.8.")), "|1+2 |3+2") << "and at the end";
}

TEST_F(Cutting, a_fragment_that_cannot_be_read_is_left_out_where_a_segment_would_begin) {
  unreadable_ = {5};
  EXPECT_EQ(told(cut("K.K.K.K.K.K.")), "|1+4 |7+4 11+2");
}

TEST(HlsText, of_a_playlist_says_times_breaks_and_what_files_are_called) {
  const recording::StreamKey stream{camera_of(1), StreamKind::main};
  const recording::StreamKey fetched{camera_of(1), StreamKind::fetched};
  const std::vector<HlsSegment> segments{
      {{stream, 5}, 4, begin_us + 1'234, begin_us + 2'001'000, true, {stream, 5}},
      {{stream, 9}, 3, begin_us + 2'001'000, begin_us + 4'000'000, false, {stream, 5}},
      {{fetched, 1}, 2, begin_us + 9'000'000, begin_us + 10'000'000, true, {fetched, 1}}};
  EXPECT_EQ(text_of(HlsPlaylist{3, 17, 2, segments, true}),
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:3\n#EXT-X-PLAYLIST-TYPE:VOD\n"
            "#EXT-X-MEDIA-SEQUENCE:17\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n"
            "#EXT-X-MAP:URI=\"m-5.mp4\"\n"
            "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T08:26:40.001Z\n#EXTINF:2.000,\nm-5-4.m4s\n"
            "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T08:26:42.001Z\n#EXTINF:1.999,\nm-9-3.m4s\n"
            "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"f-1.mp4\"\n"
            "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T08:26:49.000Z\n#EXTINF:1.000,\nf-1-2.m4s\n"
            "#EXT-X-ENDLIST\n");
}

TEST(HlsNames, are_read_as_they_are_written_and_nothing_else_is) {
  for (const char* text : {"index.m3u8", "m-1.mp4", "f-18446744073709551615.mp4", "m-120-10.m4s"}) {
    const auto name = hls_name_of(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(text_of(*name), text);
  }
  for (const char* text : {"", "m", "m-.mp4", "m-0.mp4", "m-01.mp4", "m-1", "m-1.m4s", "m-1-2.mp4",
                           "m-1-0.m4s", "m-1-129.m4s", "s-1.mp4", "m-1-2-3.m4s", "m--1.mp4",
                           "m-99999999999999999999.mp4", "index.m3u8 ", "m-1.mp4.mp4"})
    EXPECT_FALSE(hls_name_of(text)) << text;
}

class HlsOfAStore : public ::testing::Test {
 protected:
  HlsOfAStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vl-hls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    recording::StoreOptions options;
    options.folder = folder_;
    options.reserve_bytes = 1 << 20;
    options.most_bytes = 64 << 20;
    store_ = *recording::open_fragment_store(options, *disk_, clock_, ids_, quiet_);
    hls_.emplace(*store_, clock_);
  }
  ~HlsOfAStore() override {
    hls_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Two pictures of half a second; the first one of each second is a key picture.
  void put(int half_seconds, StreamKind kind = StreamKind::main, std::uint32_t width = 320,
           std::optional<std::int64_t> at_us = {}) {
    for (int i = 0; i < half_seconds; ++i) {
      recording::NewFragment fragment;
      fragment.stream = {camera_of(1), kind};
      fragment.session = 1;
      fragment.start_us = at_us ? *at_us + i * second_us / 2 : clock_.wall().us;
      fragment.end_us = fragment.start_us + second_us / 2;
      for (int picture = 0; picture < 2; ++picture) {
        auto sample = std::make_shared<media::Sample>();
        sample->is_key = picture == 0 && i % 2 == 0;
        sample->wall_us = fragment.start_us + picture * second_us / 4;
        sample->pts = (sample->wall_us - begin_us) * 9 / 100;
        sample->format = format_of(width);
        sample->bytes = Bytes(500, 1);
        fragment.samples.push_back(std::move(sample));
      }
      ASSERT_TRUE(store_->append(fragment));
      ASSERT_TRUE(store_->sync());
      if (!at_us) clock_.advance_us(second_us / 2);
    }
  }
  node::MediaTicket ticket(node::MediaPurpose purpose, std::int64_t from_us,
                           std::optional<std::int64_t> to_us = {}) {
    return {{24}, camera_of(1).value, {}, purpose, {}, {}, nonce_, from_us, to_us};
  }
  Result<http::Response> ask(const node::MediaTicket& ticket, std::string_view name) {
    http::Request request;
    request.peer = peer_;
    return hls_->answer(ticket, *hls_name_of(name), request);
  }
  std::string playlist(const node::MediaTicket& ticket) {
    const auto answer = ask(ticket, "index.m3u8");
    return answer ? std::string(answer->body_text()) : answer.error().message;
  }
  static std::int64_t number(const std::string& text, const std::string& tag) {
    const auto at = text.find(tag + ":");
    return at == std::string::npos ? -1 : std::stoll(text.substr(at + tag.size() + 1));
  }
  static std::vector<std::string> files(const std::string& text, const std::string& ending) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      if (const auto line = text.substr(at, end - at); line.ends_with(ending)) out.push_back(line);
      at = end + 1;
    }
    return out;
  }

  ManualClock clock_{{begin_us}};
  SystemIdSource ids_{clock_};
  recording::StoreObserver quiet_;
  std::unique_ptr<recording::Disk> disk_ = recording::posix_disk();
  std::string folder_;
  std::unique_ptr<recording::FragmentStore> store_;
  Uuid nonce_ = ids_.next();
  std::string peer_ = "192.0.2.1";
  std::optional<Hls> hls_;
};

TEST_F(HlsOfAStore, a_window_moves_on_and_its_numbers_never_go_back) {
  put(60);
  const auto live = ticket(node::MediaPurpose::player_live, clock_.wall().us);
  auto before = playlist(live);
  EXPECT_EQ(number(before, "#EXT-X-TARGETDURATION"), 3);
  EXPECT_EQ(before.find("#EXT-X-ENDLIST"), std::string::npos);
  EXPECT_GE(files(before, ".m4s").size(), 5U) << "three target durations of two seconds each";
  EXPECT_LE(files(before, ".m4s").size(), 6U);
  for (int round = 0; round < 10; ++round) {
    put(4);
    const auto after = playlist(live);
    EXPECT_EQ(number(after, "#EXT-X-MEDIA-SEQUENCE"), number(before, "#EXT-X-MEDIA-SEQUENCE") + 1);
    EXPECT_EQ(files(after, ".m4s")[0], files(before, ".m4s")[1]) << "one went, one came";
    EXPECT_EQ(after.find("#EXT-X-DISCONTINUITY\n"), std::string::npos);
    before = after;
  }
  // Nobody asks for a while: another window, further on.
  const auto last = number(before, "#EXT-X-MEDIA-SEQUENCE");
  put(2 * 61);
  EXPECT_EQ(hls_->players(), 0U);
  const auto anew = playlist(live);
  EXPECT_GT(number(anew, "#EXT-X-MEDIA-SEQUENCE"), last + 5);
  EXPECT_GT(number(anew, "#EXT-X-DISCONTINUITY-SEQUENCE"),
            number(before, "#EXT-X-DISCONTINUITY-SEQUENCE"));
}

TEST_F(HlsOfAStore, a_hole_in_the_live_picture_is_a_discontinuity_that_stays_counted) {
  put(40);
  const auto live = ticket(node::MediaPurpose::player_live, clock_.wall().us);
  const auto before = playlist(live);
  clock_.advance_us(5 * second_us);
  EXPECT_EQ(playlist(live), before) << "nothing came, nothing changes";
  put(12);
  const auto after = playlist(live);
  EXPECT_NE(after.find("#EXT-X-DISCONTINUITY\n"), std::string::npos);
  put(40);
  const auto later = playlist(live);
  EXPECT_EQ(later.find("#EXT-X-DISCONTINUITY\n"), std::string::npos);
  EXPECT_EQ(number(later, "#EXT-X-DISCONTINUITY-SEQUENCE"),
            number(before, "#EXT-X-DISCONTINUITY-SEQUENCE") + 1);
}

TEST_F(HlsOfAStore, live_is_only_what_is_there_now_and_nothing_from_before_the_address) {
  put(40);
  EXPECT_EQ(ask(ticket(node::MediaPurpose::player_live, clock_.wall().us), "m-1-2.m4s")->status,
            200);
  clock_.advance_us(200 * second_us);
  put(20);
  const auto live = ticket(node::MediaPurpose::player_live, clock_.wall().us);
  EXPECT_FALSE(ask(live, "m-1-2.m4s")) << "older than the address by more than a minute";
  const auto present = files(playlist(live), ".m4s");
  ASSERT_FALSE(present.empty());
  EXPECT_EQ(ask(live, present.front())->status, 200);
  clock_.advance_us(600 * second_us);
  EXPECT_FALSE(ask(live, present.front())) << "no longer live";
}

TEST_F(HlsOfAStore, without_pictures_a_player_is_told_so_and_may_come_again) {
  const auto refused = ask(ticket(node::MediaPurpose::player_live, begin_us), "index.m3u8");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code.category, Category::unavailable);
}

TEST_F(HlsOfAStore, a_span_is_listed_whole_with_its_holes_and_nothing_outside_is_given) {
  put(40);
  clock_.advance_us(10 * second_us);
  put(40);
  const auto from_us = begin_us + 5'500'000;
  const auto span = ticket(node::MediaPurpose::player_footage, from_us, begin_us + 40 * second_us);
  const auto text = playlist(span);
  EXPECT_NE(text.find("#EXT-X-ENDLIST"), std::string::npos);
  double sum = 0;
  std::size_t breaks = 0;
  for (std::size_t at = 0; (at = text.find("#EXTINF:", at)) != std::string::npos; ++at)
    sum += std::stod(text.substr(at + 8));
  for (std::size_t at = 0; (at = text.find("#EXT-X-DISCONTINUITY\n", at)) != std::string::npos;
       ++at)
    ++breaks;
  EXPECT_EQ(breaks, 1U);
  EXPECT_NEAR(sum, 15 + 10, 0.001) << "from the key picture before, up to the end";
  EXPECT_NE(text.find("#EXT-X-PROGRAM-DATE-TIME:2025-11-22T08:26:45.000Z"), std::string::npos);
  for (const auto& file : files(text, ".m4s")) EXPECT_EQ(ask(span, file)->status, 200) << file;
  EXPECT_FALSE(ask(span, "m-75-1.m4s")) << "recorded, but after the span";
  EXPECT_FALSE(ask(span, "m-500-1.m4s")) << "never recorded";
  EXPECT_EQ(ask(span, "m-1.mp4")->status, 200);
  EXPECT_FALSE(ask(ticket(node::MediaPurpose::player_footage, begin_us + 90 * second_us,
                          begin_us + 99 * second_us),
                   "index.m3u8"));
  EXPECT_FALSE(
      ask(ticket(node::MediaPurpose::player_footage, begin_us, begin_us + Hls::longest_span_us + 1),
          "index.m3u8"));
}

TEST_F(HlsOfAStore, what_was_fetched_from_the_camera_stands_in_its_gap) {
  put(20);
  clock_.advance_us(6 * second_us);
  put(20);
  put(12, StreamKind::fetched, 320, begin_us + 10 * second_us);
  const auto span = ticket(node::MediaPurpose::player_footage, begin_us, begin_us + 26 * second_us);
  const auto text = playlist(span);
  const auto there = files(text, ".m4s");
  ASSERT_EQ(there.size(), 5U) << text;
  EXPECT_EQ(there[2], "f-1-12.m4s");
  for (const auto& file : there) EXPECT_EQ(ask(span, file)->status, 200) << file;
}

TEST_F(HlsOfAStore,
       a_span_that_ends_within_the_millisecond_in_which_a_fragment_begins_is_given_whole) {
  put(4, StreamKind::main, 320, begin_us);
  put(4, StreamKind::main, 320, begin_us + 2 * second_us + 700);
  for (const auto to_us : {begin_us + 2 * second_us + 100, begin_us + 2 * second_us + 700}) {
    const auto span = ticket(node::MediaPurpose::player_footage, begin_us, to_us);
    const auto there = files(playlist(span), ".m4s");
    ASSERT_FALSE(there.empty());
    for (const auto& file : there) EXPECT_EQ(ask(span, file)->status, 200) << file;
  }
}

TEST_F(HlsOfAStore, segments_fit_together_however_they_are_asked_for) {
  put(12);
  const auto span = ticket(node::MediaPurpose::player_footage, begin_us, begin_us + 6 * second_us);
  const auto tfdt = [&](const char* name) {
    const auto answer = ask(span, name);
    const auto bytes = answer->body_text();
    const auto at = bytes.find("tfdt") + 8;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
      value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return static_cast<std::int64_t>(value);
  };
  EXPECT_EQ(tfdt("m-1-4.m4s"), 60 * 90'000) << "a minute is left for the key picture before";
  EXPECT_EQ(tfdt("m-5-4.m4s") - tfdt("m-1-4.m4s"), 2 * 90'000);
  EXPECT_EQ(tfdt("m-5-1.m4s"), tfdt("m-5-4.m4s"));
  EXPECT_EQ(ask(span, "m-1-4.m4s")->body_text(), ask(span, "m-1-4.m4s")->body_text());
}

TEST_F(HlsOfAStore, no_more_than_so_many_players_are_served_and_the_next_one_is_told) {
  put(20);
  const auto live = ticket(node::MediaPurpose::player_live, clock_.wall().us);
  for (std::size_t i = 0; i < Hls::most_players; ++i) {
    peer_ = fmt::format("192.0.2.{}", i);
    ASSERT_TRUE(ask(live, "index.m3u8"));
  }
  EXPECT_EQ(hls_->players(), Hls::most_players);
  peer_ = "198.51.100.1";
  const auto refused = ask(live, "index.m3u8");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code.category, Category::unavailable);
  peer_ = "192.0.2.3";
  EXPECT_TRUE(ask(live, "index.m3u8")) << "who is there stays";
  clock_.advance_us(Hls::forgotten_us + 1);
  put(20);
  peer_ = "198.51.100.1";
  EXPECT_TRUE(ask(live, "index.m3u8")) << "the others went";
}

}  // namespace
}  // namespace vl::recorder
