// A camera that does what a test's script says, on a real socket of the loopback, and a listener
// that remembers what it heard. Test code only.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/rtsp/connections.hpp>
#include <vonglau/rtsp/rtp.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

namespace vl::rtsp {

using namespace std::chrono_literals;

/// One connection that the client made, as its script sees it. Owned by the script's thread.
class Visit {
 public:
  Visit(int socket, int number, std::uint16_t port)
      : number(number), port_(port), socket_(socket) {}
  ~Visit() { close(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  const int number;                  // from 1
  std::map<int, int> frames;         // that the client sent, by channel
  std::optional<Response> response;  // the latest to a request of ours

  /// The client's next request; nothing when it hung up or asked for nothing.
  std::optional<Request> next(std::chrono::milliseconds within = 10s) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (true) {
      auto item = parser_.next();
      if (!item) return std::nullopt;
      if (*item) {
        if (auto* request = std::get_if<Request>(&**item)) return std::move(*request);
        if (const auto* frame = std::get_if<Frame>(&**item)) ++frames[frame->channel];
        if (auto* given = std::get_if<Response>(&**item)) response = std::move(*given);
        if (returns_early && returns_early()) return std::nullopt;
        continue;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      pollfd wait{socket_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0)
        return std::nullopt;
      const auto n = ::recv(socket_, buffer_, sizeof buffer_, 0);
      if (n <= 0) return hung_up = true, std::nullopt;
      parser_.feed({buffer_, static_cast<std::size_t>(n)});
    }
  }
  bool hung_up = false;
  std::function<bool()> returns_early;

  /// False when the client is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool answer(const Request& request, int status = 200, Headers headers = {},
              std::string body = {}) {
    return send(text_of(request, status, std::move(headers), std::move(body)));
  }
  static std::string text_of(const Request& request, int status, Headers headers,
                             std::string body) {
    headers.set("CSeq", std::to_string(*cseq_of(request.headers)));
    return serialise(Response{status, {}, std::move(headers), std::move(body)});
  }

  std::string url() const { return fmt::format("rtsp://127.0.0.1:{}/live", port_); }
  static std::string description(std::string_view more = {}) {
    return fmt::format(
        "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        "a=fmtp:96 sprop-parameter-sets=Z2QAHqzZQKAv+XARAAADAAEAAAMAMg8WLZY=,aOvjyyLA\r\n"
        "a=control:track1\r\n{}",
        more);
  }
  static std::string sound() {
    return "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:track2\r\n";
  }

  /// What an ordinary camera answers to this request.
  std::string usual(const Request& request, std::string session = "4711;timeout=60") {
    Headers headers;
    std::string body;
    if (request.method == "OPTIONS")
      headers.add("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER");
    if (request.method == "DESCRIBE") {
      headers.add("Content-Type", "application/sdp");
      headers.add("Content-Base", url() + "/");
      body = description(sends_sound ? sound() : "");
    }
    if (request.method == "SETUP")
      headers.add("Transport", std::string(request.headers.find("Transport").value_or("")));
    if (request.method == "SETUP" || request.method == "PLAY") headers.add("Session", session);
    return text_of(request, 200, std::move(headers), std::move(body));
  }
  bool sends_sound = false;

  /// Answers as usual up to and with `method`; that request, or nothing when it did not come.
  std::optional<Request> serve_to(std::string_view method,
                                  std::string session = "4711;timeout=60") {
    while (auto request = next()) {
      send(usual(*request, session));
      if (request->method == method) return request;
    }
    return std::nullopt;
  }
  /// The request itself, not yet answered.
  std::optional<Request> serve_until(std::string_view method) {
    while (auto request = next()) {
      if (request->method == method) return request;
      send(usual(*request));
    }
    return std::nullopt;
  }

  /// An interleaved frame with one picture in one packet: a key picture.
  std::string picture(std::size_t bytes = 200, std::uint8_t channel = 0) {
    Bytes payload{0x65, 0x88};
    payload.resize(bytes, 0x11);
    Bytes packet;
    append_rtp(packet, {.payload_type = 96,
                        .marker = true,
                        .sequence = sequence_++,
                        .timestamp = timestamp_ += 3600,
                        .ssrc = 7,
                        .payload = payload});
    return frame(channel, packet);
  }
  static std::string frame(std::uint8_t channel, const Bytes& packet) {
    const auto head = frame_header(channel, static_cast<std::uint16_t>(packet.size()));
    return std::string(as_text(head)) + std::string(as_text(packet));
  }
  bool send_pictures(int count) {
    for (int i = 0; i < count; ++i)
      if (!send(picture())) return false;
    return true;
  }
  /// A picture every 20 ms until the client hangs up, all its requests answered as usual.
  void stream() {
    while (!hung_up && send(picture()))
      if (const auto request = next(20ms)) send(usual(*request));
  }
  /// Waits until the client has hung up, answering nothing.
  bool wait_for_end(std::chrono::milliseconds within = 10s) {
    while (!hung_up && next(within)) {
    }
    return hung_up;
  }
  void cut() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  int descriptor() const { return socket_; }

 private:
  std::uint16_t port_;
  int socket_;
  StreamParser parser_;
  std::uint8_t buffer_[16384];
  std::uint16_t sequence_ = 100;
  std::uint32_t timestamp_ = 0;
};

/// Listens on 127.0.0.1 (or ::1) and runs the script, in a thread of its own, for every
/// connection. Scripts are ended by their sockets: the destructor shuts them all.
class ScriptedCamera {
 public:
  using Script = std::function<void(Visit&)>;

