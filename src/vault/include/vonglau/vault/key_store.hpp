// The keys of all subjects, each wrapped by the master key, in a database of their own that
// ordinary backups leave out: destroying a subject's row destroys what the subject held, in
// every copy of the main database too.
//
// Owned by the composition root; any thread may call it. New keys are durable before they are
// handed out, many at a time (group commit). A bounded number of unwrapped keys is kept in
// locked memory. Only one process may have a key store open for writing.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/store/session.hpp>
#include <vonglau/vault/item.hpp>
#include <vonglau/vault/master_key.hpp>

namespace vl::vault {

struct KeyStoreOptions {
  std::size_t cached_keys = 4096;  // 32 bytes each, locked
};

class KeyStore {
 public:
  /// A file of mode 0600; made when absent. `vfs` is for tests that inject crashes.
  static Result<std::unique_ptr<KeyStore>> open_file(const std::string& path,
                                                     const MasterKey& master, const Clock& clock,
                                                     KeyStoreOptions options = {},
                                                     std::string vfs = {});
  /// Any SQLite database; refuses a master key that is not the one it was made with.
  static Result<std::unique_ptr<KeyStore>> open(std::unique_ptr<store::Database> database,
                                                const MasterKey& master, const Clock& clock,
                                                KeyStoreOptions options = {});
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  /// The subject's key, made on first use. `vault.erased` for ever after erasure.
  Result<Key> key_for(ProvinceId province, SubjectId subject);
  /// The subject's key; `vault.erased` after erasure, `vault.key_missing` if it never had one.
  Result<Key> existing_key(ProvinceId province, SubjectId subject);
  /// The blind index's key of one kind, made on first use.
  Result<Key> index_key(ProvinceId province, Kind kind);

  /// Overwrites and deletes the key and empties the write-ahead log; then it is gone. Erasing
  /// an unknown or erased subject is well: no key will ever be made for it.
  Result<void> erase(ProvinceId province, SubjectId subject);

  /// Whether erase() was called for the subject, here and not only in the main database.
  Result<bool> knows_erased(ProvinceId province, SubjectId subject);

  /// Wraps every key with `next` instead, in one transaction, and forgets the old wrapping.
  /// Gives how many. Afterwards only `next` opens this key store.
  Result<std::int64_t> rewrap(const MasterKey& next);
  /// Whether this is the key that wraps the others now.
  bool uses(const MasterKey& master);

 private:
  struct Owner {
    ProvinceId province;
    SubjectId subject;
    bool operator==(const Owner&) const = default;
  };
  struct OwnerHash {
    std::size_t operator()(const Owner& owner) const noexcept {
      return std::hash<SubjectId>{}(owner.subject) ^
             std::hash<std::int64_t>{}(owner.province.value);
    }
  };
  struct Wanted;  // one caller waiting for a key
  struct Cached {
    std::size_t slot;
    std::list<Owner>::iterator age;
  };

  KeyStore(std::unique_ptr<store::Database> database, std::unique_ptr<store::Session> session,
           const MasterKey& master, const Clock& clock, KeyStoreOptions options);

  std::optional<Key> cached(const Owner& owner);
  void cache(const Owner& owner, const Key& key);
  void uncache(const Owner& owner);
  Result<void> purge();
  std::vector<Result<Key>> make_keys(std::span<Wanted* const> batch);
  Result<void> make_keys_in_transaction(std::span<Wanted* const> batch,
                                        std::vector<Result<Key>>& answers);
  Result<std::optional<Key>> stored(const Owner& owner);
  Result<bool> is_erased(const Owner& owner);

  const Clock& clock_;
  std::unique_ptr<store::Database> database_;

  std::mutex session_mutex_;  // before cache_mutex_, after queue_mutex_ is let go
  std::unique_ptr<store::Session> session_;
  LockedKeys master_;

  std::mutex cache_mutex_;
  LockedKeys cached_;
  std::vector<std::size_t> free_slots_;
  std::unordered_map<Owner, Cached, OwnerHash> by_owner_;
  std::list<Owner> by_age_;  // front: used last

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::vector<Wanted*> queue_;
  bool leading_ = false;
};

/// Changes the master key in `path`: writes the new one beside it (path + ".next"), rewraps,
/// and puts it in place. Cut off at any moment, calling it again, or `load_master_key`,
/// finishes or undoes it.
Result<std::int64_t> rotate_master_key(KeyStore& keys, const std::string& path);

/// Opens a key store with the master key file, minding an unfinished rotation.
Result<std::unique_ptr<KeyStore>> open_key_store(const std::string& database_path,
                                                 const std::string& master_key_path,
                                                 const Clock& clock, KeyStoreOptions options = {});

}  // namespace vl::vault
