// A site's folders, keys and certificates: made once by `vonglau init`, looked after at every
// start. File work only; one process at a time for each site.
#pragma once

#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/http/certificates.hpp>

#include "config.hpp"

namespace vl::app {

enum class SiteError { exists, unwritable };
constexpr ErrorCode code_of(SiteError e) {
  return e == SiteError::exists ? ErrorCode{Category::conflict, "site.exists"}
                                : ErrorCode{Category::unavailable, "site.unwritable"};
}

struct CreatedSite {
  Config config;  // as read back from the file
  std::string authority_certificate;
  std::string root_key;     // base64url: what an auditor checks the journal's roots with
  std::string exports_key;  // hex: what anybody checks exports with
};

/// Makes FOLDER/vonglau.toml from `settings` (whose relative paths count from FOLDER), with
/// everything it names. Refuses where there is one already. What an earlier, broken off attempt
/// has made of keys is kept. The file comes last: where it is, all of it is.
Result<CreatedSite> create_site(const std::string& folder, const Config& settings,
                                const Clock& clock);

/// "https://[fd00::5]:8443" has the host "fd00::5".
std::string host_of(const std::string& url);

/// Names and addresses that a server of this machine is reached by.
std::vector<std::string> certificate_names(const Config& config, const std::string& public_url);

/// The site's own certificate, or one of the local authority, renewed where it is time.
/// `server` is "core" or "recorder".
Result<http::TlsFiles> tls_files(const Config& config, const std::string& server,
                                 const Clock& clock);

/// The folder of the built interface: core.web, or where it lies beside `program` (web), when
/// installed (../share/vonglau/web) or just built; "" where there is none.
std::string web_folder(const Config& config, const std::string& program);

/// The key that a node shows when it registers for the first time, made where it is missing.
Result<std::string> enrolment_key(const Config& config);

/// For the demonstration: `first`, or the next port of the loopback address that is free.
std::int64_t free_port_from(std::int64_t first);

}  // namespace vl::app
