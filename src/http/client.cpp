#include <array>
#include <atomic>
#include <mutex>
#include <optional>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <vonglau/http/client.hpp>

#include "dialer.hpp"

namespace vl::http {
namespace bhttp = beast::http;
using std::chrono::milliseconds;

namespace {
constexpr std::size_t most_copied = 64 * 1024;
}

struct HttpsClient::Impl {
  explicit Impl(ClientOptions o) : options(std::move(o)) {}

  struct Attempt {
    Result<Response> result;
    bool answered = false;  // a byte of the answer came
  };

  Result<Response> request(const ClientRequest& request) {
    const std::scoped_lock lock(mutex);
    const bool kept = stream.has_value();
    Attempt attempt = once(request);
    const bool repeatable = request.method != Method::post && request.method != Method::patch;
    if (!attempt.result && kept && !attempt.answered && repeatable &&
        attempt.result.error().code == code_of(HttpError::closed) && !cancelled)
      attempt = once(request);
    return std::move(attempt.result);
  }

  Result<void> connect() {
    if (stream) return {};
    if (!url) {
      VL_TRY(Url parsed, parse_base_url(options.base_url, options.plain_network));
      if (parsed.secure) {
        VL_TRY(tls, client_tls(options.trust));
      }
      url = std::move(parsed);
    }
    VL_TRY(Stream opened, dial(context, *url, options, tls));
    stream.emplace(std::move(opened));
    buffer.clear();
    return {};
  }

  std::string head_of(const ClientRequest& request) const {
    std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", text_of(request.method),
                                   request.target, url->authority);
    for (const auto& [name, value] : request.headers)
      head += fmt::format("{}: {}\r\n", name, value);
    if (!request.body.empty() || request.method == Method::post || request.method == Method::put ||
        request.method == Method::patch)
      head += fmt::format("Content-Length: {}\r\n", request.body.size());
    return head + "\r\n";
  }

  static Result<void> check(const ClientRequest& request) {
    const auto breaks = [](std::string_view text) {
      return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    };
    bool bad = !request.target.starts_with('/') || breaks(request.target) ||
               request.target.find(' ') != std::string::npos;
    for (const auto& [name, value] : request.headers)
      bad = bad || breaks(name) || breaks(value) || name.empty();
    if (bad)
      return fail(HttpError::bad_options, "the target or a header of the request is not valid");
    return {};
  }

  Attempt once(const ClientRequest& request) {
    Attempt attempt{Response{}};
    auto ready = check(request);
    if (ready && cancelled) ready = closed();
    if (ready) ready = connect();
    if (!ready) {
      attempt.result = std::unexpected(ready.error());
      return attempt;
    }
    bhttp::response_parser<bhttp::string_body> parser;
    parser.header_limit(64 * 1024);
    parser.body_limit(options.response_limit_bytes);
    if (request.method == Method::head) parser.skip(true);
    // One buffer, not two: see Connection::write_first. But what is large is not copied.
    std::string message = head_of(request);
    const bool is_large = request.body.size() > most_copied;
    if (!is_large) message += request.body.text();
    const std::array<net::const_buffer, 2> pieces{
        net::buffer(message), is_large
                                  ? net::buffer(request.body.view().data(), request.body.size())
                                  : net::const_buffer()};
    bool wrote = false;
    bool read = false;
    error_code write_ec;
    error_code read_ec;
    stream->next_layer().expires_after(milliseconds(options.request_timeout_ms));
    // Read while writing: a server may refuse a large body before it has all of it.
    net::async_write(*stream, pieces,
                     [&](error_code ec, std::size_t) { write_ec = ec, wrote = true; });
    bhttp::async_read(*stream, buffer, parser, [&](error_code ec, std::size_t size) {
      read_ec = ec, read = true;
      attempt.answered = size > 0 || parser.got_some();
    });
    run_until(context, read, std::chrono::steady_clock::time_point::max());
    const bool keep = !read_ec && wrote && !write_ec && parser.keep_alive();
    if (!keep) {
      stream->next_layer().close();
      run_until(context, wrote, std::chrono::steady_clock::time_point::max());
      stream.reset();
    }
    attempt.result = read_ec ? failed(read_ec) : response_of(parser.get());
    return attempt;
  }

  static std::unexpected<Error> closed() {
    return fail(HttpError::closed, "the connection was closed before the answer was whole");
  }

  Result<Response> failed(const error_code& ec) const {
    if (ec == beast::error::timeout)
      return fail(HttpError::timed_out, url->authority + " did not answer in time");
    if (ec == bhttp::error::body_limit || ec == bhttp::error::header_limit)
      return fail(HttpError::bad_response, url->authority + " answered with too much");
    const bool http = ec.category() == make_error_code(bhttp::error::bad_method).category();
    if (http && ec != bhttp::error::end_of_stream && ec != bhttp::error::partial_message)
      return fail(HttpError::bad_response, url->authority + " did not speak HTTP: " + ec.message());
    return closed();
  }

  static Result<Response> response_of(bhttp::response<bhttp::string_body>& message) {
    Response response;
    response.status = message.result_int();
    for (const auto& field : message)
      response.headers.add(std::string(field.name_string()), std::string(field.value()));
    response.body = std::move(message.body());
    return response;
  }

  void cancel() {
    cancelled = true;
    // Runs inside the request that is under way, or is found by the next.
    net::post(context, [this] {
      if (stream) stream->next_layer().close();
    });
  }

  const ClientOptions options;
  std::mutex mutex;  // one request at a time
  std::atomic<bool> cancelled{false};
  net::io_context context;
  std::optional<Url> url;
  TlsContext tls;
  std::optional<Stream> stream;
  beast::flat_buffer buffer;
};

HttpsClient::HttpsClient(ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpsClient::~HttpsClient() = default;
HttpsClient::HttpsClient(HttpsClient&&) noexcept = default;
HttpsClient& HttpsClient::operator=(HttpsClient&&) noexcept = default;

Result<Response> HttpsClient::request(const ClientRequest& request) {
  return impl_->request(request);
}

Result<Response> HttpsClient::get(std::string target, Fields headers) {
  return request({.target = std::move(target), .headers = std::move(headers)});
}

Result<Response> HttpsClient::post_json(std::string target, std::string body, Fields headers) {
  headers.set("Content-Type", "application/json");
  return request({.method = Method::post,
                  .target = std::move(target),
                  .headers = std::move(headers),
                  .body = SharedBytes(std::move(body))});
}

void HttpsClient::cancel() {
  impl_->cancel();
}

}  // namespace vl::http
