// Footage fetched from a camera's own storage, in exports and in what a check says of them.
#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/evidence/verify.hpp>

#include "evidence_fixture.hpp"
#include "export_gaps.hpp"

namespace vl::evidence {
namespace {

using namespace testing;

bool has(const std::vector<ExportGap>& gaps, const ExportGap& gap) {
  return std::ranges::find(gaps, gap) != gaps.end();
}

/// Twelve seconds; 3 to 5 and 7 to 11 were missing. Of the second 8 to 10 came first, of the first
/// all came later.
struct WithFetched : ::testing::Test {
  WithFetched() {
    shelf.put_seconds(camera(1), start_us, 3);
    shelf.put_seconds(camera(1), start_us + 5 * second_us, 2);
    shelf.put_seconds(camera(1), start_us + 11 * second_us, 1);
    shelf.put_gap(camera(1), first);
    shelf.put_gap(camera(1), second);
    shelf.put_fetched(camera(1), start_us + 8 * second_us, 2, fetched_us);
    shelf.put_fetched(camera(1), start_us + 3 * second_us, 2, fetched_us + 60 * second_us);
    wanted.cameras.resize(1);
  }
  MadeExport made(ExportOptions options = {}) {
    options.folder = folder;
    auto out = write_export(wanted, shelf, clock, options);
    EXPECT_TRUE(out) << out.error().message;
    return out ? std::move(*out) : MadeExport{};
  }
  VerifyReport check() {
    const auto text = content_of(folder + "/manifest.json");
    EXPECT_TRUE(write_signature(folder, sign_export(sha256(text), {start_us}, centre_key())));
    auto report = verify_export(folder, {});
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : VerifyReport{};
  }
  static constexpr std::int64_t fetched_us = start_us + 100 * second_us;
  const recording::Gap first{start_us + 3 * second_us, start_us + 5 * second_us,
                             recording::GapCause::connection_reset, ""};
  const recording::Gap second{start_us + 7 * second_us, start_us + 11 * second_us,
                              recording::GapCause::camera_unreachable, ""};
  ManualClock clock;
  ScratchFolder scratch;
  Shelf shelf;
  ExportOrder wanted = order(12);
  std::string folder = scratch.path() + "/export";
  const recording::StreamKey fetched_key{camera(1).camera, recording::StreamKind::fetched};
};

TEST_F(WithFetched, IsInItAsAStreamOfItsOwnThatSaysWhenItCameAndOfWhichGap) {
  const auto& manifest = made().manifest;
  ASSERT_EQ(manifest.streams.size(), 2u);
  const auto& own = manifest.streams[0];
  const auto& fetched = manifest.streams[1];
  EXPECT_EQ(own.stream, "main");
  EXPECT_FALSE(own.fetched);
  EXPECT_EQ(fetched.stream, "fetched");
  EXPECT_EQ(fetched.camera_id, own.camera_id);
  ASSERT_EQ(fetched.fetched->size(), 2u);
  const auto& later = fetched.fetched->front();  // of the second gap, and the first that came
  EXPECT_EQ(later.start_us, start_us + 8 * second_us);
  EXPECT_EQ(later.end_us, start_us + 10 * second_us);
  EXPECT_EQ(later.fetched_us, fetched_us);
  EXPECT_EQ(later.gap, (ExportGap{second.start_us, *second.end_us, "camera_unreachable"}));
  EXPECT_EQ(fetched.fetched->back().gap->cause, "connection_reset");
  EXPECT_EQ(fetched.fetched->back().last_sequence, 8u);
  EXPECT_EQ(fetched.spans,
            (std::vector<ExportSpan>{{start_us + 3 * second_us, start_us + 5 * second_us},
                                     {start_us + 8 * second_us, start_us + 10 * second_us}}));
  EXPECT_EQ(fetched.videos.size(), 2u);
}

TEST_F(WithFetched, LeavesGapsOnlyWhereNothingIs) {
  const auto& manifest = made().manifest;
  EXPECT_EQ(manifest.streams[0].gaps,
            (std::vector<ExportGap>{
                {start_us + 7 * second_us, start_us + 8 * second_us, "camera_unreachable"},
                {start_us + 10 * second_us, start_us + 11 * second_us, "camera_unreachable"}}));
  EXPECT_TRUE(manifest.streams[1].gaps.empty());
}

TEST_F(WithFetched, IsFoundValidAndToldApart) {
  made();
  const auto report = check();
  EXPECT_EQ(report.verdict, Verdict::valid) << text_of(report, Language::english);
  EXPECT_TRUE(report.findings.empty()) << text_of(report, Language::english);
  EXPECT_TRUE(report.videos_made_again);
  EXPECT_EQ(report.fragments, 20u);
  EXPECT_EQ(report.fetched, 8u);
  EXPECT_NE(text_of(report, Language::english).find("not recorded live, fetched afterwards"),
            std::string::npos);
  EXPECT_NE(text_of(report, Language::vietnamese).find("lấy lại sau từ bộ nhớ"), std::string::npos);
  const auto json = json_of(report);
  EXPECT_NE(json.find("\"fragments_fetched\":8"), std::string::npos) << json;
  EXPECT_NE(json.find("\"cause\":\"connection_reset\""), std::string::npos) << json;
}

TEST_F(WithFetched, CannotBeSaidToHaveComeAtAnotherTime) {
  made();
  auto manifest = *read_manifest(as_text(content_of(folder + "/manifest.json")));
  manifest.streams[1].fetched->front().fetched_us -= 30 * second_us;
  const auto text = text_of(manifest);
  write_content(folder + "/manifest.json", {text.begin(), text.end()});
  const auto report = check();  // signed anew by who has the key
  EXPECT_EQ(report.verdict, Verdict::altered);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].kind, FindingKind::fragment_foreign);
}

