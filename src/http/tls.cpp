#include "tls.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <vonglau/base/bytes.hpp>

namespace vl::http {
namespace {
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kAlpn, sizeof kAlpn, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

TlsContext new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(
      native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(native, kCiphers);
  // Idle connections are many; their record buffers are given back.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

std::unexpected<Error> file_error(const std::string& file, const error_code& ec) {
  ERR_clear_error();
  return fail(HttpError::file, file + ": " + ec.message(), "tls");
}

bool is_pinned(X509* certificate, const std::string& pinned) {
  Digest digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return false;
  return to_hex(digest) == pinned;
}

}  // namespace

Result<TlsContext> server_tls(const TlsFiles& files) {
  TlsContext context = new_context(ssl::context::tls_server);
  error_code ec;
  context->use_certificate_chain_file(files.certificate_file, ec);
  if (ec) return file_error(files.certificate_file, ec);
  context->use_private_key_file(files.key_file, ssl::context::pem, ec);
  if (ec) return file_error(files.key_file, ec);
  SSL_CTX* native = context->native_handle();
  if (SSL_CTX_check_private_key(native) != 1) {
    ERR_clear_error();
    return fail(HttpError::file, files.key_file + ": is not the key of the certificate", "tls");
  }
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>("vonglau"), 7);
  return context;
}

Result<TlsContext> client_tls(const ClientTrust& trust) {
  TlsContext context = new_context(ssl::context::tls_client);
  error_code ec;
  if (!trust.ca_file.empty()) {
    context->load_verify_file(trust.ca_file, ec);
    if (ec) return file_error(trust.ca_file, ec);
  } else {
    context->set_default_verify_paths(ec);
  }
  SSL_CTX_set_alpn_protos(context->native_handle(), kAlpn, sizeof kAlpn);
  const bool pinned = !trust.pinned_sha256.empty();
  context->set_verify_mode(pinned ? ssl::verify_none : ssl::verify_peer, ec);
  return context;
}

void expect_peer(SSL* ssl, const std::string& host, const ClientTrust& trust) {
  if (!trust.pinned_sha256.empty()) return;
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) return;
  SSL_set_tlsext_host_name(ssl, host.c_str());
  X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
}

bool is_expected_peer(SSL* ssl, const ClientTrust& trust) {
  if (trust.pinned_sha256.empty()) return true;  // the handshake has verified it
  X509* certificate = SSL_get0_peer_certificate(ssl);
  return certificate != nullptr && is_pinned(certificate, trust.pinned_sha256);
}

}  // namespace vl::http
