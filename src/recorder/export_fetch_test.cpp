// Exports over the network: fetched in pieces by curl, and put together from two recorders' parts.
#include <vonglau/base/json.hpp>
#include <vonglau/evidence/verify.hpp>
#include <vonglau/node/ticket.hpp>

#include "export_fixture.hpp"

namespace vl::recorder {
namespace {

using namespace testing;  // NOLINT: what this test is made of

class Fetching : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "vl-fetch-XXXXXX").string();
    here_ = ::mkdtemp(pattern.data());
    first_.emplace(here_ + "/first", key_, clock_, ids_);
    first_->put_seconds(1, 10);
  }
  void TearDown() override {
    second_.reset();
    first_.reset();
    fs::remove_all(here_);
  }
  void add_second() {
    second_.emplace(here_ + "/second", key_, clock_, ids_);
    second_->put_seconds(2, 10);
  }
  node::ExportAssignment one(node::ExportStep step, std::vector<node::ExportCamera> cameras) const {
    node::ExportAssignment out;
    out.id = id_of(99);
    out.step = step;
    out.cameras = std::move(cameras);
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
  node::ExportAssignment completed(node::ExportAssignment out) {
    const auto told = first_->told("export.made");
    EXPECT_FALSE(told.empty());
    const auto made = json::read<node::ExportMadeItem>(told.back());
    out.step = node::ExportStep::complete;
    out.signature =
        evidence::text_of(evidence::sign_export(made->manifest_sha256, {start_us}, key_));
    return out;
  }
  /// Makes it ready at the first recorder.
  void finish(const node::ExportAssignment& make) {
    first_->work().assign({make});
    ASSERT_TRUE(eventually([&] { return !first_->told("export.made").empty(); }));
    first_->work().assign({completed(make)});
    ASSERT_TRUE(eventually([&] { return !first_->told("export.ready").empty(); }));
  }
  std::string ticket(node::MediaPurpose purpose, std::uint8_t person = 42) {
    return node::sign_ticket({ProvinceId{24},
                              id_of(99),
                              id_of(person),
                              purpose,
                              {},
                              clock_.wall().plus_us(600'000'000),
                              ids_.next()},
                             key_);
  }
  bool run(const std::string& command) const {
    return std::system(fmt::format("cd {} && {} > log 2>&1", here_, command).c_str()) ==
           0;  // NOLINT
  }
  Bytes file(const std::string& name) const {
    std::ifstream in(here_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Result<evidence::VerifyReport> unpack_and_check(const std::string& flaw = "") {
    fs::remove_all(here_ + "/unpacked");
    EXPECT_TRUE(run("unzip -q -o " + first_->work().archive(id_of(99))->path + " -d unpacked"));
    const auto folder = fs::directory_iterator(here_ + "/unpacked")->path().string();
    if (!flaw.empty()) {
      std::fstream altered(folder + "/" + flaw, std::ios::in | std::ios::out | std::ios::binary);
      EXPECT_TRUE(altered) << flaw;
      altered.seekp(2'000);
      altered.put('\x5a');
    }
    evidence::VerifyOptions options;
    options.key = key_.public_key();
    return evidence::verify_export(folder, options);
  }

  SystemClock clock_;
  SystemIdSource ids_{clock_};
  const SigningKey key_ = SigningKey::from_seed(sha256(as_bytes("centre")));
  std::string here_;
  std::optional<RecorderAtWork> first_;
  std::optional<RecorderAtWork> second_;
};

TEST_F(Fetching, ADownloadThatBrokeOffGoesOnAndCountsOnce) {
  if (!run("curl --version")) GTEST_SKIP() << "no curl program here";
  finish(one(node::ExportStep::make, {{id_of(1), "CAM-001", "", {}, false}}));
  const auto archive = first_->work().archive(id_of(99))->path;
  const auto size = fs::file_size(archive);
  const auto url = [&](std::uint8_t person) {
    return fmt::format("'{}/media/export?ticket={}'", first_->url(),
                       ticket(node::MediaPurpose::download, person));
  };
  // In three pieces, the last by what a browser or curl does when a download broke off; with a new
  // ticket each, because they last for minutes, and over a restart of the recorder.
  ASSERT_TRUE(run("curl -sf -r 0-9999 -o got " + url(42)));
  ASSERT_TRUE(run("curl -sf -r 10000-19999 -o got2 " + url(42)));
  EXPECT_TRUE(first_->told("export.delivered").empty());
  first_->start();
  first_->work().assign({completed(one(node::ExportStep::make, {{id_of(1), "", "", {}, false}}))});
  std::ofstream(here_ + "/part", std::ios::binary)
      .write(reinterpret_cast<const char*>(file("got").data()), 10'000);
  ASSERT_TRUE(eventually([&] { return first_->work().archive(id_of(99)).has_value(); }));
  ASSERT_TRUE(run("curl -sf -C - -o part " + url(42)));
  EXPECT_EQ(fs::file_size(here_ + "/part"), size);
  EXPECT_EQ(sha256(file("part")), sha256(file(fs::path(archive).lexically_relative(here_))));
  ASSERT_TRUE(eventually([&] { return first_->told("export.delivered").size() == 1; }));
  EXPECT_EQ(first_->told("export.delivered")[0].at("person_id").as_string(), id_of(42).text());
  // Another person's pieces are another delivery, and what is there already asks for nothing.
  ASSERT_TRUE(run("curl -sf -r 0-9999 -o other " + url(43)));
  ASSERT_TRUE(run("curl -sf -C - -o other " + url(42)));
  EXPECT_EQ(first_->told("export.delivered").size(), 1u) << "each has a piece of the second one";
  EXPECT_FALSE(run("curl -sf -C - -o part " + url(42))) << "416: there is no more";
  ASSERT_TRUE(run("curl -sf -o whole " + url(43)));
  ASSERT_TRUE(eventually([&] { return first_->told("export.delivered").size() == 2; }));
  EXPECT_EQ(first_->told("export.delivered")[1].at("person_id").as_string(), id_of(43).text());
}

TEST_F(Fetching, TwoRecordersPartsBecomeOneExport) {
  add_second();
  const node::ExportCamera mine{id_of(1), "CAM-001", "Ngã tư", "recorder-1", false};
  node::ExportCamera theirs{id_of(2), "CAM-002", "Cổng chợ", "recorder-2", false};
  second_->work().assign({one(node::ExportStep::part, {theirs})});
  ASSERT_TRUE(eventually([&] { return !second_->told("export.part").empty(); }));
  const auto told = json::read<node::ExportPartItem>(second_->told("export.part")[0]);
  EXPECT_EQ(told->fragments, 20);
  theirs.elsewhere = true;
  auto make = one(node::ExportStep::make, {mine, theirs});
  make.parts = {{id_of(2),
                 second_->url(),
                 ticket(node::MediaPurpose::part),
                 told->manifest_sha256,
                 {id_of(2)}}};
  finish(make);
  const auto report = unpack_and_check();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid)
      << evidence::text_of(*report, evidence::Language::english);
  EXPECT_EQ(report->fragments, 40u);
  EXPECT_TRUE(report->videos_made_again);
  ASSERT_EQ(report->manifest->streams.size(), 2u);
  EXPECT_EQ(report->manifest->streams[0].recorder, "recorder-1");
  EXPECT_EQ(report->manifest->streams[1].recorder, "recorder-2");
  EXPECT_TRUE(report->findings.empty());

  // A byte of what the second recorder gave.
  const auto altered = unpack_and_check("footage/02-CAM-002/0001.vlf");
  EXPECT_EQ(altered->verdict, evidence::Verdict::altered);
  ASSERT_FALSE(altered->findings.empty());
  EXPECT_EQ(altered->findings[0].camera, "CAM-002");
  EXPECT_TRUE(altered->findings[0].sequence);
  // The part is needed no longer.
  auto hold = one(node::ExportStep::hold, {theirs});
  second_->work().assign({hold});
  EXPECT_TRUE(eventually(
      [&] { return !fs::exists(second_->folder() + "/exports/" + id_of(99).text() + ".part"); }));
}

TEST_F(Fetching, ARecorderThatDoesNotDeliverIsToldAndTheExportSaysSo) {
  add_second();
  const node::ExportCamera mine{id_of(1), "CAM-001", "", "recorder-1", false};
  node::ExportCamera theirs{id_of(2), "CAM-002", "", "recorder-2", false};
  second_->work().assign({one(node::ExportStep::part, {theirs})});
  ASSERT_TRUE(eventually([&] { return !second_->told("export.part").empty(); }));
  const auto told = json::read<node::ExportPartItem>(second_->told("export.part")[0]);
  second_->stop();
  theirs.elsewhere = true;
  auto make = one(node::ExportStep::make, {mine, theirs});
  make.parts = {{id_of(2),
                 second_->url(),
                 ticket(node::MediaPurpose::part),
                 told->manifest_sha256,
                 {id_of(2)}}};
  first_->work().assign({make});
  ASSERT_TRUE(eventually([&] { return !first_->told("export.part_failed").empty(); }));
  EXPECT_EQ(first_->told("export.part_failed")[0].at("recorder_id").as_string(), id_of(2).text());
  EXPECT_TRUE(first_->told("export.made").empty()) << "the core decides to go on without";
  make.parts = std::vector<node::ExportPart>{};
  finish(make);
  const auto report = unpack_and_check();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, evidence::Verdict::valid);
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].kind, evidence::FindingKind::not_delivered);
  EXPECT_EQ(report->findings[0].camera, "CAM-002");
  EXPECT_EQ(report->findings[0].detail, "recorder-2");
  EXPECT_EQ(report->manifest->streams[1].gaps.at(0).cause, evidence::gap_not_delivered);
}

