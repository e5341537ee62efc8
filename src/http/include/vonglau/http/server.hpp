// The HTTPS and WebSocket server. Owned by the composition root. A few I/O threads own the
// connections (each connection lives on one of them); handlers run synchronously on a bounded
// pool of workers. start, stop and the setters may be called from any thread but a handler's
// (stop waits for handlers).
//
// Limits: header and body bytes, connections in all and per address, requests per second and
// address, queue of requests for the workers, and a timeout for each stage. Over a limit the
// peer is told with a JSON error where a response can still be written, else it is cut.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/http/message.hpp>
#include <vonglau/http/router.hpp>
#include <vonglau/http/websocket.hpp>

namespace vl::http {

class Metrics;

/// PEM files: the certificate with its chain, and its key.
struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // "::" listens on IPv4 too
  std::uint16_t port = 0;             // 0: the kernel chooses
  std::optional<TlsFiles> tls;        // without: plain HTTP, for loopback and tests only

  int io_threads = 2;
  int worker_threads = 64;
  std::size_t worker_queue = 1024;  // requests waiting for a worker; beyond: 503

  std::size_t header_bytes = 16 * 1024;  // beyond: 431
  std::size_t connections = 4096;
  std::size_t connections_per_address = 1024;
  std::uint32_t requests_per_connection = 100'000;
  double requests_per_s = 200;  // per address (IPv6: per /64); 0: no limit
  double request_burst = 400;
  bool loopback_exempt = true;  // from the limits per address

  std::uint32_t handshake_timeout_ms = 10'000;
  std::uint32_t header_timeout_ms = 10'000;  // from a request's first byte to its empty line
  std::uint32_t body_timeout_ms = 20'000;    // for each 64 KiB of it
  std::uint32_t idle_timeout_ms = 75'000;
  std::uint32_t write_timeout_ms = 20'000;  // for each 64 KiB of a response

  std::uint32_t hsts_max_age_s = 31'536'000;  // 0: none
  /// wss:// and https:// origins of nodes that pages may connect to.
  std::vector<std::string> connect_origins;
};

class Server {
 public:
  /// `metrics` may be null; it and `clock` outlive the server.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Router router,
                                               const Clock& clock, Metrics* metrics = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  const Router& router() const;
  std::size_t connections() const;

  /// For new connections from now on; on error the old certificate stays.
  Result<void> reload_tls(const TlsFiles& files);
  /// For the CSP of responses from now on; refuses what is not an origin.
  Result<void> set_connect_origins(std::vector<std::string> origins);

  /// New connections are refused, requests in flight finish, WebSockets close with 1001. After
  /// `grace_ms` the rest is cut. Then waits for handlers that still run. Idempotent.
  void stop(std::uint32_t grace_ms = 5'000);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vl::http
