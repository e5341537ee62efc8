// The recorder's part of exports against a real store and disk, from the core's word to an archive
// that somebody else unpacks and checks; the timestamp authority is `openssl ts` behind HTTP.
#include "export_work.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/evidence/verify.hpp>
#include <vonglau/http/server.hpp>

#include "export_archive.hpp"
#include "export_fixture.hpp"

namespace vl::recorder {
namespace {

using namespace testing;  // NOLINT: what this test is made of

class Exporting : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "vl-exports-XXXXXX").string();
    here_ = ::mkdtemp(pattern.data());
    options_.folder = here_ + "/exports";
    recording::StoreOptions store;
    store.folder = here_ + "/footage";
    store.reserve_bytes = 0;
    store.extent_bytes = 8 << 20;
    auto opened = recording::open_fragment_store(store, *disk_, clock_, ids_, quiet_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    for (std::uint8_t camera = 1; camera <= 2; ++camera)
      for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(store_->append(half_second(camera, start_us + i * 500'000)));
    ASSERT_TRUE(store_->sync());
    spool_ = *node::Spool::open(here_ + "/spool.db", clock_, ids_);
    start();
  }
  void TearDown() override {
    work_.reset();
    reports_.reset();
    spool_.reset();
    store_.reset();
    fs::remove_all(here_);
  }
  void start() {
    work_.reset();
    reports_.reset();
    reports_ = std::make_unique<CoreReports>(*spool_, clock_, [] {});
    work_ = std::make_unique<ExportWork>(options_, 0, *store_, *reports_, clock_, ids_);
  }
  node::ExportAssignment one(node::ExportStep step) const {
    node::ExportAssignment out;
    out.id = id_of(99);
    out.step = step;
    out.cameras = {{id_of(1), "CAM-001", "Ngã tư", {}, false},
                   {id_of(2), "CAM-002", "Cổng chợ", {}, false}};
    out.from_us = start_us;
    out.to_us = start_us + 10'000'000;
    evidence::ExportTerms terms;
    terms.made_by = "test";
    const auto key = key_.public_key();
    terms.centre = {24, "Bắc Ninh", to_hex(key), to_hex(sha256(key))};
    terms.request = {"VA-2026/117", "investigation", "lý do",     "A",      {start_us},
                     "B",           {start_us},      out.from_us, out.to_us};
    terms.journal = {12, to_hex(sha256(as_bytes("head"))), {start_us}};
    out.order = json::value_of(terms);
    return out;
  }
  /// The newest item of this kind that was told.
  std::optional<json::Value> told(std::string_view kind) {
    while (true) {
      const auto batch = spool_->next();
      if (!batch || !*batch) break;
      for (const auto& item : (*batch)->items) told_.push_back(item);
      EXPECT_TRUE(spool_->acknowledged((*batch)->batch_id));
    }
    for (auto item = told_.rbegin(); item != told_.rend(); ++item)
      if (item->kind == kind) return item->body;
    return std::nullopt;
  }
  std::size_t locks() const { return store_->locks()->size(); }
  /// As the core signs what it was told.
  node::ExportAssignment signed_one() {
    const auto made = json::read<node::ExportMadeItem>(*told("export.made"));
    EXPECT_TRUE(made);
    auto out = one(node::ExportStep::complete);
    out.signature =
        evidence::text_of(evidence::sign_export(made->manifest_sha256, {start_us}, key_));
    return out;
  }
  Result<evidence::VerifyReport> unpack_and_check(const std::string& authorities = "") {
    const auto archive = work_->archive(id_of(99));
    if (!archive) return fail(archive.error());
    const auto into = here_ + "/unpacked";
    fs::remove_all(into);
    EXPECT_EQ(std::system(  // NOLINT
                  fmt::format("unzip -q {} -d {}", archive->path, into).c_str()),
              0);
    const auto folder = fs::directory_iterator(into)->path();
    EXPECT_EQ(folder.filename().string() + ".zip", archive->name);
    evidence::VerifyOptions options;
    options.key = key_.public_key();
    options.authorities = authorities;
    return evidence::verify_export(folder.string(), options);
  }

  SystemClock clock_;
  SystemIdSource ids_{clock_};
  recording::StoreObserver quiet_;
  std::unique_ptr<recording::Disk> disk_ = recording::posix_disk();
  const SigningKey key_ = SigningKey::from_seed(sha256(as_bytes("centre")));
  std::string here_;
  ExportOptions options_;
  std::unique_ptr<recording::FragmentStore> store_;
  std::unique_ptr<node::Spool> spool_;
  std::unique_ptr<CoreReports> reports_;
  std::unique_ptr<ExportWork> work_;
  std::vector<node::BatchItem> told_;
};

TEST_F(Exporting, FootageIsHeldFromTheRequestUntilItIsOver) {
  work_->assign({one(node::ExportStep::hold)});
  ASSERT_TRUE(eventually([&] { return told("export.locked").has_value(); }));
  EXPECT_EQ(locks(), 2u);
  EXPECT_FALSE(told("export.made"));
  start();
  work_->assign({one(node::ExportStep::hold)});
  ASSERT_TRUE(eventually([&] { return told("export.locked").has_value(); }));
  EXPECT_EQ(locks(), 2u) << "held once, however often it is said";
  work_->assign({});
  EXPECT_TRUE(eventually([&] { return locks() == 0; }));
}

TEST_F(Exporting, IsMadeCompletedPackedAndDeletedWhenItIsOver) {
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  EXPECT_FALSE(work_->archive(id_of(99))) << "not before it is signed";
  work_->assign({signed_one()});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  EXPECT_EQ(told("export.ready")->at("timestamp"), "none");
  const auto report = unpack_and_check();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid)
      << evidence::text_of(*report, evidence::Language::english);
  EXPECT_EQ(report->fragments, 40u);
  const auto archive = work_->archive(id_of(99));
  const auto mapped = map_file(archive->path);
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->size(), fs::file_size(archive->path));
  work_->assign({});
  EXPECT_TRUE(eventually([&] { return fs::is_empty(options_.folder) && locks() == 0; }));
  EXPECT_FALSE(work_->archive(id_of(99)));
}

TEST_F(Exporting, ARecorderThatWasKilledGoesOnWhereItWas) {
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  const auto first = *told("export.made");
  told_.clear();
  start();
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  EXPECT_EQ(*told("export.made"), first) << "told again, not made again";
  const auto complete = signed_one();
  work_->assign({complete});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  told_.clear();
  start();
  work_->assign({complete});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  EXPECT_EQ(unpack_and_check()->verdict, evidence::Verdict::valid);
}

TEST_F(Exporting, WhatCannotBeMadeIsSaidWithItsReason) {
  auto nothing = one(node::ExportStep::make);
  nothing.cameras = {{id_of(9), "CAM-009", "", {}, false}};
  work_->assign({nothing});
  ASSERT_TRUE(eventually([&] { return told("export.failed").has_value(); }));
  EXPECT_EQ(told("export.failed")->at("why"), "evidence.nothing");
  // What failed is not tried again while the core still asks for it.
  work_->assign({});
  ASSERT_TRUE(eventually([&] { return locks() == 0; }));
  auto foreign = one(node::ExportStep::complete);
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  foreign.signature = evidence::text_of(evidence::sign_export(Digest{1}, {start_us}, key_));
  told_.clear();
  work_->assign({foreign});
  ASSERT_TRUE(eventually([&] { return told("export.failed").has_value(); }));
  EXPECT_EQ(told("export.failed")->at("why"), "evidence.malformed");
}

TEST_F(Exporting, IsStampedWhereAnAuthorityIsConfiguredAndSaysSoWhereItIsAway) {
  Authority authority(here_, clock_);
  if (!authority.is_there()) GTEST_SKIP() << "no openssl program here";
  options_.timestamp_url = authority.url();
  start();
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  work_->assign({signed_one()});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  EXPECT_EQ(told("export.ready")->at("timestamp"), "stamped");
  auto report = unpack_and_check(authority.certificates());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid);
  EXPECT_EQ(report->timestamp, evidence::TimestampState::trusted) << report->stamp.why_not;

