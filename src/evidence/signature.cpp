#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/signature.hpp>

namespace vl::evidence {

namespace {

constexpr std::size_t most_signature_bytes = 4096;

/// Text, so that it can be made and checked with openssl alone.
std::string signed_text(const ExportSignature& signature) {
  return fmt::format("{}\n{}\n{}\n", export_format, signature.manifest_sha256,
                     signature.signed_us.us);
}

}  // namespace

ExportSignature sign_export(const Digest& manifest_sha256, WallTime at, const SigningKey& key) {
  ExportSignature out{std::string(signature_format), to_hex(key.public_key()),
                      to_hex(manifest_sha256), at, ""};
  out.signature = to_hex(key.sign(as_bytes(signed_text(out))));
  return out;
}

std::string text_of(const ExportSignature& signature) {
  return json::write(signature);
}

Result<ExportSignature> read_signature(std::string_view text) {
  const auto bad = [](std::string what) {
    return fail(EvidenceError::malformed, "signature.json: " + std::move(what));
  };
  if (text.size() > most_signature_bytes) return bad("too long");
  auto out = json::read_text<ExportSignature>(text);
  if (!out) return bad(out.error().message);
  if (out->format != signature_format || !digest_of(out->key) || !digest_of(out->manifest_sha256))
    return bad("not of this format");
  if (text_of(*out) != text) return bad("it is not written canonically");
  return out;
}

bool is_genuine(const ExportSignature& signature) {
  const auto key = digest_of(signature.key);
  const auto bytes = from_hex(signature.signature);
  return key && bytes && to_hex(*bytes) == signature.signature &&
         signature_is_valid(as_bytes(signed_text(signature)), *bytes, *key);
}

std::string shown_fingerprint(std::string_view key_hex) {
  const auto key = digest_of(key_hex);
  if (!key) return {};
  const auto hex = to_hex(sha256(*key));
  std::string out;
  for (std::size_t i = 0; i < 32; i += 4) out += (i == 0 ? "" : " ") + hex.substr(i, 4);
  return out;
}

}  // namespace vl::evidence
