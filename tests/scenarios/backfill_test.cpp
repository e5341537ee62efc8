// Gaps filled from cameras' own storage, over real sockets, also by a recorder that is killed.
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/evidence/export_writer.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/evidence/verify.hpp>

#include "simulated_cameras.hpp"

namespace vl::recorder {
namespace {

using recording::GapCause;
using recording::StreamKey;
using recording::StreamKind;
using sim::FaultKind;

constexpr auto child_folder = "VL_BACKFILL_FOLDER";

class BackfillScenario : public SimulatedCameras {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv(child_folder) == nullptr) start_cameras(3, 600);
  }
  static void TearDownTestSuite() {
    if (cameras_) SimulatedCameras::TearDownTestSuite();
  }
  void SetUp() override {
    if (std::getenv(child_folder) == nullptr) SimulatedCameras::SetUp();
  }
  void TearDown() override {
    if (std::getenv(child_folder) == nullptr) SimulatedCameras::TearDown();
  }
  void adjust(RecorderOptions& options) override {
    options.backfill.settle_us = 2 * second_us;
    options.backfill.first_wait_us = second_us;
    options.backfill.limits.bytes_a_second = pace;
  }
  std::uint64_t pace = 4'000'000;

  static StreamKey fetched_of(std::size_t camera) {
    return {main_of(camera).camera, StreamKind::fetched};
  }
  /// The longest gap of more than 2 s that has ended, as it was recorded.
  std::optional<recording::Gap> longest_gap(std::size_t camera) {
    std::optional<recording::Gap> out;
    for (const auto& gap : recorded_gaps(camera))
      if (gap.end_us && *gap.end_us - gap.start_us > 2 * second_us &&
          (!out || *gap.end_us - gap.start_us > *out->end_us - out->start_us))
        out = gap;
    return out;
  }
  bool is_filled(std::size_t camera) {
    const auto gaps = missing(camera);
    return longest_gap(camera) && std::ranges::none_of(gaps, [](const auto& gap) {
             return gap.end_us && *gap.end_us - gap.start_us >= second_us;
           });
  }
  void expect_in_export(const recording::Gap& gap);
  bool was_asked_in_vain() {
    http::Metrics metrics;
    recorder_->measure(metrics);
    const auto text = metrics.text();
    constexpr std::string_view name = "\nvonglau_recorder_backfill_failed ";
    const auto at = text.find(name);
    return at != std::string::npos && std::stod(text.substr(at + name.size())) > 0;
  }
  /// All of both, in order: nothing twice, and pictures at most `most_us` apart.
  void expect_one_after_the_other(std::size_t camera, std::int64_t from_us, std::int64_t to_us,
                                  std::int64_t most_us = second_us / 2) {
    auto& store = recorder_->store();
    auto all = *store.find(main_of(camera), from_us, to_us, 10'000);
    const auto fetched = *store.find(fetched_of(camera), from_us, to_us, 10'000);
    all.insert(all.end(), fetched.begin(), fetched.end());
    std::ranges::sort(all, {}, &recording::FragmentRef::start_us);
    ASSERT_FALSE(all.empty());
    std::int64_t last_us = 0;
    std::int64_t end_us = 0;
    auto before = StreamKind::main;
    for (const auto& ref : all) {
      const auto fragment = store.read(ref.id);
      ASSERT_TRUE(fragment) << fragment.error().message;
      // Where the live stream is cut by a timer, an end is a guess.
      const bool live = before == StreamKind::main && ref.id.stream.kind == StreamKind::main;
      EXPECT_GE(fragment->start_us, end_us - (live ? 100'000 : 0))
          << "camera " << camera << ": twice";
      end_us = fragment->end_us;
      before = ref.id.stream.kind;
      for (const auto& sample : fragment->samples) {
        if (sample.wall_us < fragment->start_us) continue;  // only for decoding
        EXPECT_GT(sample.wall_us, last_us);
        if (last_us != 0) EXPECT_LE(sample.wall_us - last_us, most_us) << "camera " << camera;
        last_us = sample.wall_us;
      }
    }
    const auto check = store.check(true);
    ASSERT_TRUE(check);
    EXPECT_EQ(check->problems, 0U);
  }
};

/// Over the gap, by the recorder's own store: signed, and checked as anybody would.
void BackfillScenario::expect_in_export(const recording::Gap& gap) {
  const auto key = SigningKey::from_seed(sha256(as_bytes("a centre")));
  evidence::ExportOrder order;
  order.export_id = id_of(0);
  order.made_by = "scenario";
  order.centre = {24, "Bắc Ninh", to_hex(key.public_key()), to_hex(sha256(key.public_key()))};
  order.request.from_us = gap.start_us - second_us;
  order.request.to_us = *gap.end_us + second_us / 2;
  order.journal.hash = to_hex(sha256(as_bytes("head")));
  order.cameras = {{id_of(0), "CAM-000", "Cổng chợ", "", nullptr, {}}};
  const auto folder = here_ + "/export";
  const auto made =
      evidence::write_export(order, recorder_->store(), clock_, {.folder = folder, .mask = {}});
  ASSERT_TRUE(made) << made.error().message;
  const auto& streams = made->manifest.streams;
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_TRUE(streams[0].gaps.empty()) << "nothing is missing";
  ASSERT_TRUE(streams[1].fetched);
  for (const auto& stretch : *streams[1].fetched) {
    ASSERT_TRUE(stretch.gap);
    EXPECT_EQ(stretch.gap->start_us, gap.start_us);
    EXPECT_EQ(stretch.gap->end_us, *gap.end_us);
    EXPECT_GT(stretch.fetched_us, *gap.end_us - second_us) << "when it had ended";
    EXPECT_LE(stretch.fetched_us, clock_.wall().us);
  }
  EXPECT_EQ(streams[1].fetched->front().start_us, gap.start_us);
  EXPECT_EQ(streams[1].fetched->back().end_us, *gap.end_us);
  EXPECT_FALSE(streams[1].videos.empty());
  ASSERT_TRUE(evidence::write_signature(
      folder, evidence::sign_export(made->manifest_sha256, clock_.wall(), key)));
  const auto report = evidence::verify_export(folder, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid)
      << text_of(*report, evidence::Language::english);
  EXPECT_TRUE(report->videos_made_again);
  EXPECT_GT(report->fetched, 8U);
  EXPECT_GT(report->fragments, report->fetched);
}

TEST_F(BackfillScenario, a_gap_is_filled_to_both_its_ends_plays_and_is_told) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 3 * second_us; }));
  inject(0, FaultKind::refuse);
  ASSERT_TRUE(eventually([&] { return told("camera.offline"); }));
  std::this_thread::sleep_for(5s);
  clear(0);
  ASSERT_TRUE(eventually([&] { return longest_gap(0).has_value(); }));
  ASSERT_TRUE(eventually([&] { return is_filled(0) && told("gap.filled"); }, 60s));
  const auto gap = *longest_gap(0);
  EXPECT_GT(*gap.end_us - gap.start_us, 5 * second_us);
  const auto fetched = recorder_->store().spans(fetched_of(0), 0, clock_.wall().us);
  ASSERT_TRUE(fetched);
  ASSERT_EQ(fetched->size(), 1U);
  EXPECT_EQ(fetched->front().start_us, gap.start_us) << "to the microsecond";
  EXPECT_EQ(fetched->front().end_us, *gap.end_us);
  expect_one_after_the_other(0, gap.start_us - 2 * second_us, *gap.end_us + second_us);
  ASSERT_TRUE(eventually([&] { return told("gap.filled"); }));
  EXPECT_TRUE(told("gap", "connection_reset") || told("gap", "camera_unreachable"))
      << "the gap itself stays told";