TEST_F(WithFetched, CannotBePassedOffAsRecorded) {
  made();
  const auto manifest = *read_manifest(as_text(content_of(folder + "/manifest.json")));
  auto one = manifest;
  one.streams[1].stream = "main";
  EXPECT_FALSE(read_manifest(text_of(one)));
  one.streams[1].fetched.reset();
  one.streams[1].spans = spans_of(one.streams[1]);
  const auto text = text_of(one);
  ASSERT_TRUE(read_manifest(text));
  write_content(folder + "/manifest.json", {text.begin(), text.end()});
  EXPECT_EQ(check().verdict, Verdict::altered) << "each fragment has its kind under its hash";
}

TEST_F(WithFetched, AManifestThatDoesNotSayOfEachFragmentWhenceIsRefused) {
  made();
  const auto manifest = *read_manifest(as_text(content_of(folder + "/manifest.json")));
  const auto refused = [&](const std::function<void(ExportStream&)>& change) {
    auto one = manifest;
    change(one.streams[1]);
    return !read_manifest(text_of(one));
  };
  EXPECT_FALSE(refused([](ExportStream&) {}));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched.reset(); }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->clear(); }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->pop_back(); }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->push_back(s.fetched->back()); }));
  EXPECT_TRUE(refused([](ExportStream& s) { ++s.fetched->front().first_sequence; }));
  EXPECT_TRUE(refused([](ExportStream& s) { --s.fetched->front().last_sequence; }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->front().end_us += 1; }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->front().start_us -= 1; }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->front().fetched_us += 1; }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.fetched->front().gap->end_us = 1; }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.camera_id = camera(5).camera.value; }));
  EXPECT_TRUE(refused([](ExportStream& s) { s.gaps.push_back({1, 2, "disk_full"}); }));
}

TEST_F(WithFetched, DamagedIsAGapAgain) {
  shelf.stored(fetched_key, 1)[700] ^= 1;  // 8.5 to 9 s
  for (std::size_t i = 4; i < 8; ++i) shelf.stored(fetched_key, i)[700] ^= 1;
  const auto& manifest = made().manifest;
  EXPECT_EQ(manifest.streams[0].gaps.front(),
            (ExportGap{start_us + 3 * second_us, start_us + 3'500'000, "disk_failed"}));
  EXPECT_TRUE(has(manifest.streams[0].gaps,
                  ExportGap{start_us + 8'500'000, start_us + 9 * second_us, "disk_failed"}));
  ASSERT_EQ(manifest.streams[1].fetched->size(), 1u);
  EXPECT_EQ(manifest.tree.leaves, 12u + 3u);
  EXPECT_EQ(check().verdict, Verdict::valid);
  // And where nothing of it can be read there is no such stream.
  for (const std::size_t i : {0, 2, 3}) shelf.stored(fetched_key, i)[700] ^= 1;
  EXPECT_EQ(made().manifest.streams.size(), 1u);
  EXPECT_EQ(check().verdict, Verdict::valid);
}

TEST_F(WithFetched, GoesThroughAPartOfAnotherRecorder) {
  ExportOptions options;
  options.is_part = true;
  const auto part = made(options);
  const auto opened = PartFootage::open(folder, part.manifest_sha256);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto direct = scratch.path() + "/direct";
  const auto whole = write_export(wanted, shelf, clock, {.folder = direct});
  ASSERT_TRUE(whole);
  folder = scratch.path() + "/joined";
  auto of_part = wanted;
  of_part.cameras[0].source = opened->get();
  const auto joined_export = write_export(of_part, clock, {.folder = folder});
  ASSERT_TRUE(joined_export) << joined_export.error().message;
  EXPECT_EQ(joined_export->manifest_sha256, whole->manifest_sha256) << "nothing is lost on the way";
  EXPECT_EQ(check().verdict, Verdict::valid);
}

TEST_F(WithFetched, IsMaskedAsTheRestOfTheCamerasPictures) {
  wanted.cameras[0].masks = {{start_us, start_us + 12 * second_us, 100, 100, 200, 200}};
  ExportOptions options;
  options.mask = [](const MaskJob& job) -> Result<void> {
    write_content(job.to, {1, 2, 3});
    return {};
  };
  const auto& manifest = made(options).manifest;
  ASSERT_TRUE(manifest.streams[1].masked);
  EXPECT_EQ(manifest.streams[1].masked->size(), manifest.streams[1].videos.size());
  EXPECT_EQ(check().verdict, Verdict::valid);
}

TEST(ExportGaps, LessTakesOutOfTheMiddleAndLeavesNoSplinters) {
  const std::vector<ExportGap> gaps{{0, 10 * second_us, "a"}, {20 * second_us, 20'100'000, "b"}};
  EXPECT_EQ(less(gaps, {{2 * second_us, 3 * second_us}, {3'200'000, 9'900'000}}),
            (std::vector<ExportGap>{{0, 2 * second_us, "a"}, {20 * second_us, 20'100'000, "b"}}));
  EXPECT_EQ(joined({{5, 6}}, {{1, 2}, {10 * second_us, 11 * second_us}}),
            (std::vector<ExportSpan>{{1, 6}, {10 * second_us, 11 * second_us}}));
}

}  // namespace
}  // namespace vl::evidence
