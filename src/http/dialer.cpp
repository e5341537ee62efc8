#include "dialer.hpp"

#include <optional>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace vl::http {
namespace {

std::unexpected<Error> late(const Url& url) {
  return fail(HttpError::timed_out, url.authority + " did not answer in time", "base_url");
}

std::unexpected<Error> tls_failed(const Url& url, Stream& stream, const error_code& ec) {
  const long verified = SSL_get_verify_result(stream.ssl());
  std::string why = ec.message();
  if (verified != X509_V_OK) why = X509_verify_cert_error_string(verified);
  return fail(HttpError::tls_refused, url.authority + ": no TLS: " + why, "trust");
}

}  // namespace

bool run_until(net::io_context& context, const bool& done,
               std::chrono::steady_clock::time_point deadline) {
  context.restart();
  while (!done)
    if (context.run_one_until(deadline) == 0) return done;
  return true;
}

Result<Stream> dial(net::io_context& context, const Url& url, const ClientOptions& options,
                    const TlsContext& tls) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options.connect_timeout_ms);
  bool done = false;
  error_code result;
  net::ip::basic_resolver<tcp, Executor> resolver(context);
  decltype(resolver)::results_type addresses;
  resolver.async_resolve(url.host, url.port, [&](error_code ec, auto found) {
    result = ec, addresses = std::move(found), done = true;
  });
  if (!run_until(context, done, deadline)) {
    resolver.cancel();
    context.restart();
    context.run();
    return late(url);
  }
  if (result)
    return fail(HttpError::unreachable, url.host + ": no such name: " + result.message(),
                "base_url");

  Stream stream = url.secure ? Stream(TcpStream(context), tls) : Stream(TcpStream(context));
  done = false;
  stream.next_layer().expires_at(deadline);
  stream.next_layer().async_connect(
      addresses, [&](error_code ec, const tcp::endpoint&) { result = ec, done = true; });
  run_until(context, done, std::chrono::steady_clock::time_point::max());
  if (result == beast::error::timeout) return late(url);
  if (result)
    return fail(HttpError::unreachable, url.authority + ": " + result.message(), "base_url");
  stream.next_layer().socket().set_option(tcp::no_delay(true), result);
  if (!url.secure) return stream;

  SSL* ssl = stream.ssl();
  expect_peer(ssl, url.host, options.trust);
  done = false;
  stream.async_handshake(beast::role_type::client,
                         [&](error_code ec) { result = ec, done = true; });
  run_until(context, done, std::chrono::steady_clock::time_point::max());
  if (result == beast::error::timeout) return late(url);
  if (result) return tls_failed(url, stream, result);
  if (!is_expected_peer(ssl, options.trust))
    return fail(HttpError::tls_refused, url.authority + ": its certificate is not the one pinned",
                "trust");
  return stream;
}

}  // namespace vl::http
