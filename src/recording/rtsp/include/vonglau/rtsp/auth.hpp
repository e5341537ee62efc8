// Digest (RFC 7616 and, for old cameras, RFC 2617 and 2069) and Basic (RFC 7617)
// authentication, both sides: MD5 and SHA-256, qop=auth. Pure: nonces come from the caller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

struct Credentials {
  std::string user;
  std::string password;
};

enum class Scheme { basic, digest };
enum class Algorithm { md5, sha256 };

/// One WWW-Authenticate header.
struct Challenge {
  Scheme scheme = Scheme::digest;
  std::string realm;
  std::string nonce;
  std::string opaque;
  Algorithm algorithm = Algorithm::md5;
  bool qop_auth = false;  // false: the form without nonce count (RFC 2069)
  bool stale = false;     // the password was right, the nonce too old
};

/// Each value holds one challenge, as sent in a header of its own. Those we cannot answer
/// (auth-int alone, MD5-sess, other schemes) are left out; none left is `unsupported`.
Result<std::vector<Challenge>> parse_challenges(const std::vector<std::string_view>& values);
/// Digest before Basic, SHA-256 before MD5. The list must not be empty.
const Challenge& strongest(const std::vector<Challenge>& challenges);
std::string to_text(const Challenge& challenge);

/// Answers one challenge for one connection, counting its uses. One thread at a time.
class Authenticator {
 public:
  Authenticator(Challenge challenge, Credentials credentials)
      : challenge_(std::move(challenge)), credentials_(std::move(credentials)) {}
  /// The Authorization header's value. `cnonce` must be fresh and unpredictable.
  std::string authorization(std::string_view method, std::string_view uri, std::string_view cnonce);
  const Challenge& challenge() const { return challenge_; }

 private:
  Challenge challenge_;
  Credentials credentials_;
  std::uint32_t uses_ = 0;
};

enum class Verdict { accepted, refused, stale, malformed };

/// The server's side: whether this Authorization value answers `challenge` for `method` with
/// `credentials`. The answer's own uri is what was hashed; it must be the request's `uri`.
/// A nonce other than the challenge's is `stale` if its answer is right for that other nonce.
Verdict verify_authorization(std::string_view value, const Challenge& challenge,
                             const Credentials& credentials, std::string_view method,
                             std::string_view uri);

}  // namespace vl::rtsp
