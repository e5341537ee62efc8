// Against a real authority: `openssl ts` with certificates made here.
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/evidence/signature.hpp>
#include <vonglau/evidence/timestamp.hpp>
#include <vonglau/evidence/verify.hpp>

#include "evidence_fixture.hpp"

namespace vl::evidence {
namespace {

using namespace testing;

class Authority : public ::testing::Test {
 protected:
  static bool run(const std::string& folder, const std::string& command) {
    return std::system(  // NOLINT
               fmt::format("cd {} && {} > log 2>&1", folder, command).c_str()) == 0;
  }
  void SetUp() override {
    if (!run(scratch_.path(), "openssl version")) GTEST_SKIP() << "no openssl program here";
    const std::string config =
        "[ca]\nbasicConstraints=critical,CA:true\nkeyUsage=keyCertSign\n"
        "[tsa]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature\n"
        "[tsa_config]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.crt\n"
        "certs=ca.crt\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4\n"
        "digests=sha256\naccuracy=secs:1\nordering=yes\ntsa_name=yes\ness_cert_id_chain=no\n";
    write_content(path("conf"), Bytes(config.begin(), config.end()));
    const std::string serial = "01\n";
    write_content(path("serial"), Bytes(serial.begin(), serial.end()));
    for (const auto* command :
         {"openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 3650 "
          "-subj '/CN=Test authority' -addext basicConstraints=critical,CA:true",
          "openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj '/CN=Test TSA'",
          "openssl x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tsa.crt "
          "-days 3000 -extfile conf -extensions tsa",
          "openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -days 3650 "
          "-subj '/CN=Another authority'"})
      ASSERT_TRUE(run(scratch_.path(), command)) << command;
  }
  std::string path(const char* name) const { return scratch_.path() + "/" + name; }
  Bytes answer(const Bytes& request) const {
    write_content(path("request"), request);
    EXPECT_TRUE(run(scratch_.path(),
                    "openssl ts -reply -config conf -section tsa_config -queryfile request "
                    "-out reply"));
    return content_of(path("reply"));
  }
  const ScratchFolder scratch_;
};

TEST_F(Authority, AnAnswerToOurRequestIsTakenAndAnyOtherIsNot) {
  const auto digest = sha256(as_bytes("signature.json"));
  const auto request = timestamp_request(digest);
  ASSERT_TRUE(request);
  auto reply = answer(*request);
  EXPECT_TRUE(answers(reply, *request));
  EXPECT_FALSE(answers(reply, *timestamp_request(digest))) << "another nonce";
  EXPECT_FALSE(answers(reply, *timestamp_request(sha256(as_bytes("else")))));
  EXPECT_FALSE(answers(as_bytes("<html>"), *request));
  reply.push_back(0);
  EXPECT_FALSE(answers(reply, *request));
}

TEST_F(Authority, TellsItsTimeItsNameAndWhetherItIsTrusted) {
  const auto digest = sha256(as_bytes("signature.json"));
  const auto reply = answer(*timestamp_request(digest));
  auto stamp = read_timestamp(reply, digest, "");
  ASSERT_TRUE(stamp) << stamp.error().message;
  EXPECT_TRUE(stamp->over_this);
  EXPECT_FALSE(stamp->is_trusted);
  EXPECT_NE(stamp->authority.find("Test TSA"), std::string::npos);
  EXPECT_NEAR(static_cast<double>(stamp->at_us), static_cast<double>(SystemClock().wall().us),
              60e6);
  stamp = read_timestamp(reply, digest, path("ca.crt"));
  ASSERT_TRUE(stamp);
  EXPECT_TRUE(stamp->is_trusted) << stamp->why_not;
  stamp = read_timestamp(reply, digest, path("other.crt"));
  ASSERT_TRUE(stamp);
  EXPECT_FALSE(stamp->is_trusted);
  EXPECT_FALSE(stamp->why_not.empty());
  stamp = read_timestamp(reply, sha256(as_bytes("else")), path("ca.crt"));
  ASSERT_TRUE(stamp);
  EXPECT_FALSE(stamp->over_this);
  EXPECT_FALSE(read_timestamp(reply, digest, path("nowhere.crt")));
}

TEST_F(Authority, AnExportWithATimestampIsCheckedWithIt) {
  ManualClock clock;
  Shelf shelf;
  shelf.put_seconds(camera(1), start_us, 2);
  auto wanted = order(2);
  wanted.cameras.resize(1);
  const auto folder = path("export");
  const auto made = write_export(wanted, shelf, clock, {.folder = folder});
  ASSERT_TRUE(made) << made.error().message;
  const auto signature = sign_export(made->manifest_sha256, {start_us}, centre_key());
  ASSERT_TRUE(write_signature(folder, signature));
  const auto digest = sha256(as_bytes(text_of(signature)));
  ASSERT_TRUE(write_timestamp(folder, answer(*timestamp_request(digest))));

  auto report = verify_export(folder, {.authorities = path("ca.crt")});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict, Verdict::valid) << text_of(*report, Language::english);
  EXPECT_EQ(report->timestamp, TimestampState::trusted);
  EXPECT_EQ(verify_export(folder, {})->timestamp, TimestampState::not_checked);
  report = verify_export(folder, {.authorities = path("other.crt")});
  EXPECT_EQ(report->timestamp, TimestampState::not_trusted);
  // openssl alone says the same.
  EXPECT_TRUE(
      run(folder, "openssl ts -verify -data signature.json -in timestamp.tsr -CAfile ../ca.crt"));
  fs::remove(folder + "/log");

  const auto stamp = content_of(folder + "/timestamp.tsr");
  ASSERT_TRUE(write_timestamp(folder, answer(*timestamp_request(sha256(as_bytes("else"))))));
  report = verify_export(folder, {});
  EXPECT_EQ(report->verdict, Verdict::altered);
  EXPECT_EQ(report->findings.front().kind, FindingKind::timestamp_altered);
  write_content(folder + "/timestamp.tsr", {1, 2, 3});
  EXPECT_EQ(verify_export(folder, {})->verdict, Verdict::altered);
  // A byte of the authority's own signature.
  auto spoiled = stamp;
  spoiled[spoiled.size() - 20] ^= 1;
  write_content(folder + "/timestamp.tsr", spoiled);
  report = verify_export(folder, {.authorities = path("ca.crt")});
  ASSERT_TRUE(report);
  EXPECT_NE(report->timestamp, TimestampState::trusted);
}

}  // namespace
}  // namespace vl::evidence