TEST_F(Fetching, APartIsOpenedByItsTicketAloneAndIsTheOneThatWasTold) {
  if (!run("curl --version")) GTEST_SKIP() << "no curl program here";
  add_second();
  node::ExportCamera theirs{id_of(2), "CAM-002", "", "recorder-2", false};
  second_->work().assign({one(node::ExportStep::part, {theirs})});
  ASSERT_TRUE(eventually([&] { return !second_->told("export.part").empty(); }));
  const auto get = [&](node::MediaPurpose purpose, const std::string& path) {
    return run(fmt::format("curl -sfg -o got '{}/media/export-part?ticket={}&path={}'",
                           second_->url(), ticket(purpose), path));
  };
  EXPECT_TRUE(get(node::MediaPurpose::part, "manifest.json"));
  EXPECT_FALSE(get(node::MediaPurpose::download, "manifest.json"));
  EXPECT_FALSE(get(node::MediaPurpose::part, "../spool.db"));
  EXPECT_FALSE(get(node::MediaPurpose::part, "%2e%2e/%2e%2e/spool.db"));
  // Somebody between them, or at the other recorder, gives another part than was told.
  theirs.elsewhere = true;
  auto make = one(node::ExportStep::make, {{id_of(1), "CAM-001", "", "recorder-1", false}, theirs});
  make.parts = {{id_of(2),
                 second_->url(),
                 ticket(node::MediaPurpose::part),
                 sha256(as_bytes("x")),
                 {id_of(2)}}};
  first_->work().assign({make});
  ASSERT_TRUE(eventually([&] { return !first_->told("export.part_failed").empty(); }));
  EXPECT_EQ(first_->told("export.part_failed")[0].at("why").as_string(), "evidence.malformed");
}

}  // namespace
}  // namespace vl::recorder