  http::HttpsClient client({.base_url = "http://" + base()});
  const auto spans =
      client.get(fmt::format("/media/spans?from_us={}&to_us={}&ticket={}", gap.start_us - second_us,
                             *gap.end_us + second_us, ticket(0, node::MediaPurpose::playback)));
  ASSERT_TRUE(spans);
  const auto text = std::string(spans->body);
  EXPECT_NE(text.find("\"fetched\":true"), std::string::npos) << text;
  EXPECT_NE(text.find("\"gaps\":[]"), std::string::npos) << text;

  expect_in_export(gap);

  auto playing = play(0, gap.start_us - second_us);
  ASSERT_TRUE(eventually([&] {
    const auto seen = playing.screen->positions();
    return !seen.empty() && seen.back() > *gap.end_us;
  }));
  playing.socket->close();
  const auto seen = playing.screen->positions();
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_TRUE(std::ranges::any_of(seen, [&](auto at) {
    return at > gap.start_us + second_us && at < *gap.end_us - second_us;
  }));
  EXPECT_FALSE(playing.screen->said("\"gap\""));
  EXPECT_GT(decoded(*playing.screen), 60);
}

TEST_F(BackfillScenario, what_the_camera_has_not_stays_a_gap_with_its_cause_and_both_ends) {
  assign(2);
  for (std::size_t i = 0; i < 2; ++i)
    ASSERT_TRUE(eventually([&] { return recorded_us(i) > 3 * second_us; }));
  inject(0, FaultKind::refuse);
  inject(1, FaultKind::power);
  std::this_thread::sleep_for(4s);
  inject(0, FaultKind::power);  // first the line, then the light goes out
  std::this_thread::sleep_for(3s);
  ASSERT_TRUE(cameras_->clear_fault("all"));
  for (std::size_t i = 0; i < 2; ++i)
    ASSERT_TRUE(eventually([&] { return longest_gap(i).has_value(); }));
  const auto gap = *longest_gap(0);
  const auto missing_us = [&](std::size_t camera, const recording::Gap& of) {
    std::int64_t sum = 0;
    for (const auto& one : missing(camera))
      if (one.end_us && one.start_us >= of.start_us && *one.end_us <= *of.end_us)
        sum += *one.end_us - one.start_us;
    return sum;
  };
  ASSERT_TRUE(eventually([&] { return told("gap.filled", id_of(0).text()); }, 60s));
  const auto left = missing(0);
  EXPECT_LT(missing_us(0, gap), *gap.end_us - gap.start_us - 3 * second_us);
  const auto rest = std::ranges::max(
      left, {}, [](const auto& one) { return one.end_us.value_or(one.start_us) - one.start_us; });
  EXPECT_EQ(rest.cause, gap.cause);
  EXPECT_GT(rest.start_us, gap.start_us + 3 * second_us);
  expect_one_after_the_other(0, gap.start_us - second_us, rest.start_us);
  // The other had no light all the time: what it has is at most what it filmed after that.
  EXPECT_GT(missing_us(1, *longest_gap(1)), 6 * second_us);
}

