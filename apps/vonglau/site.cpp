#include "site.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/bytes.hpp>
#include <vonglau/journal/roots.hpp>
#include <vonglau/vault/master_key.hpp>

namespace vl::app {
namespace {

namespace fs = std::filesystem;

Result<void> make_folder(const std::string& folder, mode_t mode) {
  std::error_code error;
  const bool fresh = fs::create_directories(folder, error);
  if (error) {
    return fail(SiteError::unwritable,
                fmt::format("cannot make the folder {}: {}", folder, error.message()));
  }
  // A folder that was there keeps its owner's choice, but for keys.
  if (fresh || mode == 0700) ::chmod(folder.c_str(), mode);
  return {};
}

/// Whole and durable, or not there: never over an existing file.
Result<void> write_new(const std::string& path, std::string_view text, mode_t mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool whole = fd >= 0 &&
                     ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                     ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!whole) {
    return fail(SiteError::unwritable,
                fmt::format("cannot write {}: {}", beside, std::strerror(why)));
  }
  const bool linked = ::link(beside.c_str(), path.c_str()) == 0;
  const int link_why = errno;
  ::unlink(beside.c_str());
  if (linked) return {};
  return fail(link_why == EEXIST ? SiteError::exists : SiteError::unwritable,
              fmt::format("cannot make {}: {}", path, std::strerror(link_why)));
}

struct PublicKeys {
  std::string roots;
  std::string exports;
};

Result<PublicKeys> make_keys(const Config& config, const Clock& clock) {
  VL_TRY(const auto signing, SigningKey::load_or_create(config.signing_key_file()));
  VL_TRY(const auto exports, SigningKey::load_or_create(config.exports_key_file()));
  if (!fs::exists(config.vault_key_file()))
    VL_CHECK(vault::MasterKey::create(config.vault_key_file()));
  VL_CHECK(enrolment_key(config));
  VL_CHECK(tls_files(config, "core", clock));
  VL_CHECK(tls_files(config, "recorder", clock));
  return PublicKeys{to_base64url(signing.public_key()), to_hex(exports.public_key())};
}

std::string machine_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

}  // namespace

Result<CreatedSite> create_site(const std::string& folder, const Config& settings,
                                const Clock& clock) {
  const std::string file = (fs::absolute(folder) / "vonglau.toml").lexically_normal().string();
  if (fs::exists(file)) {
    return fail(SiteError::exists,
                fmt::format("there is a site already: {}; edit that file, or choose another "
                            "folder. Nothing has been changed",
                            file));
  }
  VL_CHECK(make_folder(folder, 0750));
  const std::string text = text_of(settings);
  VL_TRY(const Config config, parse_config(text, folder));
  VL_CHECK(make_folder(config.folders.data, 0750));
  VL_CHECK(make_folder(config.folders.keys, 0700));
  VL_CHECK(make_folder(config.folders.anchor, 0750));
  VL_CHECK(make_folder(config.folders.footage, 0750));
  for (const auto& disk : config.folders.footage_disks) VL_CHECK(make_folder(disk, 0750));
  for (const auto& disk : config.folders.slow_footage_disks) VL_CHECK(make_folder(disk, 0750));
  VL_TRY(auto keys, make_keys(config, clock));
  VL_CHECK(write_new(file, text, 0640));
  VL_TRY(Config read_back, read_config(file));
  return CreatedSite{std::move(read_back), config.authority_folder() + "/authority.crt",
                     std::move(keys.roots), std::move(keys.exports)};
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return {};
  std::string host = url.substr(start + 3);
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

std::vector<std::string> certificate_names(const Config& config, const std::string& public_url) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const auto& name : config.core.names) add(name);
  add(host_of(public_url));
  add(machine_name());
  return names;
}

Result<http::TlsFiles> tls_files(const Config& config, const std::string& server,
                                 const Clock& clock) {
  if (!config.certificates.certificate.empty())
    return http::TlsFiles{config.certificates.certificate, config.certificates.key};
  VL_TRY(const auto authority,
         http::ensure_authority(config.authority_folder(),
                                fmt::format("Vọng Lâu {}", config.province.name), clock));
  VL_CHECK(make_folder(config.certificate_folder(), 0700));
  const std::string url = server == "core" ? config.core_url() : config.recorder_url();
  return http::ensure_server_certificate(authority, config.certificate_folder(), server,
                                         certificate_names(config, url), clock);
}

std::string web_folder(const Config& config, const std::string& program) {
  if (!config.core.web.empty()) return config.core.web;
  const fs::path folder = fs::path(program).parent_path();
  for (const auto& candidate :
       {folder / "web", folder / "../share/vonglau/web", folder / "../../../web/dist"}) {
    std::error_code error;
    const fs::path found = fs::canonical(candidate, error);
    if (!error && fs::exists(found / "index.html")) return found.string();
  }
  return {};
}

Result<std::string> enrolment_key(const Config& config) {
  const std::string path = config.enrolment_key_file();
  if (!fs::exists(path)) {
    Digest random;
    VL_ASSERT(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    auto written = write_new(path, to_base64url(random) + "\n", 0600);
    // Core and recorder may start at once: whoever comes second reads the first one's.
    if (!written && written.error().code != code_of(SiteError::exists))
      return std::unexpected(std::move(written).error());
  }
  std::ifstream in(path);
  std::string key;
  std::getline(in, key);
  if (key.size() < 22) {
    return fail(SiteError::unwritable,
                fmt::format("{} holds no enrolment key; restore it, or remove it to have a new "
                            "one made",
                            path));
  }
  return key;
}

std::int64_t free_port_from(std::int64_t first) {
  for (std::int64_t port = first; port < std::min<std::int64_t>(first + 200, 65536); ++port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (free) return port;
  }
  return first;
}

}  // namespace vl::app
