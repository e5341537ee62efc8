// What tests of exports at a recorder are made of: footage, a timestamp authority, a whole
// recorder's end of exports behind HTTP.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/http/server.hpp>
#include <vonglau/recording/disk_worker.hpp>

#include "export_work.hpp"
#include "media_routes.hpp"

namespace vl::recorder::testing {

namespace fs = std::filesystem;
constexpr std::int64_t start_us = 1'763'800'000'000'000;

inline Uuid id_of(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = 7;
  id.bytes[15] = number;
  return id;
}

inline recording::NewFragment half_second(std::uint8_t camera, std::int64_t at_us) {
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
    sample->bytes = Bytes(700, static_cast<std::uint8_t>(at_us / 100'000 + i));
    out.samples.push_back(std::move(sample));
  }
  return out;
}

template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(45);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// `openssl ts` behind HTTP, with an authority of its own.
class Authority {
 public:
  Authority(const std::string& folder, const Clock& clock) : folder_(folder + "/tsa") {
    fs::create_directories(folder_);
    is_there_ = run("openssl version") && make_certificates();
    http::Router router;
    router.add(http::Method::post, "/tsr",
               [this](const http::Request& request) { return reply(request); });
    server_ = *http::Server::start({}, std::move(router), clock);
  }
  bool is_there() const { return is_there_; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/tsr", server_->port()); }
  std::string certificates() const { return folder_ + "/ca.crt"; }
  void set_away(bool away) { away_ = away; }
  int asked() const { return asked_; }

 private:
  bool run(const std::string& command) const {
    return std::system(  // NOLINT
               fmt::format("cd {} && {} > log 2>&1", folder_, command).c_str()) == 0;
  }
  bool make_certificates() const {
    std::ofstream(folder_ + "/conf")
        << "[tsa]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature\n"
           "[tsa_config]\nserial=serial\nsigner_cert=tsa.crt\ncerts=ca.crt\nsigner_key=tsa.key\n"
           "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\n";
    std::ofstream(folder_ + "/serial") << "01\n";
    for (const auto* command :
         {"openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 3650 -subj "
          "/CN=CA",
          "openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=TSA",
          "openssl x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tsa.crt "
          "-days 3000 -extfile conf -extensions tsa"})
      if (!run(command)) return false;
    return true;
  }
  http::Response reply(const http::Request& request) {
    ++asked_;
    if (away_) return http::Response::text("", 503);
    EXPECT_EQ(request.header("Content-Type"), "application/timestamp-query");
    std::ofstream(folder_ + "/query", std::ios::binary) << request.body;
    EXPECT_TRUE(run("openssl ts -reply -config conf -section tsa_config -queryfile query -out r"));
    std::ifstream in(folder_ + "/r", std::ios::binary);
    return http::Response::bytes(std::string(std::istreambuf_iterator<char>(in), {}),
                                 "application/timestamp-reply");
  }

  const std::string folder_;
  bool is_there_ = false;
  std::atomic<bool> away_ = false;
  std::atomic<int> asked_ = 0;
  std::unique_ptr<http::Server> server_;
};

/// All of a recorder that exports touch: store, spool, its thread, and what it serves.
class RecorderAtWork {
 public:
  RecorderAtWork(std::string folder, const SigningKey& tickets, const Clock& clock, IdSource& ids)
      : folder_(std::move(folder)), clock_(clock), ids_(ids), gate_(ProvinceId{24}, clock) {
    recording::StoreOptions store;
    store.folder = folder_ + "/footage";
    store.reserve_bytes = 0;
    store.extent_bytes = 8 << 20;
    store_ = *recording::open_fragment_store(store, *disk_, clock_, ids_, quiet_);
    spool_ = *node::Spool::open(folder_ + "/spool.db", clock_, ids_);
    options_.folder = folder_ + "/exports";
    options_.try_again_ms = 50;
    options_.part_tries = 3;
    gate_.set_key(tickets.public_key());
    start();
  }
  ~RecorderAtWork() {
    if (server_) server_->stop(500);
    work_.reset();
  }
  void put_seconds(std::uint8_t camera, int seconds) {
    for (int i = 0; i < 2 * seconds; ++i)
      ASSERT_TRUE(store_->append(half_second(camera, start_us + i * 500'000)));
    ASSERT_TRUE(store_->sync());
  }
  void start() {
    stop();
    reports_ = std::make_unique<CoreReports>(*spool_, clock_, [] {});
    work_ = std::make_unique<ExportWork>(options_, 0, *store_, *reports_, clock_, ids_);
    worker_ = std::make_unique<recording::DiskWorker>(*store_, clock_, recording::WorkerOptions{});
    players_ = std::make_unique<PlayLoop>(*store_, clock_);
    stations_ = std::make_unique<Stations>(recorder_options_, *store_, *worker_, *reports_, clock_);
    hls_.emplace(*store_, clock_);
    parts_.emplace(MediaParts{gate_, *stations_, *players_, *store_, work_.get(), *hls_, nullptr});
    http::Router router;
    add_media_routes(router, *parts_);
    http::ServerOptions server;
    server.port = port_;
    server_ = *http::Server::start(server, std::move(router), clock_);
    port_ = server_->port();
  }
  void stop() {
    if (server_) server_->stop(500);
    server_.reset();
    parts_.reset();
    hls_.reset();
    stations_.reset();
    players_.reset();
    worker_.reset();
    work_.reset();
    reports_.reset();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  ExportWork& work() { return *work_; }
  std::string folder() const { return folder_; }
  /// All items of this kind that were told.
  std::vector<json::Value> told(std::string_view kind) {
    while (true) {
      const auto batch = spool_->next();
      if (!batch || !*batch) break;
      for (const auto& item : (*batch)->items) told_.push_back(item);
      EXPECT_TRUE(spool_->acknowledged((*batch)->batch_id));
    }
    std::vector<json::Value> out;
    for (const auto& item : told_)
      if (item.kind == kind) out.push_back(item.body);
    return out;
  }

 private:
  const std::string folder_;
  const Clock& clock_;
  IdSource& ids_;
  recording::StoreObserver quiet_;
  std::unique_ptr<recording::Disk> disk_ = recording::posix_disk();
  RecorderOptions recorder_options_;
  ExportOptions options_;
  TicketGate gate_;
  std::uint16_t port_ = 0;
  std::unique_ptr<recording::FragmentStore> store_;
  std::unique_ptr<node::Spool> spool_;
  std::unique_ptr<CoreReports> reports_;
  std::unique_ptr<ExportWork> work_;
  std::unique_ptr<recording::DiskWorker> worker_;
  std::unique_ptr<PlayLoop> players_;
  std::unique_ptr<Stations> stations_;
  std::optional<Hls> hls_;
  std::optional<MediaParts> parts_;
  std::unique_ptr<http::Server> server_;
  std::vector<node::BatchItem> told_;
};

}  // namespace vl::recorder::testing