  // A second one, while it is away; it comes back, and the export that is fetched from then on has
  // it.
  work_->assign({});
  ASSERT_TRUE(eventually([&] { return fs::is_empty(options_.folder); }));
  authority.set_away(true);
  options_.stamp_again_us = 20'000;
  told_.clear();
  start();
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  const auto complete = signed_one();
  work_->assign({complete});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  EXPECT_EQ(told("export.ready")->at("timestamp"), "failed");
  report = unpack_and_check();
  EXPECT_EQ(report->verdict, evidence::Verdict::valid);
  EXPECT_EQ(report->timestamp, evidence::TimestampState::none);
  const auto without = *work_->archive(id_of(99));
  const auto still_read = *map_file(without.path);
  ASSERT_TRUE(eventually([&] { return authority.asked() > 3; })) << "it is asked again and again";
  EXPECT_FALSE(told("export.stamped"));
  authority.set_away(false);
  ASSERT_TRUE(eventually([&] { return told("export.stamped").has_value(); }));
  report = unpack_and_check(authority.certificates());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid)
      << evidence::text_of(*report, evidence::Language::english);
  EXPECT_EQ(report->timestamp, evidence::TimestampState::trusted) << report->stamp.why_not;
  EXPECT_EQ(told("export.stamped")->at("stamped_us"), report->stamp.at_us);
  const auto with = *work_->archive(id_of(99));
  EXPECT_EQ(told("export.stamped")->at("archive_bytes"), fs::file_size(with.path));
  EXPECT_NE(with.etag, without.etag) << "what broke off before is not gone on with";
  EXPECT_LT(still_read.size(), fs::file_size(with.path));
  // A recorder that is started anew tells it again, and asks nobody.
  const auto asked = authority.asked();
  told_.clear();
  start();
  work_->assign({complete});
  ASSERT_TRUE(eventually([&] { return told("export.stamped").has_value(); }));
  EXPECT_EQ(authority.asked(), asked);
}

}  // namespace
}  // namespace vl::recorder