  explicit ScriptedCamera(Script script, int family = AF_INET) : script_(std::move(script)) {
    listening_ = ::socket(family, SOCK_STREAM, 0);
    sockaddr_storage at{};
    socklen_t size = sizeof(sockaddr_in);
    if (family == AF_INET) {
      auto& four = reinterpret_cast<sockaddr_in&>(at);
      four.sin_family = AF_INET;
      four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      auto& six = reinterpret_cast<sockaddr_in6&>(at);
      six.sin6_family = AF_INET6;
      six.sin6_addr = in6addr_loopback;
      size = sizeof six;
    }
    is_listening = ::bind(listening_, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                   ::listen(listening_, 128) == 0;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in&>(at).sin_port
                                   : reinterpret_cast<sockaddr_in6&>(at).sin6_port);
    accepting_ = std::thread([this] { accept(); });
  }
  ~ScriptedCamera() {
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    ::close(listening_);
    {
      const std::lock_guard lock(mutex_);
      for (const Visit* visit : present_) ::shutdown(visit->descriptor(), SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
  }
  ScriptedCamera(const ScriptedCamera&) = delete;
  ScriptedCamera& operator=(const ScriptedCamera&) = delete;

  std::string url() const { return fmt::format("rtsp://127.0.0.1:{}/live", port); }
  int visits() const { return visits_; }

  std::uint16_t port = 0;
  bool is_listening = false;

 private:
  void accept() {
    while (true) {
      const int socket = ::accept(listening_, nullptr, nullptr);
      if (socket < 0) return;
      threads_.emplace_back([this, socket, number = ++visits_] {
        Visit visit(socket, number, port);
        {
          const std::lock_guard lock(mutex_);
          present_.insert(&visit);
        }
        script_(visit);
        const std::lock_guard lock(mutex_);
        present_.erase(&visit);
        visit.close();
      });
    }
  }

  Script script_;
  int listening_ = -1;
  std::atomic<int> visits_ = 0;
  std::mutex mutex_;
  std::set<const Visit*> present_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// Remembers everything; wait() for a condition over it.
class Hearing final : public Listener {
 public:
  struct Stop {
    StopCause cause;
    std::string detail;
  };
  struct Heard {
    std::vector<media::Sample> samples;
    std::vector<Problem> problems;
    std::vector<SessionDescription> descriptions;  // one for each on_playing
    std::vector<Stop> stops;
    std::vector<std::string> order;  // "playing", "sample" (the first of each time), "stopped"
    int ticks = 0;
  };

  void on_sample(media::Sample&& sample) override {
    change([&](Heard& h) {
      if (h.order.empty() || h.order.back() != "sample") h.order.emplace_back("sample");
      h.samples.push_back(std::move(sample));
    });
  }
  void on_problem(const Problem& problem) override {
    change([&](Heard& h) { h.problems.push_back(problem); });
  }
  void on_playing(const SessionDescription& description) override {
    change([&](Heard& h) {
      h.order.emplace_back("playing");
      h.descriptions.push_back(description);
    });
  }
  void on_stopped(StopCause cause, const std::string& detail) override {
    change([&](Heard& h) {
      h.order.emplace_back("stopped");
      h.stops.push_back({cause, detail});
    });
  }
  void on_tick(WallTime, MonoTime) override {
    change([](Heard& h) { ++h.ticks; });
  }
  bool in_haste() const override { return haste; }
  std::atomic<bool> haste = true;

  template <class Enough>
  bool wait(Enough&& enough, std::chrono::milliseconds within = 20s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return enough(std::as_const(heard_)); });
  }
  bool wait_for_stop(StopCause cause, std::chrono::milliseconds within = 20s) {
    return wait([&](const Heard& h) { return !h.stops.empty() && h.stops.back().cause == cause; },
                within);
  }
  bool wait_for_samples(std::size_t count) {
    return wait([&](const Heard& h) { return h.samples.size() >= count; });
  }
  bool wait_for_ticks(int more) {
    const int from = heard().ticks;
    return wait([&](const Heard& h) { return h.ticks >= from + more; });
  }
  Heard heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  template <class Change>
  void change(Change&& what) {
    const std::lock_guard lock(mutex_);
    what(heard_);
    changed_.notify_all();
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Heard heard_;
};

/// For something that happens on another thread.
class Flag {
 public:
  void raise() {
    const std::lock_guard lock(mutex_);
    raised_ = true;
    changed_.notify_all();
  }
  bool wait(std::chrono::milliseconds within = 20s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return raised_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
};

/// Patient where a test is not about patience, so that a loaded machine changes nothing.
inline ConnectionOptions quick() {
  ConnectionOptions options;
  options.connect_timeout_ms = 10'000;
  options.answer_timeout_ms = 10'000;
  options.stall_ms = 10'000;
  options.first_wait_ms = 20;
  options.longest_wait_ms = 200;
  options.refused_wait_ms = 300;
  options.seed = 1;
  return options;
}

class ConnectionsTest : public testing::Test {
 protected:
  Connections::Id open(Connections& connections, Source source, std::int64_t spread_ms = 0) {
    auto id = connections.open(std::move(source), hearing, spread_ms);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(0);
  }
  SystemClock clock;
  Hearing hearing;
};

}  // namespace vl::rtsp
