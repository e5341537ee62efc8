// Every way in which a simulated camera misbehaves, against a recorder: bounded, and shown.
#include <cstdlib>
#include <fstream>
#include <set>

#include <unistd.h>

#include "simulated_cameras.hpp"

namespace vl::recorder {
namespace {

using recording::GapCause;
using sim::FaultKind;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VL_SANITIZED
#endif
#endif
#ifdef VL_SANITIZED
/// A sanitized build is several times slower, and its memory says little.
constexpr std::size_t many_cameras = 120;
constexpr bool measures_memory = false;
#else
constexpr std::size_t many_cameras = 500;
constexpr bool measures_memory = true;
#endif

std::int64_t resident_mib() {
  std::ifstream in("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) >> 20;
}

class CameraFaults : public SimulatedCameras {
 protected:
  static void SetUpTestSuite() { start_cameras(2, 0); }
  void SetUp() override {
    SimulatedCameras::SetUp();
    before_mib_ = resident_mib();
  }
  void TearDown() override {
    if (measures_memory) EXPECT_LT(resident_mib() - before_mib_, 200) << "MiB more than before";
    SimulatedCameras::TearDown();
  }
  void adjust(RecorderOptions& options) override {
    options.backfill.sessions = 0;
    options.worker.sync_interval_ms = 100;
  }
  void begin() {
    assign(1);
    ASSERT_TRUE(eventually([&] { return recorded_us(0) > 2 * second_us; }));
  }
  void expect_still_streams() {
    const auto until_us = recorder_->store().end_us(main_of(0)).value_or(0);
    EXPECT_TRUE(eventually([&] {
      return streams(0) &&
             recorder_->store().end_us(main_of(0)).value_or(0) > until_us + 2 * second_us;
    }));
  }
  bool has_gap(GapCause cause) {
    return std::ranges::any_of(recorded_gaps(0),
                               [&](const auto& gap) { return gap.cause == cause; });
  }
  /// What operators see of camera 0 in numbers.
  std::optional<node::CameraHealth> health() {
    collect();
    std::optional<node::CameraHealth> out;
    for (const auto& item : told_)
      if (item.kind == "camera.health")
        if (const auto body = json::read<node::CameraHealthItem>(item.body))
          for (const auto& camera : body->cameras)
            if (camera.camera_id == id_of(0)) out = camera;
    return out;
  }
  std::vector<media::Sample> pictures_since(std::int64_t from_us) {
    std::vector<media::Sample> out;
    auto& store = recorder_->store();
    const auto found = store.find(main_of(0), from_us, clock_.wall().us, 10'000);
    if (!found) return out;
    for (const auto& ref : *found)
      if (auto fragment = store.read(ref.id))
        for (auto& sample : fragment->samples) out.push_back(std::move(sample));
    return out;
  }
  std::int64_t before_mib_ = 0;
};

TEST_F(CameraFaults, fifty_megabits_a_second_are_recorded_and_told) {
  if (std::getenv("VONGLAU_LONG") == nullptr) GTEST_SKIP() << "VONGLAU_LONG=1 runs it";
  begin();
  const auto usual_kbps = [&] {
    const auto told = health();
    return told ? told->bit_rate_kbps : 0;
  };
  ASSERT_TRUE(eventually([&] { return usual_kbps() > 100; }));
  inject(0, FaultKind::high_bit_rate, 52'000.0 / static_cast<double>(usual_kbps()));
  EXPECT_TRUE(eventually([&] { return usual_kbps() > 40'000; })) << usual_kbps();
  inject(0, FaultKind::none);
  expect_still_streams();
}

TEST_F(CameraFaults, garbage_is_a_bad_stream_for_as_long_as_it_lasts) {
  begin();
  inject(0, FaultKind::garbage, 100'000);
  EXPECT_TRUE(eventually([&] { return has_gap(GapCause::bad_stream); }));
  expect_still_streams();
}

TEST_F(CameraFaults, a_clock_that_jumps_moves_no_footage_and_its_offset_is_told) {
  begin();
  inject(0, FaultKind::clock_jump, 7200);
  EXPECT_TRUE(eventually([&] {
    const auto told = health();
    return told && told->clock_offset_ms && *told->clock_offset_ms > 7'000'000;
  }));
  for (const auto& picture : pictures_since(0))
    EXPECT_LT(picture.wall_us, clock_.wall().us + second_us);
  EXPECT_EQ(recorder_->store().spans(main_of(0), 0, clock_.wall().us)->size(), 1U);
  inject(0, FaultKind::clock_jump, -7200);
}

TEST_F(CameraFaults, another_resolution_in_mid_stream_is_recorded_without_a_hole) {
  begin();
  const auto from_us = clock_.wall().us;
  inject(0, FaultKind::resolution);
  const auto widths = [&] {
    std::set<std::uint32_t> out;
    for (const auto& picture : pictures_since(from_us - 2 * second_us))
      out.insert(picture.format->width);
    return out;
  };
  EXPECT_TRUE(eventually([&] { return widths() == std::set<std::uint32_t>{640, 1280}; }));
  expect_still_streams();
  EXPECT_EQ(recorder_->store().spans(main_of(0), from_us - second_us, clock_.wall().us)->size(),
            1U);
}

TEST_F(CameraFaults, one_that_answers_401_for_ever_is_asked_seldom_and_told) {
  begin();
  inject(0, FaultKind::wrong_password);
  EXPECT_TRUE(eventually([&] { return told("camera.offline", "authentication_refused"); }));
  EXPECT_TRUE(eventually([&] { return has_gap(GapCause::authentication_refused); }));
  const auto before = now(0).main.attempts;
  std::this_thread::sleep_for(3s);
  // refused_wait_ms is 500 here.
  EXPECT_LE(now(0).main.attempts - before, 7U);
  EXPECT_EQ(now(0).main.cause, rtsp::StopCause::authentication_refused);
  clear(0);
  expect_still_streams();
}

TEST_F(CameraFaults, a_description_that_is_none_is_a_bad_stream) {
  begin();
  inject(0, FaultKind::bad_sdp);
  EXPECT_TRUE(eventually([&] { return told("camera.offline", "bad_stream"); }));
  EXPECT_EQ(now(0).main.cause, rtsp::StopCause::bad_stream);
  clear(0);
  expect_still_streams();
}

TEST_F(CameraFaults, pictures_that_nothing_tells_how_to_decode_are_a_bad_stream) {
  begin();
  inject(0, FaultKind::no_parameter_sets);
  // RTP comes, and nothing whole: noticed after some stalls' time.
  EXPECT_TRUE(eventually([&] { return told("camera.offline", "bad_stream"); }));
  clear(0);
  expect_still_streams();
}

TEST_F(CameraFaults, absurd_dimensions_are_refused_and_told) {
  begin();
  const auto from_us = clock_.wall().us;
  inject(0, FaultKind::absurd_size);
  EXPECT_TRUE(eventually([&] { return told("camera.offline", "bad_stream"); }));
  clear(0);
  expect_still_streams();
  for (const auto& picture : pictures_since(from_us)) EXPECT_LE(picture.format->width, 1280U);
}

TEST_F(CameraFaults, packets_out_of_order_are_put_in_order) {
  begin();
  const auto from_us = clock_.wall().us;
  inject(0, FaultKind::reorder, 0.3);
  std::this_thread::sleep_for(4s);
  clear(0);
  expect_still_streams();
  const auto counted = now(0).main.video;
  EXPECT_GT(counted.reordered, 50U);
  EXPECT_EQ(counted.lost, 0U);
  EXPECT_EQ(recorder_->store().spans(main_of(0), from_us - second_us, clock_.wall().us)->size(),
            1U);
}

TEST_F(CameraFaults, packets_that_come_twice_are_taken_once) {
  begin();
  const auto from_us = clock_.wall().us;
  inject(0, FaultKind::duplicate, 0.5);
  std::this_thread::sleep_for(4s);
  clear(0);
  expect_still_streams();
  const auto counted = now(0).main.video;
  EXPECT_GT(counted.duplicates, 50U);
  EXPECT_EQ(counted.lost, 0U);
  EXPECT_EQ(recorder_->store().spans(main_of(0), from_us - second_us, clock_.wall().us)->size(),
            1U);
}

TEST_F(CameraFaults, timestamps_that_wrap_go_on_as_if_they_did_not) {
  inject(0, FaultKind::timestamp_wrap, 6);
  begin();
  const auto from_us = clock_.wall().us;
  std::this_thread::sleep_for(6s);
  expect_still_streams();
  const auto pictures = pictures_since(from_us - second_us);
  ASSERT_GT(pictures.size(), 60U);
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    EXPECT_GT(pictures[i].pts, pictures[i - 1].pts);
    EXPECT_LT(pictures[i].pts - pictures[i - 1].pts, 90'000);
  }
  EXPECT_EQ(recorder_->store().spans(main_of(0), from_us - second_us, clock_.wall().us)->size(),
            1U);
  EXPECT_TRUE(std::ranges::any_of(pictures, [](const auto& one) {
    return one.pts > 0xffff'ffffLL;
  })) << "they did wrap";
}

TEST_F(CameraFaults, jumps_of_rtp_time_are_no_holes) {
  begin();
  const auto from_us = clock_.wall().us;
  inject(0, FaultKind::rtp_jump, 40'000);
  expect_still_streams();
  EXPECT_EQ(recorder_->store().spans(main_of(0), from_us - second_us, clock_.wall().us)->size(),
            1U);
}

TEST_F(CameraFaults, packets_that_are_lost_are_counted_and_their_time_is_a_gap) {
  begin();
  // So few that pictures come between them: of a stream without any whole ones nothing is kept.
  inject(0, FaultKind::skip, 0.003);
  EXPECT_TRUE(eventually([&] { return has_gap(GapCause::packets_lost); }));
  EXPECT_TRUE(eventually([&] {
    const auto told = health();
    return told && told->lost_ppm > 500;
  }));
  clear(0);
  expect_still_streams();
}

/// Small pictures: it is connections that count here.
class ManyCameras : public SimulatedCameras {
 protected:
  static void SetUpTestSuite() { start_cameras(many_cameras, 0); }
  void adjust(RecorderOptions& options) override {
    options.backfill.sessions = 0;
    options.connections.longest_wait_ms = 2'000;
    options.connections.stall_ms = 5'000;
  }
};

TEST_F(ManyCameras, that_all_fail_at_once_are_all_back_soon_and_none_is_forgotten) {
  node::Assignment assignment;
  assignment.revision = 1;
  for (std::size_t i = 0; i < many_cameras; ++i) {
    assignment.cameras.push_back(assigned(i));
    assignment.cameras.back().main_url = cameras_->sub_url(code_of(i));
  }
  recorder_->assign(assignment);
  const auto online = [&] {
    const auto all = recorder_->cameras();
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [](const auto& one) { return one.online && one.main.playing; }));
  };
  ASSERT_TRUE(eventually([&] { return online() == many_cameras; }, 120s)) << online();
  const auto before_mib = resident_mib();
  ASSERT_TRUE(cameras_->set_fault("all", {FaultKind::refuse}));
  ASSERT_TRUE(eventually([&] { return online() == 0; }, 60s)) << online();
  ASSERT_TRUE(cameras_->clear_fault("all"));
  const auto back_us = clock_.mono().us;
  EXPECT_TRUE(eventually([&] { return online() == many_cameras; }, 120s)) << online();
  const auto took_s = static_cast<double>(clock_.mono().us - back_us) / 1e6;
  const auto more_mib = resident_mib() - before_mib;
  RecordProperty("seconds", std::to_string(took_s));
  std::printf("%zu cameras back after %.1f s, %lld MiB more than before\n", many_cameras, took_s,
              static_cast<long long>(more_mib));
  if (measures_memory) EXPECT_LT(more_mib, 200);
  recorder_->drain();
  std::size_t told_gaps = 0;
  for (std::size_t i = 0; i < many_cameras; ++i)
    for (const auto& gap : recorded_gaps(i))
      told_gaps +=
          gap.cause == GapCause::connection_reset || gap.cause == GapCause::camera_unreachable;
  EXPECT_GE(told_gaps, many_cameras) << "each has a gap with its cause";
}

}  // namespace
}  // namespace vl::recorder
