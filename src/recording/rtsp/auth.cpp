#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/bytes.hpp>
#include <vonglau/rtsp/auth.hpp>

#include "lexical.hpp"

namespace vl::rtsp {

namespace {

constexpr std::size_t most_parameters = 32;
constexpr std::size_t most_value_bytes = 4096;

struct Parameter {
  std::string_view name;
  std::string value;
};

/// name=token, name="quoted \" text", separated by commas.
Result<std::vector<Parameter>> parse_parameters(std::string_view text, std::string_view field) {
  std::vector<Parameter> out;
  if (text.size() > most_value_bytes)
    return fail(RtspError::too_large, fmt::format("{} above {} bytes", field, most_value_bytes),
                std::string(field));
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && (is_blank(text[at]) || text[at] == ',')) ++at;
    if (at == text.size()) break;
    const auto equals = text.find('=', at);
    if (equals == std::string_view::npos || out.size() == most_parameters)
      return fail(RtspError::malformed,
                  fmt::format("{}: expected name=value at {}", field, quoted(text.substr(at))),
                  std::string(field));
    Parameter parameter{trim(text.substr(at, equals - at)), {}};
    at = equals + 1;
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        parameter.value += text[at];
      }
      if (at == text.size())
        return fail(RtspError::malformed, fmt::format("{}: a quote is not closed", field),
                    std::string(field));
      ++at;
    } else {
      const auto end = std::min(text.find(',', at), text.size());
      parameter.value = std::string(trim(text.substr(at, end - at)));
      at = end;
    }
    out.push_back(std::move(parameter));
  }
  return out;
}

std::optional<std::string> value_of(const std::vector<Parameter>& parameters,
                                    std::string_view name) {
  for (const auto& parameter : parameters)
    if (same_word(parameter.name, name)) return parameter.value;
  return std::nullopt;
}

std::string hash(Algorithm algorithm, std::string_view text) {
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const auto* kind = algorithm == Algorithm::md5 ? EVP_md5() : EVP_sha256();
  VL_ASSERT(EVP_Digest(text.data(), text.size(), digest, &length, kind, nullptr) == 1);
  return to_hex(ByteView(digest, length));
}

/// RFC 7616, section 3.4.1.
std::string digest_response(Algorithm algorithm, const Credentials& credentials,
                            std::string_view realm, std::string_view nonce,
                            std::string_view count_cnonce_qop, std::string_view method,
                            std::string_view uri) {
  const auto ha1 =
      hash(algorithm, fmt::format("{}:{}:{}", credentials.user, realm, credentials.password));
  const auto ha2 = hash(algorithm, fmt::format("{}:{}", method, uri));
  return hash(algorithm, fmt::format("{}:{}:{}{}", ha1, nonce, count_cnonce_qop, ha2));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string basic_of(const Credentials& credentials) {
  return "Basic " + to_base64(as_bytes(credentials.user + ":" + credentials.password));
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::md5 ? "MD5" : "SHA-256";
}

/// Nothing when it is one that we cannot answer.
Result<std::optional<Challenge>> parse_challenge(std::string_view value) {
  value = trim(value);
  const auto scheme = cut(value, ' ');
  Challenge out;
  if (same_word(scheme, "Basic"))
    out.scheme = Scheme::basic;
  else if (!same_word(scheme, "Digest"))
    return std::nullopt;
  VL_TRY(const auto parameters, parse_parameters(value, "WWW-Authenticate"));
  out.realm = value_of(parameters, "realm").value_or("");
  if (out.scheme == Scheme::basic) return out;
  out.nonce = value_of(parameters, "nonce").value_or("");
  if (out.nonce.empty())
    return fail(RtspError::malformed, "WWW-Authenticate: Digest without a nonce",
                "WWW-Authenticate");
  out.opaque = value_of(parameters, "opaque").value_or("");
  out.stale = same_word(value_of(parameters, "stale").value_or(""), "true");
  const auto algorithm = value_of(parameters, "algorithm").value_or("MD5");
  if (same_word(algorithm, "SHA-256"))
    out.algorithm = Algorithm::sha256;
  else if (!same_word(algorithm, "MD5"))
    return std::nullopt;
  if (const auto qop = value_of(parameters, "qop")) {
    std::string_view rest = *qop;
    while (!rest.empty()) out.qop_auth |= same_word(trim(cut(rest, ',')), "auth");
    if (!out.qop_auth) return std::nullopt;
  }
  return out;
}

}  // namespace

