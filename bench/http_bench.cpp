// What our HTTP server costs beside bare Beast: the same small JSON answer over TLS 1.3 on kept
// connections, and one message to 200 watchers. Each server runs in a process of its own, so that
// its CPU time is counted without the load's. Prints one line a case.
//
//   build/release/bin/http_bench [requests per case, default 20000] [connections, default 16]
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/http/certificates.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/http/server.hpp>

namespace {

using namespace vl;
using namespace vl::http;
namespace net = boost::asio;
namespace beast = boost::beast;
using net::ip::tcp;

const std::string kAnswer = R"({"id":"019abc00-0000-7000-8000-00000000002a","state":"waiting"})";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// ------------------------------------------------------------ bare Beast
class BareSession : public std::enable_shared_from_this<BareSession> {
 public:
  BareSession(tcp::socket socket, net::ssl::context& tls) : stream_(std::move(socket), tls) {}
  void start() {
    stream_.next_layer().socket().set_option(tcp::no_delay(true));
    stream_.async_handshake(net::ssl::stream_base::server, [self = shared_from_this()](auto ec) {
      if (!ec) self->read();
    });
  }

 private:
  void read() {
    request_ = {};
    beast::http::async_read(stream_, buffer_, request_,
                            [self = shared_from_this()](auto ec, std::size_t) {
                              if (!ec) self->answer();
                            });
  }
  void answer() {
    response_ = {beast::http::status::ok, 11};
    response_.set(beast::http::field::content_type, "application/json");
    response_.keep_alive(true);
    response_.body() = kAnswer;
    response_.prepare_payload();
    beast::http::async_write(stream_, response_, [self = shared_from_this()](auto ec, std::size_t) {
      if (!ec) self->read();
    });
  }
  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> request_;
  beast::http::response<beast::http::string_body> response_;
};

void accept_bare(tcp::acceptor& acceptor, net::ssl::context& tls) {
  acceptor.async_accept(net::make_strand(acceptor.get_executor()),
                        [&](auto ec, tcp::socket socket) {
                          if (!ec) std::make_shared<BareSession>(std::move(socket), tls)->start();
                          accept_bare(acceptor, tls);
                        });
}

void run_bare(const TlsFiles& files, int tell) {
  net::io_context context;
  net::ssl::context tls(net::ssl::context::tls_server);
  tls.use_certificate_chain_file(files.certificate_file);
  tls.use_private_key_file(files.key_file, net::ssl::context::pem);
  tcp::acceptor acceptor(context, {net::ip::address_v4::loopback(), 0});
  accept_bare(acceptor, tls);
  const std::uint16_t port = acceptor.local_endpoint().port();
  if (::write(tell, &port, sizeof port) != sizeof port) std::abort();
  std::thread second([&] { context.run(); });
  context.run();
}

// ------------------------------------------------------------- our server
class Watchers {
 public:
  void add(WebSocketPeer peer) {
    const std::scoped_lock lock(mutex_);
    peers_.push_back(std::move(peer));
  }
  void tell_all(const SharedBytes& message) {
    const std::scoped_lock lock(mutex_);
    for (const auto& peer : peers_) peer.send_text(message);
  }

 private:
  std::mutex mutex_;
  std::vector<WebSocketPeer> peers_;
};

class WatchSession final : public WebSocketSession {
 public:
  explicit WatchSession(Watchers& watchers) : watchers_(watchers) {}
  void on_open(WebSocketPeer peer) override { watchers_.add(std::move(peer)); }

 private:
  Watchers& watchers_;
};

void run_ours(const TlsFiles& files, int tell) {
  const SystemClock clock;
  Watchers watchers;
  Router router;
  router.add(Method::get, "/api/v1/reports/{id}",
             [](const Request&) { return Response::json(kAnswer); });
  router.add(Method::post, "/tell", [&](const Request& request) {
    watchers.tell_all(request.body);
    return Response::no_content();
  });
  router.add_websocket("/watch", [&](const Request&) -> WebSocketAccept {
    return std::make_shared<WatchSession>(watchers);
  });
  auto server = Server::start({.tls = files}, std::move(router), clock);
  if (!server) std::abort();
  const std::uint16_t port = (*server)->port();
  if (::write(tell, &port, sizeof port) != sizeof port) std::abort();
  ::pause();
}

/// A server in a process of its own, with the CPU time it took in the end.
class ServerProcess {
 public:
  ServerProcess(void (*run)(const TlsFiles&, int), const TlsFiles& files) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      run(files, ends[1]);
      ::_exit(0);
    }
    if (::read(ends[0], &port_, sizeof port_) != sizeof port_) std::abort();
    ::close(ends[0]), ::close(ends[1]);
  }
  std::uint16_t port() const { return port_; }
  double stop() {
    rusage used{};
    ::kill(pid_, SIGKILL);
    ::wait4(pid_, nullptr, 0, &used);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
  }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