TEST_F(BackfillScenario, a_camera_without_storage_or_with_a_broken_card_keeps_its_gap) {
  assign(2);
  node::Assignment assignment;
  assignment.revision = 2;
  for (std::size_t i = 0; i < 2; ++i) assignment.cameras.push_back(assigned(i));
  assignment.cameras[1].replay_url.reset();
  recorder_->assign(assignment);
  for (std::size_t i = 0; i < 2; ++i)
    ASSERT_TRUE(eventually([&] { return recorded_us(i) > 3 * second_us; }));
  ASSERT_TRUE(cameras_->set_fault("all", {FaultKind::refuse}));
  std::this_thread::sleep_for(3s);
  ASSERT_TRUE(cameras_->clear_fault("all"));
  inject(0, FaultKind::no_storage);
  for (std::size_t i = 0; i < 2; ++i)
    ASSERT_TRUE(eventually([&] { return streams(i) && longest_gap(i); }));
  ASSERT_TRUE(eventually([&] { return was_asked_in_vain(); }));
  for (std::size_t i = 0; i < 2; ++i) {
    const auto gap = *longest_gap(i);
    EXPECT_GT(*gap.end_us - gap.start_us, 2 * second_us);
    EXPECT_EQ(missing(i), recorded_gaps(i));
  }
  // The card is put back: what it has is asked for again.
  clear(0);
  EXPECT_TRUE(eventually([&] { return is_filled(0); }, 60s));
  EXPECT_FALSE(is_filled(1));
}

