// The recorder with simulated cameras that stream and fail.
#include <vonglau/sim/cameras.hpp>

#include "recorder_fixture.hpp"

namespace vl::recorder {
namespace {

using sim::FaultKind;

constexpr float loop_s = 4;

class RecorderScenario : public RecorderFixture {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = (fs::temp_directory_path() / "vl-recorder-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto config = sim::demonstration_cameras(3, 0, 7, "viewer", "s3cret pass");
    config.scenes = {{sim::Layout::straight_road, sim::Light::day, 5, loop_s}};
    for (auto& camera : config.cameras) camera.clip = 0;
    config.clip_folder = folder_ + "/clips";
    cameras_ = std::make_unique<sim::CameraSimulator>(config, clock_);
    const auto started = cameras_->start();
    ASSERT_TRUE(started) << started.error().message;
    for (int i = 0; i < 2400 && cameras_->whole_clips() < 1; ++i) std::this_thread::sleep_for(50ms);
    ASSERT_EQ(cameras_->whole_clips(), 1U);
  }
  static void TearDownTestSuite() {
    cameras_.reset();
    fs::remove_all(folder_);
  }

  void TearDown() override {
    RecorderFixture::TearDown();
    for (const auto& camera : cameras_->config().cameras)
      ASSERT_TRUE(cameras_->clear_fault(camera.code));
  }

  static std::string code_of(std::size_t camera) { return cameras_->config().cameras[camera].code; }
  node::CameraAssignment assigned(std::size_t camera, std::string password = "s3cret pass") const {
    return {id_of(camera),
            cameras_->main_url(code_of(camera)),
            cameras_->sub_url(code_of(camera)),
            "viewer",
            std::move(password),
            7};
  }
  void assign(std::size_t count) {
    node::Assignment assignment;
    assignment.revision = 1;
    for (std::size_t i = 0; i < count; ++i) assignment.cameras.push_back(assigned(i));
    recorder_->assign(assignment);
  }
  static inline std::string folder_;
  static inline std::unique_ptr<sim::CameraSimulator> cameras_;
};

TEST_F(RecorderScenario, assigned_cameras_are_told_online_and_recorded_without_a_hole) {
  assign(3);
  for (std::size_t i = 0; i < 3; ++i)
    ASSERT_TRUE(eventually([&] { return recorded_us(i) > 4'000'000; })) << i;
  EXPECT_TRUE(eventually([&] { return told("camera.online"); }));
  recorder_->drain();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto spans = recorder_->store().spans(main_of(i), 0, clock_.wall().us);
    ASSERT_TRUE(spans);
    EXPECT_EQ(spans->size(), 1U);
    const auto fragments = recorder_->store().find(main_of(i), 0, clock_.wall().us, 10'000).value();
    for (const auto& fragment : fragments)
      EXPECT_LE(fragment.end_us - fragment.start_us, 1'001'000);
  }
  const auto check = recorder_->store().check(true);
  ASSERT_TRUE(check);
  EXPECT_EQ(check->problems, 0U);
  EXPECT_GT(check->fragments, 12U);
  EXPECT_FALSE(told("camera.offline"));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto span = recorder_->store().spans(main_of(i), 0, clock_.wall().us)->front();
    const auto gaps = recorder_->store().gaps(main_of(i), span.start_us + 1, span.end_us - 1);
    EXPECT_TRUE(gaps && gaps->empty());
  }
}

TEST_F(RecorderScenario, a_viewer_gets_a_picture_that_others_decode_and_a_late_one_at_once) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return !recorder_->cameras().empty(); }));
  auto first = live(0);
  ASSERT_TRUE(eventually([&] { return first.screen->messages() > 30; }));
  auto late = live(0);
  ASSERT_TRUE(eventually([&] { return late.screen->messages() > 10; }));
  first.socket->close();
  late.socket->close();
  EXPECT_TRUE(first.screen->said("video/mp4; codecs=\\\"avc1."));
  // One message is the init segment, the others hold a picture each.
  EXPECT_GE(decoded(*first.screen), 29);
  EXPECT_EQ(decoded(*first.screen), static_cast<int>(first.screen->messages()) - 1);
  EXPECT_EQ(decoded(*late.screen), static_cast<int>(late.screen->messages()) - 1);
}

