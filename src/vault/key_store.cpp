// one engine throughout: the key store is a SQLite file whatever the province's engine is
#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/vault/key_store.hpp>
#include <vonglau/vault/schema.hpp>

#include "cipher.hpp"
#include "files.hpp"
#include "key_rows.hpp"

namespace vl::vault {
namespace {

constexpr std::size_t kLargestBatch = 512;

std::unexpected<Error> erased() {
  return fail(VaultError::erased, "this person's data was erased; nothing of it can be read");
}
Result<void> prove_master(store::Session& session, const MasterKey& master) {
  Transaction transaction(session);
  VL_CHECK(transaction.begin());
  std::optional<bool> same;
  std::string wanted;
  const Key key = master.key();
  VL_CHECK(session.query("SELECT name, proof FROM keystore_master WHERE id = 1", {},
                         [&](const store::Row& row) {
                           wanted = row.text(0);
                           same = cipher::unwrap(key, row.bytes(1), proof_context()).has_value();
                           return false;
                         }));
  if (same.has_value()) {
    if (*same) return transaction.commit();
    return fail(VaultError::master_key, "the key store needs the master key " + wanted +
                                            " and was given " + master.name() +
                                            "; put the right file in place");
  }
  VL_CHECK(session.execute("INSERT INTO keystore_master (id, name, proof) VALUES (1, $1, $2)",
                           {master.name(), cipher::wrap(key, Key::random(), proof_context())}));
  return transaction.commit();
}

}  // namespace

struct KeyStore::Wanted {
  Owner owner;
  std::optional<Result<Key>> answer;
};

KeyStore::KeyStore(std::unique_ptr<store::Database> database,
                   std::unique_ptr<store::Session> session, const MasterKey& master,
                   const Clock& clock, KeyStoreOptions options)
    : clock_(clock),
      database_(std::move(database)),
      session_(std::move(session)),
      master_(1),
      cached_(std::max<std::size_t>(options.cached_keys, 1)) {
  master_.set(0, master.key());
  for (std::size_t slot = cached_.count(); slot > 0; --slot) free_slots_.push_back(slot - 1);
  if (!master_.locked() || !cached_.locked())
    log::warn("vault.keys_not_locked", {{"remedy", "raise RLIMIT_MEMLOCK (LimitMEMLOCK=)"}});
}

KeyStore::~KeyStore() = default;

Result<std::unique_ptr<KeyStore>> KeyStore::open(std::unique_ptr<store::Database> database,
                                                 const MasterKey& master, const Clock& clock,
                                                 KeyStoreOptions options) {
  start_crypto();
  VL_ASSERT(database->engine() == store::Engine::sqlite);
  VL_TRY(auto session, database->open_session());
  VL_CHECK(store::migrate(*session, std::span(&key_store_migrations(), 1), clock));
  VL_CHECK(prove_master(*session, master));
  return std::unique_ptr<KeyStore>(
      new KeyStore(std::move(database), std::move(session), master, clock, options));
}

Result<std::unique_ptr<KeyStore>> KeyStore::open_file(const std::string& path,
                                                      const MasterKey& master, const Clock& clock,
                                                      KeyStoreOptions options, std::string vfs) {
  if (vfs.empty()) {
    // Made here so that it is never, not for a moment, readable by others.
    files::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::fchmod(file.get(), 0600) != 0)
      return fail(VaultError::storage,
                  "cannot open the key store " + path + ": " + files::reason(errno));
  }
  store::SqliteOptions sqlite;
  sqlite.path = path;
  sqlite.vfs = std::move(vfs);
  sqlite.cache_kib = 2048;
  return open(store::sqlite_database(std::move(sqlite)), master, clock, options);
}

std::optional<Key> KeyStore::cached(const Owner& owner) {
  const std::scoped_lock lock(cache_mutex_);
  const auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return {};
  by_age_.splice(by_age_.begin(), by_age_, found->second.age);
  return cached_.get(found->second.slot);
}

