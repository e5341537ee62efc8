// Personal data of one province: sealed before the journal's transaction, written inside it,
// opened for a purpose that is on record, erased with its subject's key.
//
//   auto sealed = vault.seal(subject, Kind::phone, number);      // caller's thread: crypto
//   decision.also_write([&](auto& s) { return vault.write(s, sealed); });   // with the event
//   ... event body: {"caller_number_item": sealed.item, "commitment": sealed.commitment}
//
//   auto opened = vault.open(reader, item, purpose);
//   // vault.access_not_recorded: append vault.accessed with write_access() beside it, then
//   // open again. So no plaintext leaves before the access is durable.
//
// Owned by the composition root, one per province and process. Any thread, each with a
// session of its own. Randomness is the system's own: secrets are not simulated.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/store/session.hpp>
#include <vonglau/vault/key_store.hpp>
#include <vonglau/vault/objects.hpp>

namespace vl::vault {

/// Who has to be on record as having read what.
struct Access {
  SubjectId subject;
  Purpose purpose;
};

/// A subject on its way out: while one of these lives nothing new is sealed for the subject.
/// Order: write() in the journal's transaction with vault.erased; then, after the commit,
/// finish(). Cut off between the two, Vault::resume_erasures() does the rest at the next start.
class Vault;
class Erasure {
 public:
  Erasure(Erasure&& other) noexcept;
  Erasure& operator=(Erasure&&) = delete;
  ~Erasure();
  /// Empties the subject's items and deletes its index tokens.
  Result<void> write(store::Session& session) const;
  /// Destroys the key and the files. `session` is any but the journal writer's own.
  Result<void> finish(store::Session& session);

 private:
  friend class Vault;
  Erasure(Vault& vault, SubjectId subject) : vault_(&vault), subject_(subject) {}
  Vault* vault_;
  SubjectId subject_;
};

class Vault {
 public:
  /// All references outlive the vault. The database has schema()'s tables (schema.hpp).
  Vault(ProvinceId province, KeyStore& keys, Objects& objects, const Clock& clock, IdSource& ids);

  // ---- Writing -------------------------------------------------------------------------
  /// Text longer than limit_bytes(kind) is refused; so is a login that is none. A phone number
  /// or plate that cannot be normalised is sealed all the same, and cannot be found by value.
  Result<Sealed> seal(SubjectId subject, Kind kind, std::string_view plaintext);
  /// One row, and one for its index token. Refuses what belongs to a subject being erased.
  Result<void> write(store::Session& session, const Sealed& sealed);
  /// Deletes one item, its token and its file's only reference (sweep() removes the file).
  Result<void> remove(store::Session& session, ItemId item);

  // ---- Attachments ---------------------------------------------------------------------
  /// Encrypts while it is received; bounded memory. Durable when finish() returns; write() the
  /// result like any other. Unfinished or unwritten ones are cleared away later.
  class AttachmentWriter {
   public:
    AttachmentWriter(AttachmentWriter&&) noexcept;
    AttachmentWriter& operator=(AttachmentWriter&&) = delete;
    ~AttachmentWriter();
    Result<void> add(ByteView bytes);
    struct Finished {
      Sealed sealed;
      std::int64_t size_bytes = 0;
    };
    Result<Finished> finish();

   private:
    friend class Vault;
    struct Open;
    explicit AttachmentWriter(std::unique_ptr<Open> open);
    std::unique_ptr<Open> open_;
  };
  Result<AttachmentWriter> begin_attachment(SubjectId subject);
  struct AttachmentAbout {
    std::int64_t size_bytes = 0;
    Digest sha256{};  // of the plaintext
    Digest commitment{};
  };
  /// Shows the plaintext in authenticated pieces of at most 64 KiB, in order. When it fails
  /// half way what was shown was genuine but is not whole.
  Result<AttachmentAbout> read_attachment(store::Session& session, ItemId item,
                                          const Purpose& purpose,
                                          const std::function<Result<void>(ByteView)>& on_piece);
  /// Size and digest without the content; the same purpose is needed.
  Result<AttachmentAbout> about_attachment(store::Session& session, ItemId item,
                                           const Purpose& purpose);
  /// Removes objects older than an hour that no item refers to. Gives how many.
  Result<std::int64_t> sweep(store::Session& session);

  // ---- Reading -------------------------------------------------------------------------
  /// Whose access has to be recorded before `item` may be opened for this purpose; nothing
  /// when it is on record already.
  Result<std::optional<Access>> missing_access(store::Session& session, ItemId item,
                                               const Purpose& purpose);
  /// Records one access of (person, subject, work item), beside its vault.accessed event.
  /// Gives false when it was there before: then there is nothing to append.
  Result<bool> write_access(store::Session& session, const Access& access);
  /// The plaintext, if the access is on record. Checks authenticity and commitment.
  Result<Opened> open(store::Session& session, ItemId item, const Purpose& purpose);
  /// Staff names and the system's own secrets (kinds without a purpose) for the service.
  Result<Opened> read(store::Session& session, ItemId item, Kind kind);

  /// Items whose value has the same normalised form: at most `limit`. Kinds that need a purpose
  /// need one here as well, though only ids come back.
  Result<std::vector<Match>> find(store::Session& session, Kind kind, std::string_view value,
                                  const Purpose& purpose, std::int64_t limit = 50);
  /// For kinds without a purpose: a login at sign-in.
  Result<std::vector<Match>> find(store::Session& session, Kind kind, std::string_view value);

  // ---- Erasing -------------------------------------------------------------------------
  Erasure begin_erasure(SubjectId subject);
  /// Whether the database says that the subject was erased.
  Result<bool> is_erased(store::Session& session, SubjectId subject);
  /// Finishes erasures cut off between commit and finish, and repeats all others on the key
  /// store: it may have been restored from an older copy. At start, before anything is read.
  Result<std::int64_t> resume_erasures(store::Session& session);

  ProvinceId province() const { return province_; }

 private:
  friend class Erasure;
  struct Stored;

  Result<Sealed> seal_bytes(SubjectId subject, Kind kind, ItemId item, const Key& salt,
                            const Digest& commitment, ByteView content);
  Result<std::optional<Digest>> token(Kind kind, std::string_view value);
  Result<Stored> load(store::Session& session, ItemId item);
  Result<Secret> unseal(const Stored& stored);
  Result<Opened> unseal_text(const Stored& stored);
  Result<bool> access_known(store::Session& session, SubjectId subject, const Purpose& purpose);
  Result<Stored> load_for(store::Session& session, ItemId item, const Purpose& purpose);
  Result<std::vector<Match>> find_token(store::Session& session, Kind kind, std::string_view value,
                                        std::int64_t limit);
  Result<void> destroy(store::Session& session, SubjectId subject);
  bool is_leaving(SubjectId subject) const;

  ProvinceId province_;
  KeyStore& keys_;
  Objects& objects_;
  const Clock& clock_;
  IdSource& ids_;
  mutable std::mutex leaving_mutex_;
  std::unordered_multiset<SubjectId> leaving_;
};

}  // namespace vl::vault
