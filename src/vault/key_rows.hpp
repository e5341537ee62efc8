// What the rows of the key store are bound to, and its transactions. Internal to the vault.
#pragma once

#include <vonglau/vault/key_store.hpp>

#include "cipher.hpp"

namespace vl::vault {

// What a row leaves behind in its page is overwritten, not only forgotten. Said before each use:
// a session that has reconnected after a failure of the disk has lost its settings.
constexpr std::string_view kOverwriteFreed = "PRAGMA secure_delete = ON";

inline cipher::Context proof_context() {
  return cipher::Context("vonglau.vault.master.1");
}
inline cipher::Context subject_context(ProvinceId province, SubjectId subject) {
  return cipher::Context("vonglau.vault.subject-key.1").add(province.value).add(subject.value);
}
inline cipher::Context index_context(ProvinceId province, std::string_view kind) {
  return cipher::Context("vonglau.vault.index-key.1").add(province.value).add(as_bytes(kind));
}

inline std::unexpected<Error> damaged(std::string_view what) {
  return fail(VaultError::not_intact, "the key store holds a damaged " + std::string(what) +
                                          "; restore the key store from its own copy");
}

/// Ends the transaction however the function is left.
class Transaction {
 public:
  explicit Transaction(store::Session& session) : session_(session) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (open_) session_.rollback();
  }
  Result<void> begin() {
    VL_CHECK(session_.begin_write());
    open_ = true;
    return {};
  }
  Result<void> commit() {
    VL_CHECK(session_.commit());
    open_ = false;
    return {};
  }

 private:
  store::Session& session_;
  bool open_ = false;
};

}  // namespace vl::vault
