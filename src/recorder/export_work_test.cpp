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

namespace vl::recorder {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t start_us = 1'763'800'000'000'000;

Uuid id_of(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = 7;
  id.bytes[15] = number;
  return id;
}

recording::NewFragment half_second(std::uint8_t camera, std::int64_t at_us) {
  static const auto format = std::make_shared<const media::TrackFormat>(media::TrackFormat{
      .codec = media::Codec::h264,
      .width = 320,
      .height = 240,
      .parameter_sets = {{0x67, 0x42, 0xc0, 0x0d, 0xda, 0x05, 0x07, 0xe8, 0x40, 0x00, 0x00,
                          0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc5, 0x0a, 0xa8},
                         {0x68, 0xce, 0x0f, 0x2c, 0x80}}});
  recording::NewFragment out;
  out.stream = {recording::CameraId{id_of(camera)}};
  out.session = 1;
  out.start_us = at_us;
  out.end_us = at_us + 500'000;
  for (int i = 0; i < 5; ++i) {
    auto sample = std::make_shared<media::Sample>();
    sample->is_key = i == 0;
    sample->wall_us = at_us + i * 100'000;
    sample->pts = (sample->wall_us - start_us) * 9 / 100;
    sample->format = format;
    sample->bytes.assign(700, static_cast<std::uint8_t>(at_us / 100'000 + i));
    out.samples.push_back(std::move(sample));
  }
  return out;
}

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
    work_ = std::make_unique<ExportWork>(options_, 0, *store_, *reports_, clock_);
  }
  node::ExportAssignment one(node::ExportStep step) const {
    node::ExportAssignment out;
    out.id = id_of(99);
    out.step = step;
    out.cameras = {{id_of(1), "CAM-001", "Ngã tư"}, {id_of(2), "CAM-002", "Cổng chợ"}};
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
  template <class Condition>
  static bool eventually(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
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
  nothing.cameras = {{id_of(9), "CAM-009", ""}};
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
  const auto run = [&](const std::string& command) {
    return std::system(  // NOLINT
               fmt::format("cd {} && {} > log 2>&1", here_, command).c_str()) == 0;
  };
  if (!run("openssl version")) GTEST_SKIP() << "no openssl program here";
  std::ofstream(here_ + "/conf")
      << "[tsa]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature\n"
         "[tsa_config]\nserial=serial\nsigner_cert=tsa.crt\ncerts=ca.crt\nsigner_key=tsa.key\n"
         "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\n";
  std::ofstream(here_ + "/serial") << "01\n";
  for (const auto* command :
       {"openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 3650 -subj "
        "/CN=CA",
        "openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=TSA",
        "openssl x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tsa.crt "
        "-days 3000 -extfile conf -extensions tsa"})
    ASSERT_TRUE(run(command)) << command;
  http::Router router;
  router.add(http::Method::post, "/tsr", [&](const http::Request& request) {
    std::ofstream(here_ + "/query", std::ios::binary) << request.body;
    EXPECT_EQ(request.header("Content-Type"), "application/timestamp-query");
    EXPECT_TRUE(run("openssl ts -reply -config conf -section tsa_config -queryfile query -out r"));
    std::ifstream in(here_ + "/r", std::ios::binary);
    return http::Response::bytes(std::string(std::istreambuf_iterator<char>(in), {}),
                                 "application/timestamp-reply");
  });
  auto server = *http::Server::start({}, std::move(router), clock_);
  options_.timestamp_url = fmt::format("http://127.0.0.1:{}/tsr", server->port());
  start();
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  work_->assign({signed_one()});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  EXPECT_EQ(told("export.ready")->at("timestamp"), "stamped");
  auto report = unpack_and_check(here_ + "/ca.crt");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid);
  EXPECT_EQ(report->timestamp, evidence::TimestampState::trusted) << report->stamp.why_not;

  work_->assign({});
  ASSERT_TRUE(eventually([&] { return fs::is_empty(options_.folder); }));
  server->stop(500);
  told_.clear();
  start();
  work_->assign({one(node::ExportStep::make)});
  ASSERT_TRUE(eventually([&] { return told("export.made").has_value(); }));
  work_->assign({signed_one()});
  ASSERT_TRUE(eventually([&] { return told("export.ready").has_value(); }));
  EXPECT_EQ(told("export.ready")->at("timestamp"), "failed");
  report = unpack_and_check();
  EXPECT_EQ(report->verdict, evidence::Verdict::valid);
  EXPECT_EQ(report->timestamp, evidence::TimestampState::none);
}

}  // namespace
}  // namespace vl::recorder