void KeyStore::cache(const Owner& owner, const Key& key) {
  const std::scoped_lock lock(cache_mutex_);
  if (by_owner_.contains(owner)) return;
  if (free_slots_.empty()) {
    const auto oldest = by_owner_.find(by_age_.back());
    VL_ASSERT(oldest != by_owner_.end());
    free_slots_.push_back(oldest->second.slot);
    by_owner_.erase(oldest);
    by_age_.pop_back();
  }
  const std::size_t slot = free_slots_.back();
  free_slots_.pop_back();
  cached_.set(slot, key);
  by_age_.push_front(owner);
  by_owner_.emplace(owner, Cached{slot, by_age_.begin()});
}

void KeyStore::uncache(const Owner& owner) {
  const std::scoped_lock lock(cache_mutex_);
  const auto found = by_owner_.find(owner);
  if (found == by_owner_.end()) return;
  cached_.clear(found->second.slot);
  free_slots_.push_back(found->second.slot);
  by_age_.erase(found->second.age);
  by_owner_.erase(found);
}

Result<bool> KeyStore::is_erased(const Owner& owner) {
  VL_TRY(const auto found,
         session_->query_integer(
             "SELECT 1 FROM keystore_erased WHERE province_id = $1 AND subject_id = $2",
             {owner.province, owner.subject}));
  return found.has_value();
}

Result<std::optional<Key>> KeyStore::stored(const Owner& owner) {
  std::optional<Key> key;
  bool present = false;
  const Key master = master_.get(0);
  VL_CHECK(session_->query(
      "SELECT wrapped FROM keystore_keys WHERE province_id = $1 AND subject_id = $2",
      {owner.province, owner.subject}, [&](const store::Row& row) {
        present = true;
        key = cipher::unwrap(master, row.bytes(0), subject_context(owner.province, owner.subject));
        return false;
      }));
  if (present && !key) return damaged("key");
  return key;
}

Result<Key> KeyStore::existing_key(ProvinceId province, SubjectId subject) {
  const Owner owner{province, subject};
  if (auto key = cached(owner)) return *key;
  const std::scoped_lock lock(session_mutex_);
  VL_TRY(const bool gone, is_erased(owner));
  if (gone) return erased();
  VL_TRY(const auto key, stored(owner));
  if (!key)
    return fail(VaultError::key_missing,
                "the key store has no key for an item of this province; put the province's own "
                "key store in place");
  cache(owner, *key);
  return *key;
}

// Callers queue; the first that finds nobody leading commits for all that wait.
Result<Key> KeyStore::key_for(ProvinceId province, SubjectId subject) {
  Wanted mine{{province, subject}, {}};
  if (auto key = cached(mine.owner)) return *key;
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&mine);
  while (!mine.answer) {
    if (leading_) {
      queue_changed_.wait(lock);
      continue;
    }
    leading_ = true;
    const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kLargestBatch));
    std::vector<Wanted*> batch(queue_.begin(), queue_.begin() + count);
    queue_.erase(queue_.begin(), queue_.begin() + count);
    lock.unlock();
    auto answers = make_keys(batch);
    lock.lock();
    // Under the lock: a caller that sees its answer leaves, and takes its Wanted with it.
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->answer = std::move(answers[i]);
    leading_ = false;
    queue_changed_.notify_all();
  }
  return std::move(*mine.answer);
}

std::vector<Result<Key>> KeyStore::make_keys(std::span<Wanted* const> batch) {
  const std::scoped_lock lock(session_mutex_);
  std::vector<Result<Key>> answers;
  answers.reserve(batch.size());
  if (auto made = make_keys_in_transaction(batch, answers); !made) {
    answers.assign(batch.size(), std::unexpected(made.error()));
    return answers;
  }
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (answers[i]) cache(batch[i]->owner, *answers[i]);
  return answers;
}

