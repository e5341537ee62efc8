// A recorder between cameras' sockets and viewers' sockets, with its footage on a real disk;
// ffprobe judges what viewers get.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/base/signing.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/http/server.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/recorder/recorder.hpp>

namespace vl::recorder {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr ProvinceId province{24};

inline std::string run(const std::string& command) {
  std::string out;
  std::array<char, 4096> block{};
  FILE* pipe = ::popen(command.c_str(), "r");
  while (const auto n = ::fread(block.data(), 1, block.size(), pipe)) out.append(block.data(), n);
  ::pclose(pipe);
  return out;
}

/// What a browser would get.
class Screen final : public http::WebSocketSession {
 public:
  void on_open(http::WebSocketPeer) override {}
  void on_text(std::string_view text) override {
    const std::scoped_lock lock(mutex_);
    texts_.emplace_back(text);
  }
  void on_binary(ByteView bytes) override {
    const std::scoped_lock lock(mutex_);
    stream_.insert(stream_.end(), bytes.begin(), bytes.end());
    ++messages_;
  }
  void on_close(std::uint16_t, std::string_view) override { closed_ = true; }

  std::size_t messages() const {
    const std::scoped_lock lock(mutex_);
    return messages_;
  }
  std::vector<std::string> texts() const {
    const std::scoped_lock lock(mutex_);
    return texts_;
  }
  /// Microseconds of the position messages, in order.
  std::vector<std::int64_t> positions() const {
    std::vector<std::int64_t> out;
    for (const auto& text : texts())
      if (const auto at = text.find("\"position_us\":"); at != std::string::npos)
        out.push_back(std::stoll(text.substr(at + 14)));
    return out;
  }
  bool said(std::string_view part) const {
    for (const auto& text : texts())
      if (text.find(part) != std::string::npos) return true;
    return false;
  }
  Bytes stream() const {
    const std::scoped_lock lock(mutex_);
    return stream_;
  }
  std::atomic<bool> closed_ = false;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
  Bytes stream_;
  std::size_t messages_ = 0;
};

struct Watching {
  std::shared_ptr<Screen> screen;
  std::unique_ptr<http::WebSocketClient> socket;
};

/// A folder, a recorder and its server for each test.
class RecorderFixture : public ::testing::Test {
 protected:
  RecorderFixture() {
    std::string pattern = (fs::temp_directory_path() / "vl-recorder-XXXXXX").string();
    here_ = ::mkdtemp(pattern.data());
  }
  ~RecorderFixture() override { fs::remove_all(here_); }

  void SetUp() override {
    key_.emplace(*SigningKey::load_or_create(here_ + "/tickets.key"));
    start();
  }
  void TearDown() override { stop(); }

