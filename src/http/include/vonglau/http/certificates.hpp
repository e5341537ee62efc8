// A local certificate authority and the server certificates it signs, as PEM files: what
// `vonglau init` and the demonstration make, and what `vonglau doctor` looks at. EC P-256,
// SHA-256. Keys are written with mode 0600. Blocking file work; any thread, one at a time for
// each folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/http/server.hpp>

namespace vl::http {

/// Where the authority's two files are: "authority.crt" and "authority.key".
struct AuthorityFiles {
  std::string certificate_file;
  std::string key_file;
};

struct CertificateFacts {
  std::string subject;             // common name
  std::string issuer;              // common name
  std::vector<std::string> names;  // DNS names and addresses it is for
  WallTime not_before;
  WallTime not_after;
  std::string sha256;  // hex over the DER, for pinning and for comparing by eye
  bool is_authority = false;
  double days_left(WallTime now) const {
    return static_cast<double>(not_after.us - now.us) / 86'400e6;
  }
};

/// Makes the folder (0700) and an authority in it, valid for ten years. An authority that is
/// there already is kept as it is.
Result<AuthorityFiles> ensure_authority(const std::string& folder, const std::string& name,
                                        const Clock& clock);

inline constexpr int kServerCertificateDays = 365;
inline constexpr int kRenewBelowDays = 30;

/// A certificate for these DNS names and addresses at `folder`/`name`.crt and .key, signed by the
/// authority. What is there is kept while it is for the same names, of that authority, and has 30
/// days or more left; else it is replaced (both files, each atomically, key first).
Result<TlsFiles> ensure_server_certificate(const AuthorityFiles& authority,
                                           const std::string& folder, const std::string& name,
                                           const std::vector<std::string>& names,
                                           const Clock& clock);

/// Of the first certificate in a PEM file.
Result<CertificateFacts> read_certificate(const std::string& file);

}  // namespace vl::http
