// one engine throughout: the key store is a SQLite file whatever the province's engine is
#include <cerrno>
#include <cstdio>

#include <unistd.h>

#include <vonglau/vault/key_store.hpp>

#include "files.hpp"
#include "key_rows.hpp"

namespace vl::vault {
namespace {

constexpr int kRewrapPage = 1000;

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

Result<std::int64_t> KeyStore::rewrap(const MasterKey& next) {
  const std::scoped_lock lock(session_mutex_);
  const Key old_key = master_.get(0);
  const Key new_key = next.key();
  std::int64_t count = 0;
  VL_CHECK(session_->script(kOverwriteFreed));
  Transaction transaction(*session_);
  VL_CHECK(transaction.begin());

  struct Rewrapped {
    ProvinceId province;
    Uuid subject;
    Bytes wrapped;
  };
  std::optional<Rewrapped> last;
  for (;;) {
    std::vector<Rewrapped> page;
    bool intact = true;
    VL_CHECK(session_->query(
        "SELECT province_id, subject_id, wrapped FROM keystore_keys "
        "WHERE (province_id, subject_id) > ($1, $2) ORDER BY province_id, subject_id LIMIT $3",
        {last ? last->province : ProvinceId{INT64_MIN}, last ? last->subject : Uuid{}, kRewrapPage},
        [&](const store::Row& row) {
          const ProvinceId province{row.integer(0)};
          const Uuid subject = row.uuid(1);
          const auto context = subject_context(province, {subject});
          const auto key = cipher::unwrap(old_key, row.bytes(2), context);
          intact = key.has_value();
          if (intact) page.push_back({province, subject, cipher::wrap(new_key, *key, context)});
          return intact;
        }));
    if (!intact) return damaged("key");
    for (const Rewrapped& each : page)
      VL_CHECK(session_->execute(
          "UPDATE keystore_keys SET wrapped = $3 WHERE province_id = $1 AND subject_id = $2",
          {each.province, each.subject, each.wrapped}));
    count += static_cast<std::int64_t>(page.size());
    if (page.size() < kRewrapPage) break;
    last = std::move(page.back());
  }

  struct IndexKey {
    ProvinceId province;
    std::string kind;
    Bytes wrapped;
  };
  std::vector<IndexKey> index_keys;
  bool intact = true;
  VL_CHECK(session_->query(
      "SELECT province_id, kind, wrapped FROM keystore_index_keys", {}, [&](const store::Row& row) {
        const ProvinceId province{row.integer(0)};
        std::string kind(row.text(1));
        const auto context = index_context(province, kind);
        const auto key = cipher::unwrap(old_key, row.bytes(2), context);
        intact = key.has_value();
        if (intact)
          index_keys.push_back({province, std::move(kind), cipher::wrap(new_key, *key, context)});
        return intact;
      }));
  if (!intact) return damaged("index key");
  for (const IndexKey& each : index_keys)
    VL_CHECK(session_->execute(
        "UPDATE keystore_index_keys SET wrapped = $3 WHERE province_id = $1 AND kind = $2",
        {each.province, each.kind, each.wrapped}));
  VL_CHECK(session_->execute("UPDATE keystore_master SET name = $1, proof = $2 WHERE id = 1",
                             {next.name(), cipher::wrap(new_key, Key::random(), proof_context())}));
  VL_CHECK(transaction.commit());
  master_.set(0, new_key);
  VL_CHECK(purge());
  return count + static_cast<std::int64_t>(index_keys.size());
}

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
