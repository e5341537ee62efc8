#include <algorithm>
#include <utility>

#include <vonglau/base/assert.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::vault {

Erasure Vault::begin_erasure(SubjectId subject) {
  const std::scoped_lock lock(leaving_mutex_);
  leaving_.insert(subject);
  return {*this, subject};
}

Erasure::Erasure(Erasure&& other) noexcept
    : vault_(std::exchange(other.vault_, nullptr)), subject_(other.subject_) {}

Erasure::~Erasure() {
  if (vault_ == nullptr) return;
  const std::scoped_lock lock(vault_->leaving_mutex_);
  vault_->leaving_.erase(vault_->leaving_.find(subject_));
}

// The items stay as empty rows, so that opening one says "erased" and not "unknown".
Result<void> Erasure::write(store::Session& session) const {
  const ProvinceId province = vault_->province_;
  const WallTime now = vault_->clock_.wall();
  VL_CHECK(session.post("DELETE FROM vault_index WHERE province_id = $1 AND subject_id = $2",
                        {province, subject_}));
  VL_CHECK(
      session.post("UPDATE vault_items SET nonce = $3, ciphertext = $3, erased_us = $4 "
                   "WHERE province_id = $1 AND subject_id = $2 AND erased_us IS NULL",
                   {province, subject_, Bytes{}, now}));
  return session.post(
      "INSERT INTO vault_erasures (province_id, subject_id, requested_us) VALUES ($1, $2, $3) "
      "ON CONFLICT DO NOTHING",
      {province, subject_, now});
}

Result<void> Erasure::finish(store::Session& session) {
  return vault_->destroy(session, subject_);
}

Result<bool> Vault::is_erased(store::Session& session, SubjectId subject) {
  VL_TRY(const auto found,
         session.query_integer(
             "SELECT 1 FROM vault_erasures WHERE province_id = $1 AND subject_id = $2",
             {province_, subject}));
  return found.has_value();
}

Result<void> Vault::destroy(store::Session& session, SubjectId subject) {
  // Nothing is destroyed that the database does not say is to be.
  VL_TRY(const bool committed, is_erased(session, subject));
  VL_ASSERT(committed);
  VL_CHECK(keys_.erase(province_, subject));
  std::vector<Digest> objects;
  VL_CHECK(
      session.query("SELECT object FROM vault_items WHERE province_id = $1 AND subject_id = $2 "
                    "AND object IS NOT NULL",
                    {province_, subject}, [&](const store::Row& row) {
                      Digest& name = objects.emplace_back();
                      if (row.bytes(0).size() == name.size())
                        std::ranges::copy(row.bytes(0), name.begin());
                      return true;
                    }));
  for (const Digest& name : objects) VL_CHECK(objects_.remove(name));
  VL_CHECK(session.begin_write());
  const auto mark = [&]() -> Result<void> {
    VL_CHECK(session.post(
        "UPDATE vault_items SET object = NULL WHERE province_id = $1 AND subject_id = $2",
        {province_, subject}));
    VL_CHECK(
        session.post("UPDATE vault_erasures SET finished_us = $3 "
                     "WHERE province_id = $1 AND subject_id = $2",
                     {province_, subject, clock_.wall()}));
    return session.commit();
  };
  auto marked = mark();
  if (!marked) session.rollback();
  return marked;
}

Result<std::int64_t> Vault::resume_erasures(store::Session& session) {
  std::vector<SubjectId> unfinished;
  std::vector<SubjectId> finished;
  VL_CHECK(
      session.query("SELECT subject_id, finished_us FROM vault_erasures "
                    "WHERE province_id = $1",
                    {province_}, [&](const store::Row& row) {
                      (row.is_null(1) ? unfinished : finished).push_back({row.uuid(0)});
                      return true;
                    }));
  std::int64_t count = 0;
  for (const SubjectId subject : unfinished) {
    VL_CHECK(destroy(session, subject));
    ++count;
  }
  for (const SubjectId subject : finished) {
    VL_TRY(const bool known, keys_.knows_erased(province_, subject));
    if (known) continue;
    VL_CHECK(keys_.erase(province_, subject));
    ++count;
  }
  return count;
}

}  // namespace vl::vault
