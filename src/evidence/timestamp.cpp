#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/evidence/timestamp.hpp>

namespace vl::evidence {

namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;
using RequestPtr = Owned<TS_REQ, TS_REQ_free>;
using ResponsePtr = Owned<TS_RESP, TS_RESP_free>;
using ContextPtr = Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;

std::string openssl_says() {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "it does not agree" : reason;
}

RequestPtr request_of(ByteView der) {
  const auto* at = der.data();
  return RequestPtr(d2i_TS_REQ(nullptr, &at, static_cast<long>(der.size())));
}

/// Null for what is no response, or goes on after it.
ResponsePtr response_of(ByteView der) {
  if (der.size() > most_timestamp_bytes) return nullptr;
  const auto* at = der.data();
  ResponsePtr out(d2i_TS_RESP(nullptr, &at, static_cast<long>(der.size())));
  if (out && at != der.data() + der.size()) out.reset();
  ERR_clear_error();
  return out;
}

/// Microseconds since 1970; 0 for no time.
std::int64_t time_of(const ASN1_GENERALIZEDTIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000;
}

std::string name_of_signer(TS_RESP* response, const TS_TST_INFO* info) {
  const X509_NAME* name = nullptr;
  if (const auto* token = TS_RESP_get_token(response); token != nullptr) {
    Owned<STACK_OF(X509), [](STACK_OF(X509) * s) { sk_X509_free(s); }> signers(
        PKCS7_get0_signers(const_cast<PKCS7*>(token), nullptr, 0));
    if (signers && sk_X509_num(signers.get()) > 0)
      name = X509_get_subject_name(sk_X509_value(signers.get(), 0));
    ERR_clear_error();
    (void)info;
    if (name != nullptr) {
      Owned<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
      X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
      char* text = nullptr;
      const auto size = BIO_get_mem_data(out.get(), &text);
      return {text, static_cast<std::size_t>(std::min<long>(size, 300))};
    }
  }
  return {};
}

}  // namespace

Result<Bytes> timestamp_request(const Digest& digest) {
  RequestPtr request(TS_REQ_new());
  Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  Owned<ASN1_INTEGER, ASN1_INTEGER_free> nonce(ASN1_INTEGER_new());
  std::uint64_t number = 0;
  VL_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  auto copy = digest;
  unsigned char* der = nullptr;
  const bool made = TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
                    TS_MSG_IMPRINT_set_msg(imprint.get(), copy.data(), 32) == 1 &&
                    TS_REQ_set_version(request.get(), 1) == 1 &&
                    TS_REQ_set_msg_imprint(request.get(), imprint.get()) == 1 &&
                    ASN1_INTEGER_set_uint64(nonce.get(), number >> 1) == 1 &&
                    TS_REQ_set_nonce(request.get(), nonce.get()) == 1 &&
                    TS_REQ_set_cert_req(request.get(), 1) == 1;
  const int size = made ? i2d_TS_REQ(request.get(), &der) : 0;
  if (size <= 0) return fail(EvidenceError::not_stamped, "no request: " + openssl_says());
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Result<void> answers(ByteView response, ByteView request) {
  const auto parsed = response_of(response);
  const auto asked = request_of(request);
  if (!parsed || !asked)
    return fail(EvidenceError::not_stamped, "the authority's answer is no timestamp response");
  // Everything but who signed it: the imprint, the nonce, the version.
  const ContextPtr context(TS_REQ_to_TS_VERIFY_CTX(asked.get(), nullptr));
  if (!context) return fail(EvidenceError::not_stamped, openssl_says());
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
  if (TS_RESP_verify_response(context.get(), parsed.get()) != 1)
    return fail(EvidenceError::not_stamped, "the authority's answer: " + openssl_says());
  return {};
}

Result<Timestamp> read_timestamp(ByteView response, const Digest& digest,
                                 const std::string& authorities) {
  const auto parsed = response_of(response);
  TS_TST_INFO* info = parsed ? TS_RESP_get_tst_info(parsed.get()) : nullptr;
  if (info == nullptr)
    return fail(EvidenceError::malformed, "timestamp.tsr is no timestamp response");
  Timestamp out;
  out.at_us = time_of(TS_TST_INFO_get_time(info));
  out.authority = name_of_signer(parsed.get(), info);
  auto* imprint = TS_TST_INFO_get_msg_imprint(info);
  const auto* message = TS_MSG_IMPRINT_get_msg(imprint);
  out.over_this = OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(imprint)->algorithm) == NID_sha256 &&
                  ASN1_STRING_length(message) == 32 &&
                  std::equal(digest.begin(), digest.end(), ASN1_STRING_get0_data(message));
  if (authorities.empty()) return out;
  ContextPtr context(TS_VERIFY_CTX_new());
  X509_STORE* store = X509_STORE_new();
  VL_ASSERT(context && store != nullptr);
  if (X509_STORE_load_file(store, authorities.c_str()) != 1) {
    X509_STORE_free(store);
    return fail(EvidenceError::unreadable,
                "no certificates can be read from " + authorities + ": " + openssl_says());
  }
  // It counts as what it was when it was given, not as of today.
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), out.at_us / 1'000'000);
  TS_VERIFY_CTX_set_store(context.get(), store);  // which the context now owns
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_SIGNATURE | TS_VFY_VERSION);
  out.is_trusted = TS_RESP_verify_response(context.get(), parsed.get()) == 1;
  if (!out.is_trusted) out.why_not = openssl_says();
  ERR_clear_error();
  return out;
}

}  // namespace vl::evidence
