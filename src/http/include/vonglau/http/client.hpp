// Our own HTTPS and WebSocket clients: small and for our own programs (nodes, simulator, tests),
// not for the world's servers: no redirects, no proxies, no cookies, no compression.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <vonglau/base/result.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/http/message.hpp>
#include <vonglau/http/websocket.hpp>

namespace vl::http {

/// Whom a client believes. With `pinned_sha256` (64 lower-case hex digits over the certificate's
/// DER) the server must present that one certificate, whatever it names and whoever signed it.
/// Else it must be for the host asked and signed by the authorities in `ca_file`, or by the
/// system's when that is empty.
struct ClientTrust {
  std::string ca_file;
  std::string pinned_sha256;
};

struct ClientOptions {
  std::string base_url;  // "https://host:port", "wss://..."; http:// and ws:// to loopback only
  ClientTrust trust;
  std::uint32_t connect_timeout_ms = 5'000;   // name, TCP and TLS together
  std::uint32_t request_timeout_ms = 30'000;  // from the first byte sent to the last received
  std::size_t response_limit_bytes = 64 * 1024 * 1024;
  /// http:// to hosts other than loopback: for cameras, which often have nothing else.
  bool plain_network = false;
};

struct ClientRequest {
  Method method = Method::get;
  std::string target = "/";  // path and query, encoded
  Fields headers;
  SharedBytes body;
};

/// One connection, kept open between requests and made again when the server closed it. Any
/// thread may call; calls wait for each other. A request is repeated only when the kept connection
/// turned out to be closed before a byte of the answer came, and the method is not POST or PATCH.
class HttpsClient {
 public:
  explicit HttpsClient(ClientOptions options);
  ~HttpsClient();
  HttpsClient(HttpsClient&&) noexcept;
  HttpsClient& operator=(HttpsClient&&) noexcept;

  /// Any status is a Response; an error means there was no whole answer.
  Result<Response> request(const ClientRequest& request);
  Result<Response> get(std::string target, Fields headers = {});
  Result<Response> post_json(std::string target, std::string body, Fields headers = {});
  /// Ends a request that another thread waits for, and all later ones, with http.closed.
  void cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct WebSocketClientOptions {
  ClientOptions connection;
  std::string target = "/";
  Fields headers;
  WebSocketOptions socket{.max_message_bytes = 16 * 1024 * 1024};
};

/// A WebSocket with a thread of its own, on which the session's callbacks run. Reconnecting is
/// the caller's. Destroying it closes at once and waits for the last callback: not from one.
class WebSocketClient {
 public:
  /// Returns after the upgrade. A refused one is http.refused with the status in the message.
  static Result<std::unique_ptr<WebSocketClient>> connect(
      WebSocketClientOptions options, std::shared_ptr<WebSocketSession> session);
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  const WebSocketPeer& peer() const;  // to send with, from any thread
  /// Says goodbye and waits for the peer's answer, at most the close timeout; called from a
  /// callback it does not wait.
  void close(std::uint16_t code = close_code::normal, std::string_view reason = {});

 private:
  struct Impl;
  explicit WebSocketClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vl::http