TEST_F(BackfillScenario, a_clock_that_is_set_during_a_gap_fills_nothing_by_guess) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 3 * second_us; }));
  inject(0, FaultKind::refuse);
  std::this_thread::sleep_for(3s);
  inject(0, FaultKind::clock_jump, 1800);
  clear(0);
  ASSERT_TRUE(eventually([&] { return streams(0) && longest_gap(0); }));
  ASSERT_TRUE(eventually([&] { return was_asked_in_vain(); }));
  EXPECT_EQ(missing(0), recorded_gaps(0));
  inject(0, FaultKind::clock_jump, -1800);
}

TEST_F(BackfillScenario, what_a_stopped_recorder_missed_is_there_when_it_is_back) {
  assign(3);
  for (std::size_t i = 0; i < 3; ++i)
    ASSERT_TRUE(eventually([&] { return recorded_us(i) > 3 * second_us; }));
  stop();
  std::this_thread::sleep_for(4s);
  start();  // it knows its cameras from its own file
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        eventually([&] { return is_filled(i) && told("gap.filled", id_of(i).text()); }, 60s))
        << i;
    const auto gap = *longest_gap(i);
    EXPECT_EQ(gap.cause, GapCause::recorder_down);
    expect_one_after_the_other(i, gap.start_us - second_us, *gap.end_us + second_us);
  }
}

/// Run by the test below in a process of its own, until it is killed.
TEST_F(BackfillScenario, DISABLED_recorder_that_is_killed) {
  const auto* folder = std::getenv(child_folder);
  if (folder == nullptr) GTEST_SKIP() << "only as a child";
  fs::remove_all(here_);
  here_ = folder;
  pace = 250'000;  // about as fast as it was filmed
  RecorderFixture::SetUp();
  std::this_thread::sleep_for(120s);
}

TEST_F(BackfillScenario, a_recorder_killed_while_it_fetches_goes_on_without_doing_it_twice) {
  if (std::getenv("VONGLAU_LONG") == nullptr) GTEST_SKIP() << "VONGLAU_LONG=1 runs it";
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 3 * second_us; }));
  stop();
  std::this_thread::sleep_for(2s);  // a gap, however quickly the next one is up
  const auto replayed = [] { return cameras_->status()[0].pictures_replayed; };
  for (int round = 0; round < 3; ++round) {
    const auto before = replayed();
    const auto child = ::fork();
    if (child == 0) {
      ::setenv(child_folder, here_.c_str(), 1);
      ::execl("/proc/self/exe", "test_camera_faults",
              "--gtest_filter=BackfillScenario.DISABLED_recorder_that_is_killed",
              "--gtest_also_run_disabled_tests", nullptr);
      ::_exit(1);
    }
    ASSERT_GT(child, 0);
    // Gaps grow by each kill; it is in the midst of one when it is killed again.
    EXPECT_TRUE(eventually([&] { return replayed() > before + 20; })) << round;
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    std::this_thread::sleep_for(2s);
  }
  start();
  ASSERT_TRUE(eventually([&] { return is_filled(0); }, 60s));
  const auto gaps = recorded_gaps(0);
  ASSERT_GE(gaps.size(), 3U);
  const auto from_us = recorder_->store().spans(main_of(0), 0, clock_.wall().us)->front().start_us;
  ASSERT_TRUE(eventually([&] {
    return std::ranges::none_of(missing(0), [](const auto& gap) {
      return gap.end_us && *gap.end_us - gap.start_us >= second_us;
    });
  }));
  recorder_->drain();
  expect_one_after_the_other(0, from_us, *gaps.back().end_us + second_us, 3 * second_us / 2);
}

}  // namespace
}  // namespace vl::recorder