TEST_F(RecorderScenario, nothing_is_shown_without_a_ticket_for_just_that) {
  assign(2);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 1'000'000; }));
  using enum node::MediaPurpose;
  const auto refused = [&](const std::string& target) {
    const auto opened = watch(target);
    return !opened && opened.error().code == http::code_of(http::HttpError::refused);
  };
  EXPECT_TRUE(refused("/media/live"));
  EXPECT_TRUE(refused("/media/live?ticket=" + ticket(0, playback)));
  EXPECT_TRUE(refused("/media/live?ticket=" + ticket(0, node::MediaPurpose::live, {}, {27})));
  EXPECT_TRUE(
      refused("/media/live?ticket=" + ticket(0, node::MediaPurpose::live, {}, province, -1)));
  EXPECT_TRUE(refused("/media/live?ticket=" + ticket(9, node::MediaPurpose::live)));
  auto forged = ticket(0, node::MediaPurpose::live);
  forged[10] = forged[10] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(refused("/media/live?ticket=" + forged));
  EXPECT_TRUE(refused("/media/play?start_us=1&ticket=" + ticket(0, node::MediaPurpose::live)));
  EXPECT_TRUE(refused("/media/play?ticket=" + ticket(0, playback)));
  http::HttpsClient client({.base_url = "http://" + base()});
  EXPECT_EQ(client.get("/media/spans?from_us=1&to_us=2")->status, 403);
  EXPECT_EQ(client.get("/media/spans?from_us=2&to_us=1&ticket=" + ticket(0, playback))->status,
            400);
}

TEST_F(RecorderScenario, footage_plays_back_from_any_moment_in_order_and_decodes) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 9'000'000; }));
  const auto spans = *recorder_->store().spans(main_of(0), 0, clock_.wall().us);
  const auto begin_us = spans.front().start_us;
  auto from_start = play(0, begin_us);
  ASSERT_TRUE(eventually([&] { return from_start.screen->positions().size() > 8; }));
  const auto positions = from_start.screen->positions();
  EXPECT_LE(std::abs(positions.front() - begin_us), 2'000);
  EXPECT_TRUE(std::ranges::is_sorted(positions));
  const auto at_us = begin_us + 5'000'000;
  from_start.socket->peer().send_text(fmt::format(R"({{"seek_us":{}}})", at_us));
  ASSERT_TRUE(eventually([&] {
    const auto now = from_start.screen->positions();
    return now.size() > positions.size() && now.back() >= at_us;
  }));
  from_start.socket->close();
  EXPECT_TRUE(from_start.screen->said(fmt::format(R"({{"sought_us":{}}})", at_us)))
      << "what comes after it is of the new place";
  EXPECT_GT(decoded(*from_start.screen), 50);
  // In the middle: it begins at the key picture before, two seconds at most.
  auto middle = play(0, at_us);
  ASSERT_TRUE(eventually([&] { return !middle.screen->positions().empty(); }));
  EXPECT_LE(middle.screen->positions().front(), at_us + 1'000) << "known to the millisecond";
  EXPECT_GT(middle.screen->positions().front(), at_us - 2'500'000);
}

TEST_F(RecorderScenario, playback_is_sent_a_little_ahead_and_shows_nothing_before_its_ticket) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 12'000'000; }, 60s));
  const auto begin_us = recorder_->store().spans(main_of(0), 0, clock_.wall().us)->front().start_us;
  const auto oldest_us = begin_us + 4'000'000;
  auto watching = *watch(fmt::format("/media/play?start_us={}&ticket={}", begin_us,
                                     ticket(0, node::MediaPurpose::playback, oldest_us)));
  watching.socket->peer().send_text(R"({"pause":true})");
  ASSERT_TRUE(eventually([&] { return watching.screen->positions().size() > 3; }));
  std::this_thread::sleep_for(1500ms);
  const auto positions = watching.screen->positions();
  EXPECT_GT(positions.front(), oldest_us - 2'500'000) << "no further back than a group of pictures";
  EXPECT_LT(positions.back() - positions.front(), 6'500'000)
      << "paused: four seconds ahead, no more";
  http::HttpsClient client({.base_url = "http://" + base()});
  const auto answer = client.get(fmt::format("/media/spans?from_us=0&to_us={}&ticket={}", 1'000'000,
                                             ticket(0, node::MediaPurpose::playback, oldest_us)));
  EXPECT_EQ(answer->body_text(), R"({"spans":[],"gaps":[]})");
  const auto rates = [&](const std::string& parts) {
    return client.get(fmt::format("/media/spans?from_us={}&to_us={}&parts={}&ticket={}",
                                  begin_us - 9'000'000, oldest_us + 1'000'000, parts,
                                  ticket(0, node::MediaPurpose::playback, oldest_us)));
  };
  const std::string of_parts(rates("2")->body_text());
  EXPECT_NE(of_parts.find(fmt::format(R"("rates_from_us":{},"bytes_per_s":[)", oldest_us)),
            std::string::npos)
      << of_parts;
  EXPECT_EQ(of_parts.find("[0,"), std::string::npos) << of_parts;
  EXPECT_EQ(rates("0")->status, 400);
  EXPECT_EQ(rates("1001")->status, 400);
}

