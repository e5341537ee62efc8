// Every kind of byte of an export is altered, taken away or added, and the check must say which.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <vonglau/base/json.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/evidence/verify.hpp>
#include <vonglau/evidence/verify_command.hpp>

#include "evidence_fixture.hpp"

namespace vl::evidence {
namespace {

using namespace testing;

/// A signed export of two cameras: ten seconds of one, of the other two pieces around a gap.
class Exported : public ::testing::TestWithParam<recording::BodyHash> {
 protected:
  Exported() : shelf_(GetParam()) {
    shelf_.put_seconds(camera(1), start_us, 10);
    shelf_.put_seconds(camera(2), start_us, 3);
    shelf_.put_gap(camera(2), {start_us + 3 * second_us, start_us + 6 * second_us,
                               recording::GapCause::stream_stalled, ""});
    shelf_.put_seconds(camera(2), start_us + 6 * second_us, 4);
    folder_ = scratch_.path() + "/export";
    ExportOptions options{.folder = folder_};
    options.file_bytes = 40'000;  // several files
    auto made = write_export(order(10), shelf_, clock_, options);
    EXPECT_TRUE(made) << made.error().message;
    if (made) made_ = std::move(*made);
    sign(centre_key());
  }
  void sign(const SigningKey& key) {
    const auto text = content_of(folder_ + "/manifest.json");
    EXPECT_TRUE(write_signature(folder_, sign_export(sha256(text), {start_us}, key)));
  }
  VerifyReport check(VerifyOptions options = {}) const {
    if (!options.key) options.key = centre_key().public_key();
    auto report = verify_export(folder_, options);
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : VerifyReport{};
  }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  const ExportStream& stream(std::size_t i) const { return made_.manifest.streams[i]; }
  /// Flips a bit of the byte at `at`, counted from the end when negative.
  void flip(const std::string& name, std::ptrdiff_t at) const {
    auto bytes = content_of(file(name));
    const auto place = at < 0 ? static_cast<std::ptrdiff_t>(bytes.size()) + at : at;
    ASSERT_LT(static_cast<std::size_t>(place), bytes.size()) << name;
    bytes[static_cast<std::size_t>(place)] ^= 4;
    write_content(file(name), bytes);
  }
  /// Whoever changes the manifest and has a key of their own signs it again.
  void forge(const std::function<void(Manifest&)>& change, const SigningKey& key) {
    auto manifest = read_manifest(as_text(content_of(file("manifest.json"))));
    ASSERT_TRUE(manifest);
    change(*manifest);
    const auto text = text_of(*manifest);
    write_content(file("manifest.json"), Bytes(text.begin(), text.end()));
    sign(key);
  }