Result<std::vector<Challenge>> parse_challenges(const std::vector<std::string_view>& values) {
  std::vector<Challenge> out;
  std::optional<Error> first_error;
  for (const auto value : values) {
    auto challenge = parse_challenge(value);
    if (!challenge && !first_error) first_error = std::move(challenge).error();
    if (challenge && *challenge) out.push_back(std::move(**challenge));
  }
  if (!out.empty()) return out;
  if (first_error) return fail(std::move(*first_error));
  return fail(RtspError::unsupported,
              "WWW-Authenticate offers neither Basic nor Digest with MD5 or SHA-256 and qop auth",
              "WWW-Authenticate");
}

const Challenge& strongest(const std::vector<Challenge>& challenges) {
  VL_ASSERT(!challenges.empty());
  const auto rank = [](const Challenge& c) {
    return c.scheme == Scheme::basic ? 0 : c.algorithm == Algorithm::md5 ? 1 : 2;
  };
  return *std::ranges::max_element(challenges, {}, rank);
}

std::string to_text(const Challenge& challenge) {
  if (challenge.scheme == Scheme::basic)
    return fmt::format("Basic realm=\"{}\"", escaped(challenge.realm));
  auto out =
      fmt::format("Digest realm=\"{}\", nonce=\"{}\", algorithm={}", escaped(challenge.realm),
                  escaped(challenge.nonce), name_of(challenge.algorithm));
  if (challenge.qop_auth) out += ", qop=\"auth\"";
  if (!challenge.opaque.empty()) out += fmt::format(", opaque=\"{}\"", escaped(challenge.opaque));
  if (challenge.stale) out += ", stale=true";
  return out;
}

std::string Authenticator::authorization(std::string_view method, std::string_view uri,
                                         std::string_view cnonce) {
  if (challenge_.scheme == Scheme::basic) return basic_of(credentials_);
  ++uses_;
  const auto count = fmt::format("{:08x}", uses_);
  const auto extra = challenge_.qop_auth ? fmt::format("{}:{}:auth:", count, cnonce) : "";
  const auto response = digest_response(challenge_.algorithm, credentials_, challenge_.realm,
                                        challenge_.nonce, extra, method, uri);
  auto out =
      fmt::format("Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
                  escaped(credentials_.user), escaped(challenge_.realm), escaped(challenge_.nonce),
                  escaped(uri), response);
  // Left out for MD5 without qop: some old cameras refuse what RFC 2069 did not know.
  if (challenge_.qop_auth || challenge_.algorithm != Algorithm::md5)
    out += fmt::format(", algorithm={}", name_of(challenge_.algorithm));
  if (!challenge_.opaque.empty()) out += fmt::format(", opaque=\"{}\"", escaped(challenge_.opaque));
  if (challenge_.qop_auth) out += fmt::format(", qop=auth, nc={}, cnonce=\"{}\"", count, cnonce);
  return out;
}

Verdict verify_authorization(std::string_view value, const Challenge& challenge,
                             const Credentials& credentials, std::string_view method,
                             std::string_view uri) {
  value = trim(value);
  if (challenge.scheme == Scheme::basic)
    return same_secret(value, basic_of(credentials)) ? Verdict::accepted : Verdict::refused;
  if (!same_word(cut(value, ' '), "Digest")) return Verdict::malformed;
  const auto parameters = parse_parameters(value, "Authorization");
  if (!parameters) return Verdict::malformed;
  const auto get = [&](std::string_view name) { return value_of(*parameters, name).value_or(""); };
  if (get("response").empty() || get("username").empty() || get("nonce").empty())
    return Verdict::malformed;
  if (get("uri") != uri || get("realm") != challenge.realm) return Verdict::refused;
  std::string extra;
  if (challenge.qop_auth) {
    if (!same_word(get("qop"), "auth") || get("nc").size() != 8 || get("cnonce").empty())
      return Verdict::malformed;
    extra = fmt::format("{}:{}:auth:", get("nc"), get("cnonce"));
  }
  const auto wanted = digest_response(challenge.algorithm, credentials, challenge.realm,
                                      get("nonce"), extra, method, uri);
  const bool right =
      same_secret(get("username"), credentials.user) && same_secret(get("response"), wanted);
  if (!right) return Verdict::refused;
  return get("nonce") == challenge.nonce ? Verdict::accepted : Verdict::stale;
}

}  // namespace vl::rtsp