TEST_F(RecorderScenario, from_four_times_the_speed_on_only_key_pictures_come_each_with_its_moment) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 12'000'000; }, 60s));
  const auto begin_us = recorder_->store().spans(main_of(0), 0, clock_.wall().us)->front().start_us;
  auto viewer = play(0, begin_us);
  viewer.socket->peer().send_text(fmt::format(R"({{"speed":16,"seek_us":{}}})", begin_us));
  ASSERT_TRUE(eventually([&] { return viewer.screen->positions().size() > 14; }));
  viewer.socket->close();
  std::vector<std::int64_t> keys;
  for (const auto& ref : *recorder_->store().find(main_of(0), 0, clock_.wall().us, 10'000))
    for (const auto& sample : recorder_->store().read(ref.id)->samples)
      if (sample.is_key && sample.track == 0) keys.push_back(sample.wall_us);
  const auto positions = viewer.screen->positions();
  // What came before the first message counted is at normal speed; the last four are not.
  for (auto at = positions.end() - 4; at != positions.end(); ++at)
    EXPECT_TRUE(std::ranges::count(keys, *at) == 1) << *at - begin_us;
  EXPECT_GT(decoded(*viewer.screen), 4);
}

TEST_F(RecorderScenario, the_key_picture_before_a_moment_is_given_alone_and_decodes) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 5'000'000; }));
  const auto begin_us = recorder_->store().spans(main_of(0), 0, clock_.wall().us)->front().start_us;
  http::HttpsClient client({.base_url = "http://" + base()});
  const auto ask = [&](std::int64_t at_us, std::optional<std::int64_t> oldest_us = {}) {
    return *client.get(fmt::format("/media/picture?at_us={}&ticket={}", at_us,
                                   ticket(0, node::MediaPurpose::playback, oldest_us)));
  };
  const auto at_us = begin_us + 3'700'000;
  const auto answer = ask(at_us);
  ASSERT_EQ(answer.status, 200) << answer.body_text();
  EXPECT_EQ(answer.headers.get("Access-Control-Expose-Headers"), "X-Picture-Us");
  const auto taken_us = std::stoll(std::string(answer.headers.get("X-Picture-Us")));
  EXPECT_LE(taken_us, at_us);
  EXPECT_GT(taken_us, at_us - 2'500'000);
  const auto text = answer.body_text();
  Screen one;
  one.on_binary(as_bytes(text));
  EXPECT_EQ(decoded(one), 1);
  EXPECT_EQ(ask(begin_us - 5'000'000).status, 404) << "nothing is recorded then";
  EXPECT_EQ(ask(at_us, at_us + 1).status, 404) << "the ticket begins later";
  EXPECT_EQ(client.get("/media/picture?at_us=1")->status, 403);
  EXPECT_EQ(client.get("/media/picture?ticket=" + ticket(0, node::MediaPurpose::playback))->status,
            400);
}

