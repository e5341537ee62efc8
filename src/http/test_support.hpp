// For this room's tests: a raw peer that sends any bytes it likes over TCP or TLS, certificates in
// a folder that goes away, and a server with a router. Nothing of ours is between the raw peer
// and the socket.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/http/certificates.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/http/server.hpp>

namespace vl::http::test {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "vonglau-http-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// An authority and a certificate for localhost, made once for the whole test program.
struct TestCertificates {
  TempFolder folder;
  SystemClock clock;
  AuthorityFiles authority = *ensure_authority(folder.path(), "Test authority", clock);
  TlsFiles server = *ensure_server_certificate(authority, folder.path(), "server",
                                               {"localhost", "127.0.0.1", "::1"}, clock);
  static TestCertificates& get() {
    static TestCertificates certificates;
    return certificates;
  }
};

struct Reply {
  int status = 0;
  std::string head;
  std::string body;
  std::string header(std::string_view name) const {
    Fields fields;
    std::string_view rest = head;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
      if (const auto colon = line.find(": "); colon != std::string_view::npos)
        fields.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
    }
    return std::string(fields.get(name));
  }
};

class RawPeer {
 public:
  /// `receive_buffer` small makes a peer that is soon full.
  explicit RawPeer(std::uint16_t port, bool tls = false, int max_tls = 0, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (connected_ && tls) connected_ = handshake(max_tls);
  }
  ~RawPeer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (context_ != nullptr) SSL_CTX_free(context_);
    ::close(fd_);
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool connected() const { return connected_; }
  std::string tls_version() const { return ssl_ ? SSL_get_version(ssl_) : ""; }
  SSL* ssl() { return ssl_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const long n = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// "" when the peer closed or nothing came in time.
  std::string receive(int timeout_ms = 10'000) {
    if (ssl_ == nullptr || SSL_pending(ssl_) == 0) {
      pollfd wait{fd_, POLLIN, 0};
      if (::poll(&wait, 1, timeout_ms) <= 0) {
        timed_out_ = true;
        return {};
      }
    }
    char buffer[16 * 1024];
    const long n =
        ssl_ ? SSL_read(ssl_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
    return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : std::string();
  }

  bool fill(std::size_t size, int timeout_ms = 10'000) {
    while (pending_.size() < size) {
      const std::string more = receive(timeout_ms);
      if (more.empty()) return false;
      pending_ += more;
    }
    return true;
  }

  std::string take(std::size_t size) {
    if (!fill(size)) return {};
    std::string out = pending_.substr(0, size);
    pending_.erase(0, size);
    return out;
  }

  std::optional<Reply> reply(bool to_head = false, int timeout_ms = 10'000) {
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      const std::string more = receive(timeout_ms);
      if (more.empty()) return std::nullopt;
      pending_ += more;
    }
    Reply reply;
    reply.head = take(end + 4);
    reply.status = std::atoi(reply.head.substr(9, 3).c_str());
    const std::string length = reply.header("Content-Length");
    if (!to_head && !length.empty()) reply.body = take(std::stoul(length));
    return reply;
  }

  /// Reads until the server closes; false when it has not within the time.
  bool is_closed_within(int timeout_ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    timed_out_ = false;
    while (!timed_out_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      if (receive(static_cast<int>(left.count())).empty()) return !timed_out_;
    }
    return false;
  }

  std::optional<Reply> ask(std::string_view request) {
    if (!send(request)) return std::nullopt;
    return reply(request.starts_with("HEAD "));
  }
  std::optional<Reply> get(std::string_view target, std::string_view more = "") {
    return ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
               std::string(more) + "\r\n");
  }

 private:
  bool handshake(int max_tls) {
    context_ = SSL_CTX_new(TLS_client_method());
    if (max_tls != 0) {
      SSL_CTX_set_security_level(context_, 0);
      SSL_CTX_set_min_proto_version(context_, max_tls < TLS1_2_VERSION ? max_tls : TLS1_2_VERSION);
      SSL_CTX_set_max_proto_version(context_, max_tls);
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    return SSL_connect(ssl_) == 1;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool timed_out_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string pending_;
};

/// Something that one thread waits for and another makes true.
class Signal {
 public:
  void set() {
    const std::scoped_lock lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool wait(int timeout_ms = 20'000) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

/// Waits for a condition that other threads bring about.
inline bool eventually(const std::function<bool()>& holds, int timeout_ms = 20'000) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::usleep(2'000);
  }
  return true;
}

inline ServerOptions small_server() {
  ServerOptions options;
  options.io_threads = 2;
  options.worker_threads = 8;
  return options;
}

inline ServerOptions tls_server() {
  ServerOptions options = small_server();
  options.tls = TestCertificates::get().server;
  return options;
}

inline std::unique_ptr<Server> serve(Router router, ServerOptions options = small_server(),
                                     Metrics* metrics = nullptr) {
  static const SystemClock clock;
  auto server = Server::start(std::move(options), std::move(router), clock, metrics);
  if (!server) ADD_FAILURE() << server.error().message;
  return server ? std::move(*server) : nullptr;
}

inline ClientOptions client_of(const Server& server, bool tls) {
  ClientOptions options;
  options.base_url =
      (tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(server.port());
  if (tls) options.trust.ca_file = TestCertificates::get().authority.certificate_file;
  return options;
}

}  // namespace vl::http::test
