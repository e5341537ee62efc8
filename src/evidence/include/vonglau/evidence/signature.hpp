// signature.json of an export: the centre's Ed25519 signature of the manifest's hash and of the
// time at which it was given (docs/design/export.md). Values; any thread.
#pragma once

#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/signing.hpp>
#include <vonglau/evidence/error.hpp>

namespace vl::evidence {

inline constexpr std::string_view signature_format = "vonglau-export-signature-1";

struct ExportSignature {
  std::string format;
  std::string key;              // hex
  std::string manifest_sha256;  // hex
  WallTime signed_us;
  std::string signature;  // hex
};
BOOST_DESCRIBE_STRUCT(ExportSignature, (), (format, key, manifest_sha256, signed_us, signature))

ExportSignature sign_export(const Digest& manifest_sha256, WallTime at, const SigningKey& key);
std::string text_of(const ExportSignature& signature);
Result<ExportSignature> read_signature(std::string_view text);
/// Whether the key it names gave it. Whose key that is, is another question.
bool is_genuine(const ExportSignature& signature);

/// "3f2a 90c1 ...": SHA-256 of a public key in groups, to be compared by eye or by telephone.
std::string shown_fingerprint(std::string_view key_hex);

}  // namespace vl::evidence
