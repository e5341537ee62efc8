// TLS settings of the server and of our clients: 1.2 and 1.3, forward secret AEAD suites only,
// http/1.1 by ALPN.
#pragma once

#include <memory>
#include <string>

#include <vonglau/base/result.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/http/server.hpp>

// OpenSSL's and Asio's own headers stay out of this one: it is included everywhere.
typedef struct ssl_st SSL;
namespace boost::asio::ssl {
class context;
}

namespace vl::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

Result<TlsContext> server_tls(const TlsFiles& files);
Result<TlsContext> client_tls(const ClientTrust& trust);

/// Before the handshake: the name or address that the certificate must be for.
void expect_peer(SSL* ssl, const std::string& host, const ClientTrust& trust);
/// After the handshake: false when a pinned certificate is not the one presented.
bool is_expected_peer(SSL* ssl, const ClientTrust& trust);

}  // namespace vl::http
