#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include <vonglau/http/certificates.hpp>

#include "test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

constexpr std::int64_t kDayUs = 86'400'000'000;

std::string content(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}
int mode(const std::string& file) {
  struct stat facts{};
  return ::stat(file.c_str(), &facts) == 0 ? static_cast<int>(facts.st_mode & 0777) : -1;
}

struct Certificates : testing::Test {
  TempFolder folder;
  ManualClock clock;
  std::string tls = folder.path() + "/tls";
  std::vector<std::string> names{"centre.bacninh.example", "localhost", "127.0.0.1", "::1"};
};

TEST_F(Certificates, keys_are_readable_by_their_owner_only) {
  const auto authority = ensure_authority(tls, "Trung tâm chỉ huy", clock);
  ASSERT_TRUE(authority) << authority.error().message;
  const auto files = ensure_server_certificate(*authority, tls, "core", names, clock);
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(mode(tls), 0700);
  EXPECT_EQ(mode(authority->key_file), 0600);
  EXPECT_EQ(mode(files->key_file), 0600);
}

TEST_F(Certificates, say_what_they_are_for_and_until_when) {
  const auto authority = ensure_authority(tls, "Trung tâm chỉ huy", clock);
  const auto files = ensure_server_certificate(*authority, tls, "core", names, clock);
  const auto root = read_certificate(authority->certificate_file);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->subject, "Trung tâm chỉ huy");
  EXPECT_TRUE(root->is_authority);
  EXPECT_NEAR(root->days_left(clock.wall()), 3650, 0.1);
  const auto facts = read_certificate(files->certificate_file);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject, "centre.bacninh.example");
  EXPECT_EQ(facts->issuer, "Trung tâm chỉ huy");
  EXPECT_FALSE(facts->is_authority);
  EXPECT_EQ(facts->names, (std::vector<std::string>{"centre.bacninh.example", "localhost",
                                                    "127.0.0.1", "0:0:0:0:0:0:0:1"}));
  EXPECT_NEAR(facts->days_left(clock.wall()), 365, 0.1);
  EXPECT_LT(facts->not_before, clock.wall());
  EXPECT_EQ(facts->sha256.size(), 64U);
}

TEST_F(Certificates, are_kept_while_good_and_renewed_below_30_days) {
  const auto authority = ensure_authority(tls, "A", clock);
  const std::string root = content(authority->certificate_file);
  const auto files = ensure_server_certificate(*authority, tls, "core", names, clock);
  const std::string first = content(files->certificate_file);
  const std::string first_key = content(files->key_file);
  clock.advance_us((365 - 31) * kDayUs);
  ASSERT_TRUE(ensure_authority(tls, "A", clock));
  ASSERT_TRUE(ensure_server_certificate(*authority, tls, "core", names, clock));
  EXPECT_EQ(content(files->certificate_file), first);
  clock.advance_us(2 * kDayUs);
  ASSERT_TRUE(ensure_server_certificate(*authority, tls, "core", names, clock));
  EXPECT_NE(content(files->certificate_file), first);
  EXPECT_NE(content(files->key_file), first_key);
  EXPECT_EQ(content(authority->certificate_file), root);
  EXPECT_NEAR(read_certificate(files->certificate_file)->days_left(clock.wall()), 365, 0.1);
}

TEST_F(Certificates, are_made_anew_for_other_names_another_authority_or_a_broken_key) {
  const auto authority = ensure_authority(tls, "A", clock);
  const auto files = ensure_server_certificate(*authority, tls, "core", {"a"}, clock);
  std::string before = content(files->certificate_file);
  ASSERT_TRUE(ensure_server_certificate(*authority, tls, "core", {"a", "10.0.0.1"}, clock));
  EXPECT_NE(content(files->certificate_file), before);
  before = content(files->certificate_file);
  std::ofstream(files->key_file) << "broken";
  ASSERT_TRUE(ensure_server_certificate(*authority, tls, "core", {"a", "10.0.0.1"}, clock));
  EXPECT_NE(content(files->certificate_file), before);
  before = content(files->certificate_file);
  const auto other = ensure_authority(folder.path() + "/other", "B", clock);
  ASSERT_TRUE(ensure_server_certificate(*other, tls, "core", {"a", "10.0.0.1"}, clock));
  EXPECT_EQ(read_certificate(files->certificate_file)->issuer, "B");
}

TEST_F(Certificates, errors_name_the_file_or_the_name) {
  const auto authority = ensure_authority(tls, "A", clock);
  EXPECT_FALSE(ensure_server_certificate(*authority, tls, "core", {}, clock));
  const auto bad =
      ensure_server_certificate(*authority, tls, "core", {"a,DNS:evil.example"}, clock);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().field, "names");
  const auto absent = read_certificate(tls + "/absent.crt");
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().message.find("absent.crt"), std::string::npos);
  EXPECT_FALSE(read_certificate(authority->key_file));
  std::ofstream(folder.path() + "/file") << "x";
  EXPECT_FALSE(ensure_authority(folder.path() + "/file", "A", clock));
}

TEST(Tls, a_new_certificate_is_used_by_new_connections_without_a_restart) {
  TempFolder folder;
  SystemClock clock;
  const auto authority = *ensure_authority(folder.path(), "A", clock);
  const auto first =
      *ensure_server_certificate(authority, folder.path(), "one", {"localhost"}, clock);
  const auto second =
      *ensure_server_certificate(authority, folder.path(), "two", {"localhost"}, clock);
  ServerOptions options = small_server();
  options.tls = first;
  Router router;
  router.add(Method::get, "/", [](const Request&) { return Response::text("home"); });
  const auto server = serve(std::move(router), options);
  RawPeer open(server->port(), true);
  ASSERT_TRUE(open.get("/"));

  ClientOptions pinned{.base_url = "https://localhost:" + std::to_string(server->port())};
  pinned.trust.pinned_sha256 = read_certificate(second.certificate_file)->sha256;
  EXPECT_EQ(HttpsClient(pinned).get("/").error().code.name, "http.tls_refused");
  EXPECT_FALSE(server->reload_tls({second.certificate_file, first.key_file}));  // not a pair
  EXPECT_FALSE(server->reload_tls({folder.path() + "/gone", first.key_file}));
  EXPECT_EQ(HttpsClient(pinned).get("/").error().code.name, "http.tls_refused");
  ASSERT_TRUE(server->reload_tls(second));
  EXPECT_TRUE(HttpsClient(pinned).get("/"));
  EXPECT_TRUE(open.get("/"));
}

}  // namespace
}  // namespace vl::http
