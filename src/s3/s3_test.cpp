// The signature against AWS's published examples; the client against OpenStack Swift.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/http/certificates.hpp>
#include <vonglau/recording/error.hpp>
#include <vonglau/s3/s3_store.hpp>

#include "answers.hpp"
#include "s3_peer.hpp"
#include "signature.hpp"

namespace vl::s3 {
namespace {

namespace fs = std::filesystem;
using recording::RecordingError;

// Key, times, requests and signatures of "Signature Calculations for the Authorization Header" in
// the Amazon S3 API reference.
const Credentials example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr WallTime example_time{1'369'353'600'000'000};
constexpr auto* empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string signature_of(ToSign request) {
  request.headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
  request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
  request.headers.emplace_back("x-amz-date", amz_date(example_time));
  const auto text = authorization(request, example, "us-east-1", example_time);
  return text.substr(text.rfind('=') + 1);
}

TEST(S3Signature, IsThatOfThePublishedExamples) {
  EXPECT_EQ(amz_date(example_time), "20130524T000000Z");
  EXPECT_EQ(signature_of({"GET", "/test.txt", {}, {{"range", "bytes=0-9"}}, empty_hash}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(signature_of({"PUT",
                          "/" + encoded_key("test$file.text"),
                          {},
                          {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                           {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                          to_hex(sha256(as_bytes("Welcome to Amazon S3.")))}),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(signature_of({"GET", "/", {{"lifecycle", ""}}, {}, empty_hash}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signature_of({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, empty_hash}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3Answers, ListsAreReadWithAndWithoutPrefixes) {
  const auto page = read_list(
      "<?xml version='1.0'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
      "<Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>t/1=</"
      "NextContinuationToken><Contents><Key>a &amp; b/&#x111;</Key><Size>7</Size></Contents>"
      "<Contents><Key>c</Key><Size>8589934592</Size></Contents></ListBucketResult>");
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[0].key, "a & b/đ");
  EXPECT_EQ(page->objects[1].bytes, 8'589'934'592u);
  EXPECT_EQ(page->next, "t/1=");
  EXPECT_TRUE(read_list("<s3:ListBucketResult xmlns:s3='x'/>"));
  for (const auto* bad :
       {"", "<html/>", "<ListBucketResult><Contents/></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"})
    EXPECT_FALSE(read_list(bad)) << bad;
}

TEST(S3Answers, RefusalsNameTheRemedy) {
  const auto says = [](int status, std::string_view code, std::string_view remedy) {
    const auto body = fmt::format("<Error><Code>{}</Code><Region>vn-1</Region></Error>", code);
    const Result<void> refusal = refused(status, body, "kho", "reading");
    EXPECT_NE(refusal.error().message.find(remedy), std::string::npos) << refusal.error().message;
    return refusal.error().code;
  };
  EXPECT_EQ(says(404, "NoSuchBucket", "create it"), code_of(S3Error::no_bucket));
  EXPECT_EQ(says(404, "NoSuchKey", "no such object"), code_of(RecordingError::not_found));
  EXPECT_EQ(says(403, "AccessDenied", "PutObject"), code_of(S3Error::refused));
  EXPECT_EQ(says(403, "SignatureDoesNotMatch", "credentials_file"), code_of(S3Error::refused));
  EXPECT_EQ(says(403, "RequestTimeTooSkewed", "NTP"), code_of(S3Error::clock));
  EXPECT_EQ(says(400, "AuthorizationHeaderMalformed", "\"vn-1\""), code_of(S3Error::wrong_region));
  EXPECT_EQ(says(503, "SlowDown", "cannot serve"), code_of(S3Error::busy));
}

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "vonglau-s3-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string path;
};

TEST(S3Credentials, ComeFromAFileThatNobodyElseMayRead) {
  Folder folder;
  const auto file = folder.path + "/key";
  EXPECT_FALSE(read_credentials(file));
  std::ofstream(file) << "# of the archive\n[default]\naccess_key_id = centre:archive\n"
                         "secret_access_key = a/b+c==\n";
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
  const auto open = read_credentials(file);
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message.find("chmod 600"), std::string::npos);
  fs::permissions(file, fs::perms::owner_read);
  const auto read = read_credentials(file);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->key_id, "centre:archive");
  EXPECT_EQ(read->secret, "a/b+c==");
  EXPECT_FALSE(read_credentials("")) << "nor does the environment have one";
}

class Swift : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!testing::Peer::is_installed()) return;
    folder_ = std::make_unique<Folder>();
    peer_ = std::make_unique<testing::Peer>(folder_->path);
  }
  static void TearDownTestSuite() {
    peer_.reset();
    folder_.reset();
  }
  void SetUp() override {
    if (!peer_) GTEST_SKIP() << "needs Debian's swift-proxy and its servers";
    ASSERT_NE(peer_->port, 0);
  }
  static S3Options options() {
    S3Options out;
    out.endpoint = peer_->endpoint();
    out.bucket = testing::Peer::bucket;
    out.region = "vn-north-1";
    out.credentials = {"centre:archive", "secret"};
    return out;
  }
  std::unique_ptr<recording::ObjectStore> store(const S3Options& options) {
    auto out = s3_store(options, clock_);
    EXPECT_TRUE(out) << out.error().message;
    return std::move(*out);
  }
  static Bytes content(std::size_t bytes, unsigned seed = 1) {
    Bytes out(bytes);
    for (auto& byte : out)
      byte = static_cast<std::uint8_t>((seed = seed * 1103515245 + 12345) >> 16);
    return out;
  }
  void expect_error(const Result<Bytes>& result, ErrorCode code) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().message;
  }
  static inline std::unique_ptr<Folder> folder_;
  static inline std::unique_ptr<testing::Peer> peer_;
  SystemClock clock_;
};

TEST_F(Swift, KeepsObjectsAndGivesPartsOfThem) {
  const auto s3 = store(options());
  const auto bytes = content(3'000'001);
  const std::string key = "recorder-1/moved-4/a b+c~'đ'.vle";
  ASSERT_TRUE(s3->put(key, bytes));
  EXPECT_EQ(s3->size(key).value_or(0), bytes.size());
  EXPECT_TRUE(*s3->get_all(key) == bytes);
  EXPECT_TRUE(*s3->get(key, 1'000'000, 4096) ==
              Bytes(bytes.begin() + 1'000'000, bytes.begin() + 1'004'096));
  EXPECT_EQ(s3->get(key, bytes.size() - 5, 100)->size(), 5u);
  EXPECT_TRUE(s3->get(key, bytes.size() + 5, 100)->empty());
  ASSERT_TRUE(s3->put(key, content(10, 2)));
  EXPECT_TRUE(*s3->get_all(key) == content(10, 2)) << "replaced";
  ASSERT_TRUE(s3->remove(key));
  EXPECT_TRUE(s3->remove(key)) << "is not there: as wanted";
  expect_error(s3->get_all(key), code_of(RecordingError::not_found));
  EXPECT_EQ(s3->size(key).error().code, code_of(RecordingError::not_found));
}

TEST_F(Swift, ListsWhatBeginsSoPageByPage) {
  const auto s3 = store(options());
  for (int i = 0; i < 7; ++i)
    ASSERT_TRUE(s3->put(fmt::format("list/{}", i), content(static_cast<std::size_t>(100 + i))));
  ASSERT_TRUE(s3->put("other", content(1)));
  std::vector<recording::StoredObject> all;
  std::string from;
  int pages = 0;
  do {
    const auto page = s3->list("list/", from, 3);
    ASSERT_TRUE(page) << page.error().message;
    all.insert(all.end(), page->objects.begin(), page->objects.end());
    from = page->next;
    ++pages;
  } while (!from.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(all.size(), 7u);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(all[static_cast<std::size_t>(i)].key, fmt::format("list/{}", i));
    EXPECT_EQ(all[static_cast<std::size_t>(i)].bytes, static_cast<std::uint64_t>(100 + i));
  }
}

TEST_F(Swift, SaysWhatIsWrong) {
  const auto with = [&](auto&& change) {
    auto wrong = options();
    change(wrong);
    return store(wrong)->get_all("nothing");
  };
  expect_error(with([](S3Options& o) { o.credentials.secret = "wrong"; }),
               code_of(S3Error::refused));
  expect_error(with([](S3Options& o) { o.credentials.key_id = "nobody:here"; }),
               code_of(S3Error::refused));
  expect_error(with([](S3Options& o) { o.credentials.key_id = "centre:reader"; }),
               code_of(S3Error::refused));
  expect_error(with([](S3Options& o) { o.bucket = "elsewhere"; }), code_of(S3Error::no_bucket));
  expect_error(with([](S3Options& o) { o.region = "mars-1"; }), code_of(S3Error::wrong_region));
  const ManualClock late(clock_.wall().plus_us(-3'600'000'000));
  expect_error((*s3_store(options(), late))->get_all("nothing"), code_of(S3Error::clock));
  auto unsound = options();
  unsound.bucket = "Not/One";
  EXPECT_FALSE(s3_store(unsound, clock_));
}

TEST_F(Swift, WhoDoesNotAnswerIsNotWaitedForLong) {
  auto hasty = options();
  hasty.read_timeout_ms = 300;
  const auto s3 = store(hasty);
  ASSERT_TRUE(s3->put("here", content(100)));
  peer_->be("away");
  expect_error(s3->get("here", 0, 10), code_of(S3Error::unreachable));
  peer_->be("hang");
  expect_error(s3->get("here", 0, 10), code_of(S3Error::unreachable));
  peer_->be("back");
  for (int i = 0; i < 5; ++i) {
    // A connection that was kept may still have to be found dead.
    if (s3->get("here", 0, 10)) break;
  }
  hasty.read_timeout_ms = 10'000;
  const auto patient = store(hasty);
  EXPECT_EQ(patient->get("here", 0, 10)->size(), 10u);
  peer_->be("hang");
  std::thread asking(
      [&] { expect_error(patient->get_all("here"), code_of(S3Error::unreachable)); });
  patient->cancel();
  asking.join();
  peer_->be("back");
}

TEST_F(Swift, IsAskedOverTlsOnlyByWhoTrustsIt) {
  Folder folder;
  const auto authority = http::ensure_authority(folder.path + "/authority", "of a test", clock_);
  ASSERT_TRUE(authority);
  const auto files = http::ensure_server_certificate(*authority, folder.path, "s3",
                                                     {"localhost", "127.0.0.1"}, clock_);
  ASSERT_TRUE(files);
  testing::Peer secure(folder.path + "/peer", files->certificate_file, files->key_file);
  ASSERT_NE(secure.port, 0);
  auto over_tls = options();
  over_tls.endpoint = secure.endpoint();
  ASSERT_TRUE(over_tls.endpoint.starts_with("https://"));
  EXPECT_EQ(store(over_tls)->put("a", content(5)).error().code, code_of(S3Error::unreachable));
  over_tls.ca_file = authority->certificate_file;
  const auto s3 = store(over_tls);
  ASSERT_TRUE(s3->put("a", content(300'000)));
  EXPECT_TRUE(*s3->get_all("a") == content(300'000));
}

}  // namespace
}  // namespace vl::s3
