#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/vault/master_key.hpp>

#include "files.hpp"

namespace vl::vault {
namespace {

constexpr std::string_view kHeading = "vonglau-master-key-1 ";

}  // namespace

MasterKey MasterKey::random() {
  start_crypto();
  return MasterKey(Key::random());
}

Result<MasterKey> MasterKey::parse(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (!text.starts_with(kHeading))
    return fail(VaultError::master_key,
                "the master key file must hold one line that begins with 'vonglau-master-key-1'");
  auto bytes = from_base64url(text.substr(kHeading.size()));
  if (!bytes || bytes->size() != 32)
    return fail(VaultError::master_key, "the master key must be 43 characters of base64url");
  Key key;
  std::memcpy(key.bytes.data(), bytes->data(), key.bytes.size());
  wipe(bytes->data(), bytes->size());
  return MasterKey(key);
}

Secret MasterKey::text() const {
  const Key held = key();
  std::string encoded = to_base64url(held.bytes);
  std::string line = std::string(kHeading) + encoded + "\n";
  Secret secret(line);
  wipe(encoded.data(), encoded.size());
  wipe(line.data(), line.size());
  return secret;
}

std::string MasterKey::name() const {
  const Key held = key();
  std::array<std::uint8_t, 16> digest{};
  static constexpr std::string_view kContext = "vonglau.vault.master.name.1";
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const std::uint8_t*>(kContext.data()), kContext.size(),
                     held.bytes.data(), held.bytes.size());
  return to_hex(std::span(digest).first(8));
}

Result<void> MasterKey::save_new(const std::string& path) const {
  const Secret line = text();
  return files::write_new(path, line.bytes());
}

Result<MasterKey> MasterKey::create(const std::string& path) {
  MasterKey key = random();
  VL_CHECK(key.save_new(path));
  return key;
}

Result<MasterKey> MasterKey::load(const std::string& path) {
  files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file)
    return fail(VaultError::master_key, "cannot open the master key file " + path + ": " +
                                            files::reason(errno) +
                                            "; restore it from where it was kept");
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return fail(VaultError::master_key, "the master key " + path + " is not a plain file");
  if ((about.st_mode & 077) != 0)
    return fail(VaultError::master_key,
                "the master key file " + path + " may be read by others; run: chmod 600 " + path);
  std::array<char, 256> text{};
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0)
    return fail(VaultError::master_key,
                "cannot read the master key file " + path + ": " + files::reason(errno));
  auto key = parse({text.data(), static_cast<std::size_t>(size)});
  wipe(text.data(), text.size());
  return key;
}

}  // namespace vl::vault