TEST_F(RecorderScenario, a_tile_of_a_camera_whose_sub_stream_fails_gets_key_pictures) {
  stop();
  sub_patience_us_ = 1'000'000;
  start();
  node::Assignment assignment;
  assignment.revision = 1;
  assignment.cameras.push_back(assigned(0));
  const auto good_url = *assignment.cameras[0].sub_url;
  assignment.cameras[0].sub_url = "rtsp://127.0.0.1:1/nothing";
  recorder_->assign(assignment);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 1'000'000; }));
  auto first = live(0, "sub&quality=tile");
  // Sent away, it comes back as a browser does.
  ASSERT_TRUE(eventually([&] { return first.screen->closed_.load(); }));
  auto second = live(0, "sub&quality=tile");
  ASSERT_TRUE(eventually([&] { return second.screen->messages() >= 3; }));
  const int seconds = decoded(*second.screen);
  EXPECT_GE(seconds, 2);
  // With its address corrected, the sub stream is what tiles get.
  assignment.revision = 2;
  assignment.cameras[0].sub_url = good_url;
  recorder_->assign(assignment);
  ASSERT_TRUE(eventually([&] {
    auto third = live(0, "sub&quality=tile");
    return eventually([&] { return third.screen->messages() > 20; }, 2s);
  }));
}

TEST_F(RecorderScenario, a_tile_gets_the_sub_stream_or_only_key_pictures_of_a_camera_without_one) {
  node::Assignment assignment;
  assignment.cameras = {assigned(0), assigned(1)};
  assignment.cameras[1].sub_url.reset();
  recorder_->assign(assignment);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 500'000 && recorded_us(1) > 500'000; }));
  const auto tile = [&](std::size_t camera) { return live(camera, "main&quality=tile"); };
  auto with_sub = tile(0);
  auto without = tile(1);
  auto large = live(1);
  ASSERT_TRUE(eventually([&] { return without.screen->messages() > 4; }));
  EXPECT_EQ(cameras_->status()[0].playing, 2U) << "main for the recording, sub for the tile";
  EXPECT_GT(large.screen->messages(), 4 * without.screen->messages());
  EXPECT_LT(without.screen->stream().size(), large.screen->stream().size());
  EXPECT_TRUE(eventually([&] { return with_sub.screen->messages() > 8; }));
  without.socket->close();
  EXPECT_EQ(decoded(*without.screen), static_cast<int>(without.screen->messages()) - 1);
  EXPECT_FALSE(watch("/media/live?quality=best&ticket=" + ticket(0, node::MediaPurpose::live)));
}

TEST_F(RecorderScenario, a_viewer_that_cannot_keep_up_asks_for_key_pictures_and_later_for_all) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 500'000; }));
  auto viewer = live(0);
  auto other = live(0);
  ASSERT_TRUE(eventually([&] { return viewer.screen->messages() > 10; }));
  viewer.socket->peer().send_text(R"({"keys_only": true})");
  // One second is one key picture here: of ten and more others none came.
  const auto other_since = [&](std::size_t from) { return other.screen->messages() - from; };
  ASSERT_TRUE(eventually([&] {
    const auto mine = viewer.screen->messages();
    const auto others = other.screen->messages();
    return eventually([&] { return other_since(others) > 30; }) &&
           viewer.screen->messages() - mine <= 5;
  }));
  viewer.socket->peer().send_text(R"({"keys_only": false})");
  const auto before = viewer.screen->messages();
  ASSERT_TRUE(eventually([&] { return viewer.screen->messages() > before + 20; }));
  viewer.socket->close();
  // Two init segments; where key pictures end and all begin, two may have the same time.
  EXPECT_GE(decoded(*viewer.screen), static_cast<int>(viewer.screen->messages()) - 3);
  auto rude = live(0);
  rude.socket->peer().send_text("faster!");
  EXPECT_TRUE(eventually([&] { return rude.screen->closed_.load(); }));
}

struct Failure {
  FaultKind fault;
  const char* cause;
};

