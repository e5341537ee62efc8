// The second factor: time-based one-time passwords (RFC 6238) of six digits, SHA-1, 30 s, as
// every authenticator app has them, and their Base32 secrets (RFC 4648, section 6). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::access {

std::string to_base32(ByteView bytes);
/// Takes lower case and spaces as people copy them; refuses anything else that is not one
/// secret's one text. At most 128 characters.
std::optional<Bytes> from_base32(std::string_view text);

/// 160 random bits (RFC 4226, section 4).
vault::Secret new_totp_secret();
/// Number of the 30 s step a moment lies in.
std::int64_t totp_step(WallTime at);
/// Six digits for one step.
std::string totp_code(ByteView secret, std::int64_t step);
/// The step that `code` belongs to, if that is now, just before or just after, and later than
/// `last_used`: a code works once. The caller stores the step.
std::optional<std::int64_t> accept_totp(ByteView secret, std::string_view code, WallTime now,
                                        std::int64_t last_used);
/// What the QR code of an enrolment says.
std::string otpauth_uri(std::string_view issuer, std::string_view account, ByteView secret);

}  // namespace vl::access