Result<void> KeyStore::make_keys_in_transaction(std::span<Wanted* const> batch,
                                                std::vector<Result<Key>>& answers) {
  Transaction transaction(*session_);
  VL_CHECK(transaction.begin());
  const Key master = master_.get(0);
  for (const Wanted* wanted : batch) {
    const Owner& owner = wanted->owner;
    VL_TRY(const bool gone, is_erased(owner));
    if (gone) {
      answers.push_back(erased());
      continue;
    }
    auto known = stored(owner);
    if (!known && known.error().code == code_of(VaultError::not_intact)) {
      answers.push_back(std::unexpected(known.error()));  // one bad row stops nobody else
      continue;
    }
    VL_TRY(auto key, std::move(known));
    if (!key) {
      key = Key::random();
      VL_CHECK(session_->execute(
          "INSERT INTO keystore_keys (province_id, subject_id, wrapped, created_us) "
          "VALUES ($1, $2, $3, $4)",
          {owner.province, owner.subject,
           cipher::wrap(master, *key, subject_context(owner.province, owner.subject)),
           clock_.wall()}));
    }
    answers.push_back(*key);
  }
  return transaction.commit();
}

Result<Key> KeyStore::index_key(ProvinceId province, Kind kind) {
  // Index keys share the cache under the nil subject with the kind in its last byte: no
  // subject has such an id.
  Owner owner{province, {}};
  owner.subject.value.bytes[15] = static_cast<std::uint8_t>(kind);
  if (auto key = cached(owner)) return *key;
  const std::scoped_lock lock(session_mutex_);
  const Key master = master_.get(0);
  const std::string name(name_of(kind));
  Transaction transaction(*session_);
  VL_CHECK(transaction.begin());
  std::optional<Key> key;
  bool present = false;
  VL_CHECK(session_->query(
      "SELECT wrapped FROM keystore_index_keys WHERE province_id = $1 AND kind = $2",
      {province, name}, [&](const store::Row& row) {
        present = true;
        key = cipher::unwrap(master, row.bytes(0), index_context(province, name));
        return false;
      }));
  if (present && !key) return damaged("index key");
  if (!key) {
    key = Key::random();
    VL_CHECK(session_->execute(
        "INSERT INTO keystore_index_keys (province_id, kind, wrapped) VALUES ($1, $2, $3)",
        {province, name, cipher::wrap(master, *key, index_context(province, name))}));
  }
  VL_CHECK(transaction.commit());
  cache(owner, *key);
  return *key;
}

bool KeyStore::uses(const MasterKey& master) {
  const std::scoped_lock lock(session_mutex_);
  const Key mine = master_.get(0);
  const Key theirs = master.key();
  return equal(mine.bytes, theirs.bytes);
}

Result<void> KeyStore::purge() {
  std::int64_t busy = 1;
  VL_CHECK(session_->query("PRAGMA wal_checkpoint(TRUNCATE)", {}, [&](const store::Row& row) {
    busy = row.integer(0);
    return false;
  }));
  if (busy != 0)
    return fail(VaultError::storage,
                "the key is destroyed, but another program holds the key store open and its log "
                "cannot be emptied; close it and erase again");
  return {};
}

Result<bool> KeyStore::knows_erased(ProvinceId province, SubjectId subject) {
  const std::scoped_lock lock(session_mutex_);
  return is_erased({province, subject});
}

Result<void> KeyStore::erase(ProvinceId province, SubjectId subject) {
  const Owner owner{province, subject};
  const std::scoped_lock lock(session_mutex_);
  uncache(owner);
  VL_CHECK(session_->script(kOverwriteFreed));
  // The tombstone first: cut off after any step, the key is never used or made again.
  Bytes noise(cipher::kNonceBytes + sizeof(Key::bytes) + cipher::kTagBytes);
  fill_random(noise);
  Transaction overwriting(*session_);
  VL_CHECK(overwriting.begin());
  VL_CHECK(session_->execute(
      "INSERT INTO keystore_erased (province_id, subject_id, erased_us) VALUES ($1, $2, $3) "
      "ON CONFLICT DO NOTHING",
      {province, subject, clock_.wall()}));
  VL_CHECK(session_->execute(
      "UPDATE keystore_keys SET wrapped = $3 WHERE province_id = $1 AND subject_id = $2",
      {province, subject, std::move(noise)}));
  VL_CHECK(overwriting.commit());
  VL_CHECK(purge());
  Transaction deleting(*session_);
  VL_CHECK(deleting.begin());
  VL_CHECK(session_->execute("DELETE FROM keystore_keys WHERE province_id = $1 AND subject_id = $2",
                             {province, subject}));
  VL_CHECK(deleting.commit());
  return purge();
}

}  // namespace vl::vault