TEST_F(RecorderScenario, a_camera_that_stops_is_told_with_its_cause_and_its_gap_when_it_is_back) {
  assign(3);
  for (std::size_t i = 0; i < 3; ++i)
    ASSERT_TRUE(eventually([&] { return recorded_us(i) > 1'000'000; })) << i;
  collect();
  told_.clear();
  const std::array failures = {Failure{FaultKind::stall, "stream_stalled"},
                               Failure{FaultKind::refuse, "connection_reset"},
                               Failure{FaultKind::wrong_password, "authentication_refused"}};
  auto viewer = live(0);
  for (std::size_t i = 0; i < 3; ++i)
    ASSERT_TRUE(cameras_->set_fault(code_of(i), {failures[i].fault, 0, 0}));
  for (const auto& failure : failures)
    EXPECT_TRUE(eventually([&] { return told("camera.offline", failure.cause); }, 20s))
        << failure.cause;
  EXPECT_TRUE(eventually([&] { return viewer.screen->said("stream_stalled"); }));
  told_.clear();
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(cameras_->clear_fault(code_of(i)));
  EXPECT_TRUE(eventually([&] {
    int gaps = 0;
    int back = 0;
    collect();
    for (const auto& item : told_) gaps += item.kind == "gap", back += item.kind == "camera.online";
    return gaps >= 3 && back >= 3;
  }));
  for (std::size_t i = 0; i < 3; ++i) {
    Result<std::vector<recording::Gap>> gaps;
    // It ends when the first fragment behind it is written.
    ASSERT_TRUE(eventually([&] {
      gaps = recorder_->store().gaps(main_of(i), 0, clock_.wall().us);
      return gaps && !gaps->empty() && gaps->back().end_us;
    }));
    EXPECT_NE(gaps->back().cause, recording::GapCause::unexplained);
  }
}

TEST_F(RecorderScenario, a_camera_back_within_moments_was_never_away) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 1'000'000; }));
  const auto before_us = recorded_us(0);
  ASSERT_TRUE(cameras_->set_fault(code_of(0), {FaultKind::reset, 0, 0}));
  ASSERT_TRUE(eventually([&] {
    const auto gaps = recorder_->store().gaps(main_of(0), 0, clock_.wall().us);
    return gaps && !gaps->empty() && gaps->back().end_us;
  }));
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > before_us + 3'000'000; }));
  EXPECT_FALSE(told("camera.offline"));
}

TEST_F(RecorderScenario, a_sub_stream_is_taken_while_somebody_watches_it) {
  assign(1);
  const auto connections = [&] { return cameras_->status()[0].playing; };
  ASSERT_TRUE(eventually([&] { return connections() == 1; }));
  auto viewer = live(0, "sub");
  ASSERT_TRUE(eventually([&] { return viewer.screen->messages() > 3; }));
  EXPECT_EQ(connections(), 2U);
  viewer.socket->close();
  viewer.socket.reset();
  EXPECT_TRUE(eventually([&] { return connections() == 1; }));
}

TEST_F(RecorderScenario,
       a_recorder_started_again_goes_on_without_the_core_and_owns_up_to_the_hole) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 1'500'000; }));
  stop();
  std::this_thread::sleep_for(2500ms);
  start();
  ASSERT_TRUE(eventually([&] {
    const auto spans = recorder_->store().spans(main_of(0), 0, clock_.wall().us);
    return spans && spans->size() == 2;
  }));
  EXPECT_TRUE(eventually([&] { return told("gap", "recorder_down"); }));
  const auto gaps = recorder_->store().gaps(main_of(0), 0, clock_.wall().us);
  ASSERT_TRUE(gaps);
  ASSERT_FALSE(gaps->empty());
  EXPECT_EQ(gaps->back().cause, recording::GapCause::recorder_down);
  EXPECT_GT(*gaps->back().end_us - gaps->back().start_us, 2'000'000);
}

TEST_F(RecorderScenario, a_camera_taken_away_is_left_and_one_with_a_new_password_taken_anew) {
  node::Assignment assignment;
  assignment.cameras = {assigned(0), assigned(1, "not it")};
  recorder_->assign(assignment);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 1'000'000; }));
  ASSERT_TRUE(eventually([&] { return told("camera.offline", "authentication_refused"); }));
  assignment.cameras = {assigned(1)};
  recorder_->assign(assignment);
  ASSERT_TRUE(eventually([&] { return recorded_us(1) > 1'000'000; }));
  EXPECT_TRUE(eventually([&] { return cameras_->status()[0].connections == 0; }));
  EXPECT_EQ(recorder_->cameras().size(), 1U);
  const auto kept = fs::status(here_ + "/assignment.json").permissions();
  EXPECT_EQ(kept, fs::perms::owner_read | fs::perms::owner_write) << "it holds passwords";
}

}  // namespace
}  // namespace vl::recorder
