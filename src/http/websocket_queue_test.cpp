// The outgoing queue: many watchers, slow readers, many senders.
#include <numeric>
#include <thread>

#include <vonglau/http/metrics.hpp>

#include "outbox.hpp"
#include "websocket_test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

/// A raw peer that has upgraded and reads nothing, so that the server's queue fills.
struct SlowReader {
  explicit SlowReader(const Server& server) : peer(server.port(), false, 0, 4096) {
    upgraded = peer.ask(std::string(kUpgrade) + "\r\n").has_value();
  }
  RawPeer peer;
  bool upgraded = false;
};

Sent fill(const WebSocketPeer& peer, const SharedBytes& message) {
  Sent sent = Sent::queued;
  for (int i = 0; i < 100'000 && sent == Sent::queued; ++i) sent = peer.send_binary(message);
  return sent;
}

TEST(WebSocketQueue, a_slow_reader_is_closed_with_1013_when_its_queue_is_full) {
  Echo echo(false, {.max_queued_bytes = 1 << 20, .close_timeout_ms = 200});
  SlowReader slow(*echo.server);
  ASSERT_TRUE(slow.upgraded);
  const WebSocketPeer peer = echo.session->peer();
  EXPECT_EQ(fill(peer, std::string(64 * 1024, 'x')), Sent::closed);
  EXPECT_EQ(echo.session->overflows, 1);
  EXPECT_GT(echo.session->overflow_at.bytes, (1U << 20) - 64 * 1024);
  EXPECT_LE(echo.session->overflow_at.bytes, 1U << 20);
  EXPECT_FALSE(peer.is_open());
  EXPECT_EQ(echo.session->close_code(), close_code::try_again_later);
  EXPECT_EQ(peer.bytes_queued(), 0U);
  EXPECT_TRUE(eventually([&] { return echo.server->connections() == 0; }, 3'000));
}

TEST(WebSocketQueue, a_session_may_drop_the_message_or_all_that_waits_and_tell_its_peer_later) {
  for (const Overflow choice : {Overflow::drop_message, Overflow::drop_waiting}) {
    Echo echo(false, {.max_queued_bytes = 64 << 20, .max_queued_messages = 50});
    echo.session->on_full = choice;
    SlowReader slow(*echo.server);
    ASSERT_TRUE(slow.upgraded);
    const WebSocketPeer peer = echo.session->peer();
    EXPECT_EQ(fill(peer, std::string(256 * 1024, 'x')), Sent::dropped);
    EXPECT_EQ(echo.session->overflow_at.messages, 50U);
    const std::size_t left = peer.queued().messages;
    if (choice == Overflow::drop_message)
      EXPECT_GE(left, 49U);
    else
      EXPECT_LE(left, 1U);  // the one being written cannot be taken back
    if (choice == Overflow::drop_message) continue;
    EXPECT_TRUE(peer.is_open());
    EXPECT_EQ(peer.send_text("reset"), Sent::queued);
    // The reader wakes up: what was under way comes whole, then the reset.
    std::string got;
    ASSERT_TRUE(eventually([&] {
      got += slow.peer.receive(100);
      return got.ends_with(std::string("\x81\x05reset", 7));
    }));
  }
}

TEST(WebSocketQueue, a_peer_that_takes_nothing_of_a_message_is_cut_in_time) {
  Echo echo(false, {.max_queued_bytes = 64 << 20, .write_timeout_ms = 300});
  SlowReader slow(*echo.server);
  ASSERT_TRUE(slow.upgraded);
  echo.session->peer().send_binary(std::string(32 << 20, 'x'));
  EXPECT_EQ(echo.session->close_code(), close_code::abnormal);
}

TEST(WebSocketQueue, every_message_of_many_senders_comes_once_and_whole) {
  Echo echo(true, {.max_queued_messages = 100'000});
  auto mine = std::make_shared<Recorder>();
  const auto client = WebSocketClient::connect(socket_of(*echo.server, true), mine);
  ASSERT_TRUE(client);
  const WebSocketPeer peer = echo.session->peer();
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i)
        EXPECT_EQ(peer.send_text(std::to_string(t) + " " + std::to_string(i)), Sent::queued);
    });
  for (auto& sender : senders) sender.join();
  std::vector<int> next(4, 0);
  for (int i = 0; i < 2'000; ++i) {
    const std::string message = mine->next();  // "t:2 17"
    const int sender = message[2] - '0';
    ASSERT_TRUE(sender >= 0 && sender < 4) << message;
    EXPECT_EQ(message.substr(4), std::to_string(next[static_cast<std::size_t>(sender)]++));
  }
}

TEST(WebSocketQueue, large_messages_come_whole_over_tls) {
  Echo echo(true);
  auto mine = std::make_shared<Recorder>();
  const auto client = WebSocketClient::connect(socket_of(*echo.server, true), mine);
  ASSERT_TRUE(client);
  for (const std::size_t size : {0, 1, 125, 126, 16'384, 65'535, 65'536, 70'000, 3'000'000}) {
    Bytes bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    ASSERT_EQ(echo.session->peer().send_binary(bytes), Sent::queued);
    EXPECT_TRUE(mine->next() == "b:" + to_hex(bytes)) << size;
  }
}

/// Counts what it gets; the messages themselves are not kept.
class Watcher final : public WebSocketSession {
 public:
  explicit Watcher(std::atomic<int>& total) : total_(total) {}
  void on_open(WebSocketPeer) override {}
  void on_text(std::string_view text) override {
    if (text.size() == 300) ++total_;
  }

 private:
  std::atomic<int>& total_;
};

class Hub {
 public:
  void add(WebSocketPeer peer) {
    const std::scoped_lock lock(mutex_);
    peers_.push_back(std::move(peer));
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return peers_.size();
  }
  void tell_all(const SharedBytes& message) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& peer : peers_) peer.send_text(message);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<WebSocketPeer> peers_;
};

class HubSession final : public WebSocketSession {
 public:
  explicit HubSession(Hub& hub) : hub_(hub) {}
  void on_open(WebSocketPeer peer) override { hub_.add(std::move(peer)); }

 private:
  Hub& hub_;
};

TEST(WebSocketQueue, two_hundred_watchers_each_get_every_message) {
  constexpr int kWatchers = 200;
  constexpr int kMessages = 50;
  Hub hub;
  Router router;
  router.add_websocket("/watch/a", [&](const Request&) -> WebSocketAccept {
    return std::make_shared<HubSession>(hub);
  });
  Metrics metrics;
  const auto server = serve(std::move(router), tls_server(), &metrics);
  std::atomic<int> received{0};
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  for (int i = 0; i < kWatchers; ++i) {
    auto client =
        WebSocketClient::connect(socket_of(*server, true), std::make_shared<Watcher>(received));
    ASSERT_TRUE(client) << client.error().message;
    clients.push_back(std::move(*client));
  }
  ASSERT_TRUE(eventually([&] { return hub.size() == kWatchers; }));
  EXPECT_EQ(server->connections(), static_cast<std::size_t>(kWatchers));
  EXPECT_NE(metrics.text().find("vonglau_http_connections 200"), std::string::npos);
  for (int i = 0; i < kMessages; ++i) hub.tell_all(std::string(300, 'e'));
  EXPECT_TRUE(eventually([&] { return received == kWatchers * kMessages; }, 60'000)) << received;
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(WebSocketQueue, silence_is_answered_with_a_ping_and_then_cut) {
  Echo echo(false, {.ping_interval_ms = 150});
  RawPeer peer(echo.server->port());
  ASSERT_TRUE(peer.ask(std::string(kUpgrade) + "\r\n"));
  for (int i = 0; i < 3; ++i) {  // answered: it lives
    ASSERT_EQ(peer.take(2), std::string("\x89\x00", 2));
    ASSERT_TRUE(peer.send(frame(0x8a, "")));
  }
  EXPECT_TRUE(echo.session->peer().is_open());
  EXPECT_EQ(peer.take(2), std::string("\x89\x00", 2));  // not answered
  EXPECT_EQ(echo.session->close_code(), close_code::abnormal);
}

TEST(WebSocketQueue, an_exception_in_a_callback_closes_with_1011_and_disturbs_nobody) {
  class Throwing final : public WebSocketSession {
   public:
    void on_open(WebSocketPeer) override {}
    void on_text(std::string_view) override { throw std::runtime_error("private"); }
  };
  Router router;
  router.add_websocket(
      "/watch/a", [](const Request&) -> WebSocketAccept { return std::make_shared<Throwing>(); });
  const auto server = serve(std::move(router));
  auto first = std::make_shared<Recorder>();
  auto second = std::make_shared<Recorder>();
  const auto one = WebSocketClient::connect(socket_of(*server), first);
  const auto two = WebSocketClient::connect(socket_of(*server), second);
  ASSERT_TRUE(one && two);
  (*one)->peer().send_text("x");
  EXPECT_EQ(first->close_code(), close_code::internal_error);
  EXPECT_EQ(first->reason().find("private"), std::string::npos);
  EXPECT_TRUE((*two)->peer().is_open());
}

TEST(Outbox, counts_what_waits_and_what_is_being_written) {
  int wakes = 0;
  auto session = std::make_shared<Recorder>();
  session->on_full = Overflow::drop_message;
  Outbox outbox({.max_queued_bytes = 10, .max_queued_messages = 3}, session, [&] { ++wakes; });
  EXPECT_EQ(outbox.send("aaaa", true), Sent::queued);
  EXPECT_EQ(outbox.send("bbbb", true), Sent::queued);
  EXPECT_EQ(wakes, 1);  // once until the queue was found empty
  EXPECT_EQ(outbox.take()->bytes.text(), "aaaa");
  EXPECT_EQ(outbox.queued().bytes, 8U);
  EXPECT_EQ(outbox.send("ccc", true), Sent::dropped);
  EXPECT_EQ(session->overflow_at.messages, 2U);
  outbox.written();
  EXPECT_EQ(outbox.send("cccc", true), Sent::queued);
  EXPECT_EQ(outbox.take()->bytes.text(), "bbbb");
  outbox.written();
  EXPECT_EQ(outbox.take()->bytes.text(), "cccc");
  outbox.written();
  EXPECT_FALSE(outbox.take());
  EXPECT_EQ(outbox.send("d", true), Sent::queued);
  EXPECT_EQ(wakes, 2);
  EXPECT_EQ(outbox.send("", true), Sent::queued);
  EXPECT_EQ(outbox.send("", true), Sent::queued);
  EXPECT_EQ(outbox.send("", true), Sent::dropped);  // too many, however small
  outbox.close(1000, "done");
  outbox.close(1001, "later");
  EXPECT_EQ(outbox.send("e", true), Sent::closed);
  EXPECT_TRUE(outbox.take());  // what waited still goes out
  EXPECT_EQ(outbox.take_close()->code, 1000);
  EXPECT_FALSE(outbox.take_close());
  outbox.detach();
  EXPECT_EQ(outbox.queued().messages, 0U);
}

}  // namespace
}  // namespace vl::http
