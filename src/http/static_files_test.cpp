#include <fstream>

#include <sys/stat.h>

#include <vonglau/http/static_files.hpp>

#include "test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

class Pages : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& content) {
    const std::string whole = folder.path() + "/web" + path;
    std::filesystem::create_directories(std::filesystem::path(whole).parent_path());
    std::ofstream(whole, std::ios::binary) << content;
  }
  void SetUp() override {
    put("/index.html", "<!doctype html><title>Vọng Lâu</title>");
    put("/assets/main-B3x_9kQz.js", "export const answer = 42;" + std::string(2'000, ' '));
    put("/assets/plain-overview.css", "body{}");
    put("/assets/ready-Zz81ab4Q.js", std::string(3'000, 'y'));
    put("/assets/ready-Zz81ab4Q.js.gz", "made when built");
    put("/favicon.ico", "icon");
    put("/.env", "SECRET=1");
    std::ofstream(folder.path() + "/outside.txt") << "not for the world";
    std::filesystem::create_symlink(folder.path() + "/outside.txt",
                                    folder.path() + "/web/assets/link.txt");
    auto files = StaticFiles::load(folder.path() + "/web");
    ASSERT_TRUE(files) << files.error().message;
    loaded = std::make_shared<const StaticFiles>(std::move(*files));
    Router router;
    router.add(Method::get, "/api/v1/session", [](const Request&) { return Response::text("s"); });
    router.set_fallback(StaticFiles::handler(loaded));
    server = serve(std::move(router));
    peer = std::make_unique<RawPeer>(server->port());
  }
  TempFolder folder;
  std::shared_ptr<const StaticFiles> loaded;
  std::unique_ptr<Server> server;
  std::unique_ptr<RawPeer> peer;
};

TEST_F(Pages, the_interface_is_served_at_the_root_and_at_every_page_path) {
  for (const char* path : {"/", "/index.html", "/incidents/019abc", "/camera-wall"}) {
    const auto reply = peer->get(path);
    ASSERT_TRUE(reply) << path;
    EXPECT_EQ(reply->status, 200) << path;
    EXPECT_EQ(reply->header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(reply->header("Cache-Control"), "no-cache");
    EXPECT_NE(reply->body.find("Vọng Lâu"), std::string::npos);
  }
}

TEST_F(Pages, hashed_files_are_kept_for_a_year_and_others_are_not) {
  const auto hashed = peer->get("/assets/main-B3x_9kQz.js");
  ASSERT_TRUE(hashed);
  EXPECT_EQ(hashed->header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(hashed->header("Content-Type"), "text/javascript; charset=utf-8");
  const auto plain = peer->get("/assets/plain-overview.css");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->header("Cache-Control"), "no-cache");
}

TEST_F(Pages, an_unchanged_page_is_304) {
  const auto first = peer->get("/");
  ASSERT_TRUE(first);
  const std::string etag = first->header("ETag");
  EXPECT_FALSE(etag.empty());
  const auto second = peer->get("/", "If-None-Match: " + etag + "\r\n");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 304);
  EXPECT_EQ(second->header("Content-Length"), "");
  EXPECT_EQ(peer->get("/", "If-None-Match: \"other\"\r\n")->status, 200);
}

TEST_F(Pages, the_compressed_file_beside_is_used_when_accepted) {
  const auto zipped = peer->get("/assets/ready-Zz81ab4Q.js", "Accept-Encoding: gzip, br\r\n");
  ASSERT_TRUE(zipped);
  EXPECT_EQ(zipped->header("Content-Encoding"), "gzip");
  EXPECT_EQ(zipped->header("Vary"), "Accept-Encoding");
  EXPECT_EQ(zipped->body, "made when built");
  const auto plain = peer->get("/assets/ready-Zz81ab4Q.js");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->header("Content-Encoding"), "");
  EXPECT_EQ(plain->body.size(), 3'000U);
  EXPECT_EQ(peer->get("/assets/ready-Zz81ab4Q.js", "Accept-Encoding: gzip;q=0\r\n")
                ->header("Content-Encoding"),
            "");
  // Where there is none beside, it was made when loaded.
  EXPECT_LT(peer->get("/assets/main-B3x_9kQz.js", "Accept-Encoding: gzip\r\n")->body.size(), 200U);
}

TEST_F(Pages, nothing_outside_the_folder_is_ever_served) {
  for (const char* path :
       {"/../outside.txt", "/assets/../../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt",
        "/assets/%2e%2e%2f%2e%2e%2foutside.txt", "//etc/passwd", "/..\\outside.txt",
        "/..%5coutside.txt", "/assets/link.txt", "/.env", "/./.env", "/outside.txt",
        "/assets/main-B3x_9kQz.js/../../../outside.txt", "/%00/outside.txt"}) {
    RawPeer fresh(server->port());
    const auto reply = fresh.get(path);
    ASSERT_TRUE(reply) << path;
    EXPECT_TRUE(reply->status == 400 || reply->status == 404) << path << ": " << reply->status;
    EXPECT_EQ(reply->body.find("not for the world"), std::string::npos);
    EXPECT_EQ(reply->body.find("SECRET"), std::string::npos);
  }
}

TEST_F(Pages, the_api_and_missing_files_never_fall_back_to_the_interface) {
  EXPECT_EQ(peer->get("/api/v1/nothing")->status, 404);
  EXPECT_EQ(peer->get("/api")->status, 404);
  EXPECT_EQ(peer->get("/assets/gone-12345678.js")->status, 404);
  const auto wrong = peer->ask("POST /incidents HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->status, 404);
}

TEST_F(Pages, a_folder_without_an_index_is_refused_with_the_remedy) {
  std::filesystem::remove(folder.path() + "/web/index.html");
  const auto files = StaticFiles::load(folder.path() + "/web");
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message.find("build the interface"), std::string::npos);
  EXPECT_FALSE(StaticFiles::load(folder.path() + "/nowhere"));
}

}  // namespace
}  // namespace vl::http