// ------------------------------------------------------------------- load
void ask_many(std::uint16_t port, int requests) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  if (SSL_connect(ssl) != 1) std::abort();
  const std::string request =
      "GET /api/v1/reports/7 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
      "Accept-Encoding: gzip, deflate, br\r\nCookie: __Host-vonglau=0123456789abcdef\r\n\r\n";
  char buffer[16 * 1024];
  for (int i = 0; i < requests; ++i) {
    if (SSL_write(ssl, request.data(), static_cast<int>(request.size())) <= 0) std::abort();
    std::string answer;
    while (answer.find(kAnswer) == std::string::npos) {
      const int n = SSL_read(ssl, buffer, sizeof buffer);
      if (n <= 0) std::abort();
      answer.append(buffer, static_cast<std::size_t>(n));
    }
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  ::close(fd);
}

void bench_requests(const char* name, void (*run)(const TlsFiles&, int), const TlsFiles& files,
                    int requests, int connections) {
  ServerProcess server(run, files);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> load;
  for (int i = 0; i < connections; ++i)
    load.emplace_back([&] { ask_many(server.port(), requests / connections); });
  for (auto& thread : load) thread.join();
  const double took_s = seconds_since(start);
  const double cpu_s = server.stop();
  std::printf("requests  %-12s %3d connections  %8.0f requests/s  %.3f CPU-s per 10,000\n", name,
              connections, requests / took_s, cpu_s * 10'000 / requests);
}

class CountingSession final : public WebSocketSession {
 public:
  explicit CountingSession(std::atomic<int>& count) : count_(count) {}
  void on_open(WebSocketPeer) override {}
  void on_text(std::string_view) override { ++count_; }

 private:
  std::atomic<int>& count_;
};

void bench_fan_out(const TlsFiles& files, const std::string& authority) {
  constexpr int kWatchers = 200;
  constexpr int kMessages = 250;
  ServerProcess server(run_ours, files);
  ClientOptions to{.base_url = "https://localhost:" + std::to_string(server.port())};
  to.trust.ca_file = authority;
  std::atomic<int> received{0};
  std::vector<std::unique_ptr<WebSocketClient>> watchers;
  for (int i = 0; i < kWatchers; ++i)
    watchers.push_back(*WebSocketClient::connect({.connection = to, .target = "/watch"},
                                                 std::make_shared<CountingSession>(received)));
  HttpsClient teller(to);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kMessages; ++i)
    static_cast<void>(teller.post_json("/tell", std::string(400, 'e')));
  while (received < kWatchers * kMessages) ::usleep(500);
  const double took_s = seconds_since(start);
  watchers.clear();
  const double cpu_s = server.stop();
  std::printf("fan-out   ours         %3d watchers     %8.0f messages/s  %.3f CPU-s per 10,000\n",
              kWatchers, received / took_s, cpu_s * 10'000 / received);
}

}  // namespace

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const int connections = argc > 2 ? std::atoi(argv[2]) : 16;
  std::string folder = std::filesystem::temp_directory_path() / "vonglau-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const SystemClock clock;
  const auto authority = ensure_authority(folder, "Bench", clock);
  const auto files = ensure_server_certificate(*authority, folder, "server", {"localhost"}, clock);
  for (int round = 0; round < 3; ++round) {
    bench_requests("bare Beast", run_bare, *files, requests, connections);
    bench_requests("ours", run_ours, *files, requests, connections);
  }
  bench_fan_out(*files, authority->certificate_file);
  std::filesystem::remove_all(folder);
  return 0;
}