  ManualClock clock_;
  ScratchFolder scratch_;
  Shelf shelf_;
  std::string folder_;
  MadeExport made_;
};

bool has(const VerifyReport& report, FindingKind kind, const std::string& path) {
  return std::ranges::any_of(report.findings, [&](const auto& finding) {
    return finding.kind == kind && finding.path == path;
  });
}

std::string said(const VerifyReport& report) {
  return text_of(report, Language::english);
}

TEST_P(Exported, IsValidAsItWasMade) {
  const auto report = check();
  EXPECT_EQ(report.verdict, Verdict::valid) << said(report);
  EXPECT_TRUE(report.findings.empty()) << said(report);
  EXPECT_TRUE(report.videos_made_again);
  EXPECT_TRUE(report.key_was_given);
  EXPECT_EQ(report.fragments, 34u);
  EXPECT_EQ(report.timestamp, TimestampState::none);
  EXPECT_NE(said(report).find("no timestamp"), std::string::npos);
  EXPECT_NE(text_of(report, Language::vietnamese).find("HỢP LỆ"), std::string::npos);
}

TEST_P(Exported, HoldsTheFragmentsAsTheyWereStored) {
  for (const auto& exported : made_.manifest.streams) {
    const recording::StreamKey key{recording::CameraId{exported.camera_id}};
    for (const auto& part : exported.footage) {
      const auto bytes = content_of(file(part.path));
      std::size_t at = 0;
      for (const auto& fragment : part.fragments) {
        const auto stored = shelf_.read_stored({key, fragment.sequence});
        ASSERT_TRUE(stored);
        EXPECT_TRUE(std::equal(stored->begin(), stored->end(),
                               bytes.begin() + static_cast<std::ptrdiff_t>(at)));
        at += fragment.bytes;
      }
      EXPECT_EQ(at, bytes.size());
    }
  }
}

TEST_P(Exported, TellsItsSpansItsGapsWithCausesAndItsPlaceInTheChain) {
  ASSERT_EQ(stream(0).spans.size(), 1u);
  EXPECT_EQ(stream(0).spans[0], (ExportSpan{start_us, start_us + 10 * second_us}));
  ASSERT_EQ(stream(1).spans.size(), 2u);
  ASSERT_EQ(stream(1).gaps.size(), 1u);
  EXPECT_EQ(stream(1).gaps[0].cause, "stream_stalled");
  EXPECT_EQ(stream(1).gaps[0].start_us, start_us + 3 * second_us);
  EXPECT_EQ(stream(1).chain.first_sequence, 1u);
  EXPECT_EQ(stream(1).chain.last_sequence, 14u);
  ASSERT_EQ(stream(0).videos.size(), 1u);
  ASSERT_EQ(stream(1).videos.size(), 2u) << "a gap begins a new video";
  EXPECT_TRUE(stream(0).left_out_of_videos.empty());
  EXPECT_EQ(made_.manifest.request.case_number, "VA-2026/117");
}

TEST_P(Exported, AnAlteredByteOfAFragmentNamesTheFragment) {
  const auto& part = stream(0).footage[1];
  const auto& third = part.fragments[2];
  const auto at = static_cast<std::ptrdiff_t>(part.fragments[0].bytes + part.fragments[1].bytes);
  // A byte of the magic, the camera, the sequence, the hash, the chain, a table, a sample.
  for (const std::ptrdiff_t within : {0, 10, 33, 90, 120, 150, 200, 1200}) {
    SCOPED_TRACE(within);
    flip(part.path, at + within);
    const auto report = check();
    EXPECT_EQ(report.verdict, Verdict::altered);
    ASSERT_FALSE(report.findings.empty());
    EXPECT_EQ(report.findings[0].kind, FindingKind::fragment_altered);
    EXPECT_EQ(report.findings[0].path, part.path);
    EXPECT_EQ(report.findings[0].camera, "CAM-001");
    EXPECT_EQ(report.findings[0].sequence, third.sequence);
    EXPECT_EQ(report.findings[0].start_us, third.start_us);
    EXPECT_EQ(report.fragments, 33u) << "the others are still found whole";
    flip(part.path, at + within);
  }
  EXPECT_EQ(check().verdict, Verdict::valid);
}

TEST_P(Exported, EveryByteOfTheManifestCounts) {
  const auto size = content_of(file("manifest.json")).size();
  for (std::size_t at = 0; at < size; at += 97) {
    flip("manifest.json", static_cast<std::ptrdiff_t>(at));
    const auto report = check();
    EXPECT_EQ(report.verdict, Verdict::altered) << at;
    EXPECT_TRUE(has(report, FindingKind::manifest_altered, "manifest.json")) << said(report);
    flip("manifest.json", static_cast<std::ptrdiff_t>(at));
  }
}

TEST_P(Exported, EveryByteOfTheSignatureCounts) {
  const auto size = content_of(file("signature.json")).size();
  for (std::size_t at = 0; at < size; at += 7) {
    flip("signature.json", static_cast<std::ptrdiff_t>(at));
    const auto report = check();
    EXPECT_EQ(report.verdict, Verdict::altered) << at << said(report);
    EXPECT_TRUE(has(report, FindingKind::signature_altered, "signature.json")) << at;
    flip("signature.json", static_cast<std::ptrdiff_t>(at));
  }
}

TEST_P(Exported, AnAlteredVideoProofOrPageIsNamed) {
  const auto video = stream(1).videos[1].path;
  for (const std::ptrdiff_t at : {40, 400, -5}) {
    flip(video, at);
    auto report = check();
    EXPECT_EQ(report.verdict, Verdict::altered);
    EXPECT_TRUE(has(report, FindingKind::file_altered, video)) << said(report);
    flip(video, at);
  }
  flip("proofs.bin", 100);
  auto report = check();
  EXPECT_EQ(report.verdict, Verdict::altered);
  EXPECT_TRUE(has(report, FindingKind::proof_altered, "proofs.bin")) << said(report);
  flip("proofs.bin", 100);
  flip("index.html", 500);
  report = check();
  EXPECT_EQ(report.verdict, Verdict::altered);
  EXPECT_TRUE(has(report, FindingKind::file_altered, "index.html")) << said(report);
}

TEST_P(Exported, WhatIsMissingIsNamed) {
  const auto& part = stream(0).footage[1];
  fs::rename(file(part.path), file("away"));
  auto report = check();
  EXPECT_EQ(report.verdict, Verdict::incomplete) << said(report);
  ASSERT_TRUE(has(report, FindingKind::file_missing, part.path));
  EXPECT_EQ(report.findings[0].start_us, part.fragments.front().start_us);
  fs::rename(file("away"), file(part.path));

  fs::resize_file(file(part.path), part.bytes - part.fragments.back().bytes - 1);
  report = check();
  EXPECT_EQ(report.verdict, Verdict::incomplete) << said(report);
  ASSERT_TRUE(has(report, FindingKind::fragments_missing, part.path));
  EXPECT_EQ(report.findings[0].sequence, part.fragments[part.fragments.size() - 2].sequence);

  for (const auto& name :
       {stream(0).videos[0].path, std::string("proofs.bin"), std::string("index.html")}) {
    fs::rename(file(name), scratch_.path() + "/kept");
    report = check();
    EXPECT_EQ(report.verdict, Verdict::incomplete) << name;
    EXPECT_TRUE(has(report, FindingKind::file_missing, name)) << said(report);
    fs::rename(scratch_.path() + "/kept", file(name));
  }
  fs::remove(file("manifest.json"));
  report = check();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_TRUE(has(report, FindingKind::file_missing, "manifest.json"));
}

TEST_P(Exported, WithoutSignatureOrWithAnothersItIsUnsigned) {
  sign(SigningKey::from_seed(sha256(as_bytes("somebody"))));
  auto report = check();
  EXPECT_EQ(report.verdict, Verdict::not_signed) << said(report);
  EXPECT_TRUE(has(report, FindingKind::signed_by_another, "signature.json"));
  fs::remove(file("signature.json"));
  report = check();
  EXPECT_EQ(report.verdict, Verdict::not_signed);
  EXPECT_TRUE(has(report, FindingKind::signature_missing, "signature.json"));
}

TEST_P(Exported, WithoutAKeyToCompareItSaysThatItDidNot) {
  auto report = verify_export(folder_, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict, Verdict::valid);
  EXPECT_FALSE(report->key_was_given);
  EXPECT_NE(said(*report).find("The key was not compared"), std::string::npos);
}

TEST_P(Exported, WhoeverSignsAnewStillCannotHaveOtherFootage) {
  const auto thief = SigningKey::from_seed(sha256(as_bytes("somebody")));
  const auto theirs = [&](Manifest& manifest) {
    manifest.centre.key = to_hex(thief.public_key());
    manifest.centre.fingerprint = to_hex(sha256(thief.public_key()));
  };
  const auto video = stream(0).videos[0].path;
  auto bytes = content_of(file(video));
  bytes[bytes.size() - 1] ^= 1;
  write_content(file(video), bytes);
  forge(
      [&](Manifest& manifest) {
        theirs(manifest);
        manifest.streams[0].videos[0].sha256 = to_hex(sha256(bytes));
      },
      thief);
  auto report = verify_export(folder_, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict, Verdict::altered);
  EXPECT_TRUE(has(*report, FindingKind::video_foreign, video)) << said(*report);
}

TEST_P(Exported, AFragmentOfAnotherTimeInItsPlaceIsFound) {
  // Two fragments of the same size change places: each is whole, neither is where it belongs.
  const auto& part = stream(0).footage[0];
  ASSERT_EQ(part.fragments[0].bytes, part.fragments[1].bytes);
  auto bytes = content_of(file(part.path));
  const auto size = static_cast<std::ptrdiff_t>(part.fragments[0].bytes);
  std::swap_ranges(bytes.begin(), bytes.begin() + size, bytes.begin() + size);
  write_content(file(part.path), bytes);
  const auto report = check();
  EXPECT_EQ(report.verdict, Verdict::altered);
  EXPECT_TRUE(has(report, FindingKind::fragment_foreign, part.path)) << said(report);
}

TEST_P(Exported, AddedFilesAreToldAndDoNotSpoilIt) {
  write_content(file("Thumbs.db"), {1, 2, 3});
  const auto report = check();
  EXPECT_EQ(report.verdict, Verdict::valid);
  EXPECT_TRUE(has(report, FindingKind::not_part_of_it, "Thumbs.db"));
  auto bytes = content_of(file(stream(0).footage[0].path));
  bytes.push_back(0);
  write_content(file(stream(0).footage[0].path), bytes);
  EXPECT_EQ(check().verdict, Verdict::altered);
}

TEST_P(Exported, NothingOutsideTheFolderIsRead) {
  const auto video = stream(0).videos[0].path;
  fs::rename(file(video), scratch_.path() + "/outside.mp4");
  fs::create_symlink(scratch_.path() + "/outside.mp4", file(video));
  EXPECT_FALSE(verify_export(folder_, {}));
  forge([](Manifest& manifest) { manifest.files[0].path = "../outside.mp4"; }, centre_key());
  const auto report = verify_export(folder_, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict, Verdict::altered);
  EXPECT_FALSE(verify_export(scratch_.path(), {})) << "no export at all";
}

TEST_P(Exported, IsCheckedByTheSmallProgramOnACopyElsewhere) {
  const ScratchFolder elsewhere;
  fs::copy(folder_, elsewhere.path() + "/usb", fs::copy_options::recursive);
  fs::copy(VERIFY_PROGRAM, elsewhere.path() + "/check");
  const auto run = [&](const std::string& arguments) {
    const auto command = fmt::format("cd {} && env -i LANG=en_US.UTF-8 ./check {} > said 2>&1",
                                     elsewhere.path(), arguments);
    const int status = std::system(command.c_str());  // NOLINT
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  const auto words = [&] {
    const auto bytes = content_of(elsewhere.path() + "/said");
    return std::string(bytes.begin(), bytes.end());
  };
  const auto key = to_hex(centre_key().public_key());
  EXPECT_EQ(run("usb --key " + key), exit_valid) << words();
  EXPECT_TRUE(words().starts_with("VALID")) << words();
  EXPECT_EQ(run("usb --language vi"), exit_valid);
  EXPECT_TRUE(words().starts_with("HỢP LỆ")) << words();
  EXPECT_EQ(run("usb --json --key " + key), exit_valid);
  const auto parsed = json::parse(words());
  ASSERT_TRUE(parsed) << words();
  EXPECT_EQ(parsed->at("verdict"), "valid");
  EXPECT_EQ(parsed->at("key_compared"), true);

  const auto usb = elsewhere.path() + "/usb/";
  auto bytes = content_of(usb + stream(1).footage[0].path);
  bytes[500] ^= 1;
  write_content(usb + stream(1).footage[0].path, bytes);
  EXPECT_EQ(run("usb"), exit_altered);
  EXPECT_NE(words().find("CAM 2/b, fragment 1,"), std::string::npos) << words();
  bytes[500] ^= 1;
  write_content(usb + stream(1).footage[0].path, bytes);
  fs::remove(usb + "video/01-CAM-001-001.mp4");
  EXPECT_EQ(run("usb"), exit_incomplete) << words();
  fs::copy(file("video/01-CAM-001-001.mp4"), usb + "video/01-CAM-001-001.mp4");
  fs::remove(usb + "signature.json");
  EXPECT_EQ(run("usb"), exit_unsigned) << words();
  EXPECT_EQ(run("nowhere"), exit_not_examined);
  EXPECT_EQ(run("usb --key zz"), exit_wrong_use);
  EXPECT_EQ(run("--json"), exit_wrong_use);
}

/// The same export, with a masked copy of the second camera's first video. Painting is picture's;
/// here the copy is any file.
class MaskedExport : public Exported {
 protected:
  void make(const std::function<Result<void>(const MaskJob&)>& mask) {
    auto wanted = order(10);
    wanted.cameras[1].masks = {
        {start_us + second_us, start_us + 2 * second_us, 100, 200, 300, 400}};
    ExportOptions options{.folder = folder_};
    options.mask = mask;
    const auto made = write_export(wanted, shelf_, clock_, options);
    outcome_ = made ? Result<void>{} : std::unexpected(made.error());
    if (!made) return;
    made_ = *made;
    sign(centre_key());
  }
  std::function<Result<void>(const MaskJob&)> copying() {
    return [this](const MaskJob& job) -> Result<void> {
      jobs_.push_back(job);
      write_content(job.to, Bytes(5'000, 0x11));
      return {};
    };
  }
  std::vector<MaskJob> jobs_;
  Result<void> outcome_;
};

TEST_P(MaskedExport, NamesTheCopyAndWhatItIsMadeOfAndIsValid) {
  make(copying());
  ASSERT_TRUE(outcome_);
  ASSERT_EQ(jobs_.size(), 1u) << "the second video lies after the region";
  EXPECT_TRUE(jobs_[0].from.ends_with("video/02-CAM_2_b-001.mp4"));
  // A second more at both ends, in the video's own time.
  EXPECT_EQ(jobs_[0].regions[0].from_us, 0);
  EXPECT_EQ(jobs_[0].regions[0].to_us, 3 * second_us);
  const auto& copy = stream(1).masked->at(0);
  EXPECT_EQ(copy.path, "masked/02-CAM_2_b-001.mp4");
  EXPECT_EQ(copy.made_of, "video/02-CAM_2_b-001.mp4");
  EXPECT_EQ(copy.first_sequence, 1u);
  EXPECT_EQ(copy.last_sequence, 6u);
  EXPECT_EQ(copy.regions[0].from_us, start_us + second_us) << "as it was asked for";
  EXPECT_FALSE(stream(0).masked);
  const auto report = check();
  EXPECT_EQ(report.verdict, Verdict::valid) << said(report);
  EXPECT_TRUE(report.videos_made_again) << "the original is there whole";
  ASSERT_EQ(report.derived.size(), 1u);
  EXPECT_EQ(report.derived[0].made_of, copy.made_of);
  const auto words = text_of(report, Language::english);
  EXPECT_NE(words.find("masked copy, derived, not original"), std::string::npos) << words;
}

TEST_P(MaskedExport, OfWhichTheCopyIsAlteredOrMissingSaysSo) {
  make(copying());
  const auto path = stream(1).masked->at(0).path;
  flip(path, 2'500);
  auto report = check();
  EXPECT_EQ(report.verdict, Verdict::altered);
  EXPECT_TRUE(has(report, FindingKind::file_altered, path)) << said(report);
  EXPECT_TRUE(report.derived.empty());
  EXPECT_EQ(report.fragments, made_.manifest.tree.leaves) << "the evidence itself is as it was";
  flip(path, 2'500);
  fs::remove(file(path));
  report = check();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_TRUE(has(report, FindingKind::file_missing, path)) << said(report);
}

TEST_P(MaskedExport, IsNotMadeWhereTheCopyCannotBe) {
  make(
      [](const MaskJob&) -> Result<void> { return fail(EvidenceError::unreadable, "no painter"); });
  EXPECT_EQ(outcome_.error().code, code_of(EvidenceError::not_masked));
  make({});
  EXPECT_EQ(outcome_.error().code, code_of(EvidenceError::not_masked));
}

TEST_P(MaskedExport, ClaimingToBeOfOtherFootageIsNoManifest) {
  make(copying());
  const auto good = content_of(file("manifest.json"));
  const auto refused = [&](const std::function<void(MaskedCopy&)>& change) {
    forge([&](Manifest& m) { change(m.streams[1].masked->at(0)); }, centre_key());
    const bool out = !read_manifest(as_text(content_of(file("manifest.json"))));
    write_content(file("manifest.json"), good);
    return out;
  };
  EXPECT_TRUE(refused([](auto& copy) { copy.made_of = "video/01-CAM-001-001.mp4"; }));
  EXPECT_TRUE(refused([](auto& copy) { copy.last_sequence = 99; }));
  EXPECT_TRUE(refused([](auto& copy) { copy.path = "../masked.mp4"; }));
  EXPECT_TRUE(refused([](auto& copy) { copy.regions.clear(); }));
  EXPECT_TRUE(refused([](auto& copy) { copy.regions[0].width = 901; }));
}

INSTANTIATE_TEST_SUITE_P(BodyHashes, MaskedExport, ::testing::Values(recording::BodyHash::chunks),
                         [](const auto&) { return "Chunks"; });
INSTANTIATE_TEST_SUITE_P(BodyHashes, Exported,
                         ::testing::Values(recording::BodyHash::whole, recording::BodyHash::chunks),
                         [](const auto& shown) {
                           return shown.param == recording::BodyHash::whole ? "Whole" : "Chunks";
                         });

}  // namespace
}  // namespace vl::evidence