  void start() {
    spool_ = *node::Spool::open(here_ + "/spool.db", clock_, ids_);
    RecorderOptions options;
    options.province = province;
    options.store.folder = here_ + "/footage";
    options.store.reserve_bytes = 1 << 20;
    options.assignment_file = here_ + "/assignment.json";
    options.connections.stall_ms = 2'000;
    options.connections.first_wait_ms = 100;
    options.connections.refused_wait_ms = 500;
    options.sub_linger_us = 500'000;
    options.sub_patience_us = sub_patience_us_;
    options.sub_retry_us = 3'000'000;
    adjust(options);
    auto opened = Recorder::open(options, *disk_, clock_, ids_, *spool_, [] {});
    ASSERT_TRUE(opened) << opened.error().message;
    recorder_ = std::move(*opened);
    recorder_->set_ticket_key(key_->public_key());
    http::Router router;
    recorder_->add_routes(router);
    server_ = *http::Server::start({}, std::move(router), clock_);
    keeper_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        recorder_->keep();
        std::this_thread::sleep_for(50ms);
      }
    });
  }
  void stop() {
    keeper_ = {};
    if (server_) server_->stop(500);
    server_.reset();
    recorder_.reset();
    spool_.reset();
  }

  /// Before a recorder starts.
  virtual void adjust(RecorderOptions&) {}

  static Uuid id_of(std::size_t camera) {
    Uuid id;
    id.bytes[0] = 1;
    id.bytes[14] = static_cast<std::uint8_t>((camera + 1) >> 8);
    id.bytes[15] = static_cast<std::uint8_t>(camera + 1);
    return id;
  }
  static recording::StreamKey main_of(std::size_t camera) {
    return {recording::CameraId{id_of(camera)}, recording::StreamKind::main};
  }

  std::string ticket(std::size_t camera, node::MediaPurpose purpose,
                     std::optional<std::int64_t> oldest_us = {}, ProvinceId of = province,
                     std::int64_t lasts_us = 60'000'000) {
    return node::sign_ticket({of, id_of(camera), ids_.next(), purpose, oldest_us,
                              clock_.wall().plus_us(lasts_us), ids_.next()},
                             *key_);
  }
  std::string base() const { return fmt::format("127.0.0.1:{}", server_->port()); }
  Result<Watching> watch(const std::string& target) {
    http::WebSocketClientOptions options;
    options.connection.base_url = "ws://" + base();
    options.target = target;
    Watching out{std::make_shared<Screen>(), nullptr};
    VL_TRY(out.socket, http::WebSocketClient::connect(options, out.screen));
    return out;
  }
  Watching live(std::size_t camera, const std::string& stream = "main") {
    auto watching = watch("/media/live?stream=" + stream +
                          "&ticket=" + ticket(camera, node::MediaPurpose::live));
    EXPECT_TRUE(watching) << watching.error().message;
    return watching ? std::move(*watching) : Watching{std::make_shared<Screen>(), nullptr};
  }
  Watching play(std::size_t camera, std::int64_t start_us) {
    auto watching = watch(fmt::format("/media/play?start_us={}&ticket={}", start_us,
                                      ticket(camera, node::MediaPurpose::playback)));
    EXPECT_TRUE(watching) << watching.error().message;
    return watching ? std::move(*watching) : Watching{std::make_shared<Screen>(), nullptr};
  }

  template <class Condition>
  static bool eventually(Condition condition, std::chrono::seconds limit = 40s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }
  std::int64_t recorded_us(std::size_t camera) {
    std::int64_t sum = 0;
    const auto spans = recorder_->store().spans(main_of(camera), 0, clock_.wall().us + 1);
    if (spans)
      for (const auto& span : *spans) sum += span.end_us - span.start_us;
    return sum;
  }
  /// Takes what was spooled for the core so far.
  void collect() {
    for (;;) {
      const auto batch = spool_->next();
      if (!batch || !*batch) return;
      for (const auto& item : (*batch)->items) told_.push_back(item);
      ASSERT_TRUE(spool_->acknowledged((*batch)->batch_id));
    }
  }
  bool told(std::string_view kind, std::string_view cause = {}) {
    collect();
    for (const auto& item : told_)
      if (item.kind == kind &&
          (cause.empty() || json::text_of(item.body).find(cause) != std::string::npos))
        return true;
    return false;
  }

  /// Pictures that ffprobe decodes of what a screen got.
  int decoded(const Screen& screen) {
    const std::string file = here_ + "/screen.mp4";
    const auto stream = screen.stream();
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(stream.data()),
               static_cast<std::streamsize>(stream.size()));
    const auto out =
        run("ffprobe -v error -count_frames -select_streams v -show_entries "
            "stream=nb_read_frames -of csv=p=0 " +
            file + " 2>&1");
    return out.empty() ? -1 : std::atoi(out.c_str());
  }

  std::int64_t sub_patience_us_ = 20'000'000;
  static inline SystemClock clock_;
  SystemIdSource ids_{clock_};
  std::unique_ptr<recording::Disk> disk_ = recording::posix_disk();
  std::string here_;
  std::optional<SigningKey> key_;
  std::unique_ptr<node::Spool> spool_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<http::Server> server_;
  std::jthread keeper_;
  std::vector<node::BatchItem> told_;
};

}  // namespace vl::recorder
