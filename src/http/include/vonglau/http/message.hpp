// A request as handlers see it and the response they give back. Plain values: no thread owns
// them. Limits (header bytes, body bytes, number of parameters) are kept by the server before a
// Request exists.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/http/uri.hpp>

namespace vl::http {

enum class Method : std::uint8_t { get, head, post, put, patch, remove, options };
std::string_view text_of(Method method);  // "GET" ... "DELETE" ...
std::optional<Method> method_of(std::string_view text);

/// Header fields in order; names compare without regard to case.
class Fields {
 public:
  std::string_view get(std::string_view name) const;  // "" when absent
  bool has(std::string_view name) const;
  void set(std::string name, std::string value);  // replaces all of that name
  void add(std::string name, std::string value);
  void remove(std::string_view name);
  std::size_t size() const { return items_.size(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  NameValues items_;
};

/// Bytes that never change and are shared, not copied: one message to many watchers.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(std::string text);                         // NOLINT: meant to convert
  SharedBytes(const char* text);                         // NOLINT
  SharedBytes(Bytes bytes);                              // NOLINT
  SharedBytes(std::shared_ptr<const std::string> text);  // NOLINT
  SharedBytes(std::shared_ptr<const Bytes> bytes);       // NOLINT
  SharedBytes(std::shared_ptr<const void> owner, ByteView view)
      : owner_(std::move(owner)), view_(view) {}

  ByteView view() const { return view_; }
  std::string_view text() const { return as_text(view_); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  /// Of the same owner; within size().
  SharedBytes part(std::size_t first, std::size_t bytes) const {
    return {owner_, view_.subspan(first, bytes)};
  }

 private:
  std::shared_ptr<const void> owner_;
  ByteView view_;
};

struct Request {
  Method method = Method::get;
  std::string path = "/";             // decoded
  std::vector<std::string> segments;  // of the path, each decoded on its own
  std::string route;                  // the pattern that matched, "" for the fallback
  NameValues parameters;              // of the pattern: {"id", "019a..."}
  NameValues query;                   // decoded
  Fields headers;
  std::string body;
  std::string peer;  // address without port
  bool peer_is_loopback = false;
  bool secure = false;  // came over TLS
  std::any context;     // what the router's gate found out: the session

  ByteView body_bytes() const { return as_bytes(body); }
  std::string_view parameter(std::string_view name) const;  // "" when the pattern has none
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::string_view header(std::string_view name) const { return headers.get(name); }
  std::optional<std::string_view> cookie(std::string_view name) const;
};

/// The server adds Date, Content-Length, Connection, the security headers, ETag and compression.
/// Without a Cache-Control of the handler's own, a response is `no-store`.
struct Response {
  int status = 200;
  Fields headers;
  std::string body;
  SharedBytes shared;        // used when `body` is empty: large or shared content
  bool compressible = true;  // false where a secret stands beside reflected input
  /// Called once, with how many bytes of the body were given to the network before the whole was
  /// written or the connection ended. On the connection's thread: it must not wait.
  std::function<void(std::uint64_t body_bytes)> on_sent;

  static Response json(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
  static Response bytes(SharedBytes bytes, std::string content_type);
  static Response no_content();

  /// The browser may keep it but asks each time; the server makes the ETag and answers 304.
  Response revalidated() &&;
  Response with(std::string name, std::string value) &&;
  std::string_view body_text() const { return body.empty() ? shared.text() : body; }
};

using Handler = std::function<Response(const Request&)>;

}  // namespace vl::http
