// RFC 3161 timestamps of an export: a third party's word that signature.json was there at a time.
//
// Over OpenSSL's TS: request, answer and check are what `openssl ts` makes and takes. Nothing
// here speaks to a network. Any thread.
#pragma once

#include <string>

#include <vonglau/base/bytes.hpp>
#include <vonglau/evidence/error.hpp>

namespace vl::evidence {

constexpr std::size_t most_timestamp_bytes = 256 * 1024;

/// A TimeStampReq in DER over this SHA-256, with a random nonce, asking for the certificate.
Result<Bytes> timestamp_request(const Digest& digest);
/// Whether this TimeStampResp in DER answers that request; `not_stamped` says why not. Whether its
/// signer is to be believed is asked when it is checked.
Result<void> answers(ByteView response, ByteView request);

struct Timestamp {
  std::int64_t at_us = 0;
  std::string authority;    // as its certificate or the token names it; "" when it does not
  bool over_this = false;   // it is over the digest that was asked for
  bool is_trusted = false;  // signed by an authority of `authorities`; false without any
  std::string why_not;      // is_trusted: what OpenSSL says
};
/// `malformed` when it is no timestamp. `authorities`: a PEM file with the certificates to
/// believe, "": none are known, and the signature is not judged.
Result<Timestamp> read_timestamp(ByteView response, const Digest& digest,
                                 const std::string& authorities);

}  // namespace vl::evidence
