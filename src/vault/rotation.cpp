#include <cerrno>
#include <cstdio>

#include <unistd.h>

#include <vonglau/vault/key_store.hpp>

#include "files.hpp"

namespace vl::vault {
namespace {

std::string next_path(const std::string& path) {
  return path + ".next";
}

Result<void> put_in_place(const std::string& path) {
  if (::rename(next_path(path).c_str(), path.c_str()) != 0)
    return fail(VaultError::storage,
                "cannot put the new master key in place of " + path + ": " + files::reason(errno));
  return files::sync_folder_of(path);
}

}  // namespace

Result<std::int64_t> rotate_master_key(KeyStore& keys, const std::string& path) {
  // A rotation whose last step failed left the key that is in use there: keep it.
  if (auto left = MasterKey::load(next_path(path)); left && keys.uses(*left))
    VL_CHECK(put_in_place(path));
  if (::unlink(next_path(path).c_str()) != 0 && errno != ENOENT)
    return fail(VaultError::storage,
                "cannot remove " + next_path(path) + ": " + files::reason(errno));
  VL_TRY(const MasterKey next, MasterKey::create(next_path(path)));
  VL_TRY(const std::int64_t count, keys.rewrap(next));
  VL_CHECK(put_in_place(path));
  return count;
}

Result<std::unique_ptr<KeyStore>> open_key_store(const std::string& database_path,
                                                 const std::string& master_key_path,
                                                 const Clock& clock, KeyStoreOptions options) {
  const bool unfinished = ::access(next_path(master_key_path).c_str(), F_OK) == 0;
  VL_TRY(const MasterKey master, MasterKey::load(master_key_path));
  auto keys = KeyStore::open_file(database_path, master, clock, options);
  if (!unfinished) return keys;
  if (keys) {  // the rotation was cut off before its commit: the old key holds
    ::unlink(next_path(master_key_path).c_str());
    return keys;
  }
  if (keys.error().code != code_of(VaultError::master_key)) return keys;
  VL_TRY(const MasterKey next, MasterKey::load(next_path(master_key_path)));
  VL_TRY(auto rotated, KeyStore::open_file(database_path, next, clock, options));
  VL_CHECK(put_in_place(master_key_path));
  return rotated;
}

}  // namespace vl::vault
