#include <algorithm>

#include <sodium.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/vault/normalise.hpp>
#include <vonglau/vault/vault.hpp>

#include "stored.hpp"
#include "stored_row.hpp"

namespace vl::vault {
namespace {

bool is_code(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

Result<void> check(const Purpose& purpose) {
  if (purpose.person.is_nil() || purpose.work.id.is_nil() || !is_code(purpose.work.kind, 32) ||
      !is_code(purpose.reason, 48))
    return fail(VaultError::purpose_missing,
                "personal data is read for a purpose: claim the report or incident first");
  return {};
}

std::optional<std::string> normalise(Kind kind, std::string_view value) {
  switch (kind) {
    case Kind::phone:
      return normalise_phone(value);
    case Kind::plate:
      return normalise_plate(value);
    case Kind::login:
      return normalise_login(value);
    default:
      return {};
  }
}

std::unexpected<Error> altered(ItemId item) {
  return fail(VaultError::not_intact,
              "vault item " + item.text() + " was altered or damaged; restore it from the backup");
}

}  // namespace

cipher::Context item_context(ProvinceId province, ItemId item, SubjectId subject, Kind kind) {
  return cipher::Context("vonglau.vault.item.1")
      .add(province.value)
      .add(item.value)
      .add(subject.value)
      .add(as_bytes(name_of(kind)));
}

Secret pad(ByteView salt, ByteView content) {
  const std::size_t used = salt.size() + content.size() + 1;
  Bytes bytes((used + kPadTo - 1) / kPadTo * kPadTo);
  const auto end = std::ranges::copy(content, std::ranges::copy(salt, bytes.begin()).out).out;
  *end = 0x80;
  return Secret(std::move(bytes));
}

std::optional<ByteView> unpad(ByteView padded) {
  if (padded.size() % kPadTo != 0) return {};
  std::size_t size = padded.size();
  while (size > kSaltBytes && padded[size - 1] == 0) --size;
  if (size <= kSaltBytes || padded[size - 1] != 0x80) return {};
  return padded.subspan(kSaltBytes, size - 1 - kSaltBytes);
}

Vault::Vault(ProvinceId province, KeyStore& keys, Objects& objects, const Clock& clock,
             IdSource& ids)
    : province_(province), keys_(keys), objects_(objects), clock_(clock), ids_(ids) {
  start_crypto();
}

bool Vault::is_leaving(SubjectId subject) const {
  const std::scoped_lock lock(leaving_mutex_);
  return leaving_.contains(subject);
}

Result<std::optional<Digest>> Vault::token(Kind kind, std::string_view value) {
  if (!is_indexed(kind)) return std::nullopt;
  const auto normal = normalise(kind, value);
  if (!normal) return std::nullopt;
  VL_TRY(const Key key, keys_.index_key(province_, kind));
  Digest token;
  static_assert(crypto_auth_hmacsha256_BYTES == sizeof(token));
  static_assert(crypto_auth_hmacsha256_KEYBYTES == sizeof(Key::bytes));
  crypto_auth_hmacsha256(token.data(), reinterpret_cast<const std::uint8_t*>(normal->data()),
                         normal->size(), key.bytes.data());
  return token;
}

Result<Sealed> Vault::seal_bytes(SubjectId subject, Kind kind, ItemId item, const Key& salt,
                                 const Digest& commitment, ByteView content) {
  if (is_leaving(subject))
    return fail(VaultError::erased, "this person's data is being erased; nothing was stored");
  VL_TRY(const Key key, keys_.key_for(province_, subject));
  const Secret padded = pad(salt.bytes, content);
  auto box = cipher::seal(key, padded.bytes(), item_context(province_, item, subject, kind));
  return Sealed{item,       subject, kind, std::move(box.nonce), std::move(box.ciphertext),
                commitment, {},      {}};
}

Result<Sealed> Vault::seal(SubjectId subject, Kind kind, std::string_view plaintext) {
  if (kind == Kind::attachment)
    return fail(VaultError::wrong_kind, "an attachment is sealed through begin_attachment");
  if (plaintext.size() > limit_bytes(kind))
    return fail(VaultError::too_large,
                "the " + std::string(name_of(kind)) + " is longer than " +
                    std::to_string(limit_bytes(kind)) + " bytes; shorten it",
                std::string(name_of(kind)));
  VL_TRY(auto found_by, token(kind, plaintext));
  if (kind == Kind::login && !found_by)
    return fail(VaultError::malformed,
                "a login has 3 to 64 letters without accents, digits or . _ - @, and begins with "
                "a letter or digit",
                "login");
  const Key salt = Key::random();
  Sha256 hash;
  hash.add(salt.bytes);
  hash.add(as_bytes(plaintext));
  VL_TRY(Sealed sealed,
         seal_bytes(subject, kind, {ids_.next()}, salt, hash.finish(), as_bytes(plaintext)));
  sealed.token = found_by;
  return sealed;
}

Result<void> Vault::write(store::Session& session, const Sealed& sealed) {
  // Sealed earlier, perhaps before an erasure that has finished since: then the key is gone.
  if (is_leaving(sealed.subject))
    return fail(VaultError::erased, "this person's data is being erased; nothing was stored");
  VL_CHECK(keys_.existing_key(province_, sealed.subject));
  const WallTime now = clock_.wall();
  VL_CHECK(session.post(
      "INSERT INTO vault_items (province_id, item_id, subject_id, kind, nonce, ciphertext, "
      "commitment, object, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {province_, sealed.item, sealed.subject, name_of(sealed.kind), sealed.nonce,
       sealed.ciphertext, sealed.commitment, sealed.object, now}));
  if (!sealed.token) return {};
  return session.post(
      "INSERT INTO vault_index (province_id, kind, token, subject_id, item_id) "
      "VALUES ($1, $2, $3, $4, $5)",
      {province_, name_of(sealed.kind), *sealed.token, sealed.subject, sealed.item});
}

Result<void> Vault::remove(store::Session& session, ItemId item) {
  VL_CHECK(session.post("DELETE FROM vault_index WHERE province_id = $1 AND item_id = $2",
                        {province_, item}));
  return session.post("DELETE FROM vault_items WHERE province_id = $1 AND item_id = $2",
                      {province_, item});
}

Result<Vault::Stored> Vault::load(store::Session& session, ItemId item) {
  std::optional<Stored> stored;
  bool known_kind = true;
  bool is_erased = false;
  VL_CHECK(session.query(
      "SELECT subject_id, kind, nonce, ciphertext, commitment, object, erased_us "
      "FROM vault_items WHERE province_id = $1 AND item_id = $2",
      {province_, item}, [&](const store::Row& row) {
        const auto kind = kind_of(row.text(1));
        known_kind = kind.has_value();
        is_erased = !row.is_null(6);
        if (!known_kind) return false;
        const auto copy = [&](int column) {
          const ByteView bytes = row.bytes(column);
          return Bytes(bytes.begin(), bytes.end());
        };
        stored.emplace(Stored{item, {row.uuid(0)}, *kind, copy(2), copy(3), copy(4), {}});
        if (!row.is_null(5)) stored->object = copy(5);
        return false;
      }));
  if (!known_kind) return altered(item);
  if (!stored) return fail(VaultError::unknown_item, "there is no vault item " + item.text());
  if (is_erased)
    return fail(VaultError::erased, "this person's data was erased; nothing of it can be read");
  return std::move(*stored);
}

Result<Secret> Vault::unseal(const Stored& stored) {
  VL_TRY(const Key key, keys_.existing_key(province_, stored.subject));
  auto padded = cipher::open(key, stored.nonce, stored.ciphertext,
                             item_context(province_, stored.item, stored.subject, stored.kind));
  if (!padded) return altered(stored.item);
  return std::move(*padded);
}

Result<Opened> Vault::unseal_text(const Stored& stored) {
  VL_TRY(const Secret padded, unseal(stored));
  const auto content = unpad(padded.bytes());
  if (!content) return altered(stored.item);
  Sha256 hash;
  hash.add(padded.bytes().first(kSaltBytes));
  hash.add(*content);
  const Digest commitment = hash.finish();
  if (!std::ranges::equal(commitment, stored.commitment)) return altered(stored.item);
  return Opened{stored.item, stored.subject, stored.kind,
                Secret(Bytes(content->begin(), content->end())), commitment};
}

Result<bool> Vault::access_known(store::Session& session, SubjectId subject,
                                 const Purpose& purpose) {
  VL_TRY(const auto found,
         session.query_integer(
             "SELECT 1 FROM vault_accesses WHERE province_id = $1 AND person_id = $2 "
             "AND subject_id = $3 AND work_kind = $4 AND work_id = $5",
             {province_, purpose.person, subject, purpose.work.kind, purpose.work.id}));
  return found.has_value();
}

Result<std::optional<Access>> Vault::missing_access(store::Session& session, ItemId item,
                                                    const Purpose& purpose) {
  VL_CHECK(check(purpose));
  VL_TRY(const Stored stored, load(session, item));
  if (!needs_purpose(stored.kind)) return std::nullopt;
  VL_TRY(const bool known, access_known(session, stored.subject, purpose));
  if (known) return std::nullopt;
  return Access{stored.subject, purpose};
}

Result<bool> Vault::write_access(store::Session& session, const Access& access) {
  VL_CHECK(check(access.purpose));
  VL_TRY(
      const std::int64_t changed,
      session.execute("INSERT INTO vault_accesses (province_id, person_id, subject_id, work_kind, "
                      "work_id, reason, first_us) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                      "ON CONFLICT DO NOTHING",
                      {province_, access.purpose.person, access.subject, access.purpose.work.kind,
                       access.purpose.work.id, access.purpose.reason, clock_.wall()}));
  return changed == 1;
}

Result<Vault::Stored> Vault::load_for(store::Session& session, ItemId item,
                                      const Purpose& purpose) {
  VL_CHECK(check(purpose));
  VL_TRY(Stored stored, load(session, item));
  VL_TRY(const bool known, access_known(session, stored.subject, purpose));
  if (!known)
    return fail(VaultError::access_not_recorded,
                "the access is not on record yet; it has to be before anything is shown");
  return stored;
}

Result<Opened> Vault::open(store::Session& session, ItemId item, const Purpose& purpose) {
  VL_TRY(const Stored stored, load_for(session, item, purpose));
  if (stored.kind == Kind::attachment || !needs_purpose(stored.kind))
    return fail(VaultError::wrong_kind,
                "an item of kind " + std::string(name_of(stored.kind)) + " is not opened this way");
  return unseal_text(stored);
}

Result<Opened> Vault::read(store::Session& session, ItemId item, Kind kind) {
  VL_TRY(const Stored stored, load(session, item));
  if (stored.kind != kind || needs_purpose(kind))
    return fail(VaultError::wrong_kind,
                "vault item " + item.text() + " cannot be read without a purpose");
  return unseal_text(stored);
}

Result<std::vector<Match>> Vault::find_token(store::Session& session, Kind kind,
                                             std::string_view value, std::int64_t limit) {
  std::vector<Match> matches;
  VL_TRY(const auto wanted, token(kind, value));
  if (!wanted) return matches;
  VL_CHECK(session.query(
      "SELECT subject_id, item_id FROM vault_index "
      "WHERE province_id = $1 AND kind = $2 AND token = $3 ORDER BY item_id DESC LIMIT $4",
      {province_, name_of(kind), *wanted, limit}, [&](const store::Row& row) {
        matches.push_back({{row.uuid(0)}, {row.uuid(1)}});
        return true;
      }));
  return matches;
}

Result<std::vector<Match>> Vault::find(store::Session& session, Kind kind, std::string_view value,
                                       const Purpose& purpose, std::int64_t limit) {
  VL_CHECK(check(purpose));
  return find_token(session, kind, value, std::clamp<std::int64_t>(limit, 0, 1000));
}

Result<std::vector<Match>> Vault::find(store::Session& session, Kind kind, std::string_view value) {
  if (needs_purpose(kind)) VL_CHECK(check(Purpose{}));
  return find_token(session, kind, value, 50);
}

}  // namespace vl::vault
