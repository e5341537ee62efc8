// What the vault holds: items of personal data, each belonging to one subject (a caller, an
// owner, a member of staff, one incident's free text) whose key encrypts it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::vault {

using ItemId = TypedId<struct VaultItemTag>;
using SubjectId = TypedId<struct VaultSubjectTag>;

enum class Kind : std::uint8_t {
  text,          // narratives, notes, summaries
  name,          // of a caller or an owner
  phone,         // as it was given; found by its blind index
  plate,         // likewise
  address,       // places in words
  attachment,    // a file in the object store; its item holds the file's key and hash
  login,         // of a member of staff; found by its blind index
  display_name,  // of a member of staff
  remark,        // why an administrative change is asked for or refused
  secret,        // the system's own: second-factor seeds, cameras' passwords
};
std::string_view name_of(Kind kind);
std::optional<Kind> kind_of(std::string_view name);
/// Longest plaintext accepted, in bytes.
std::size_t limit_bytes(Kind kind);
/// False for staff names and the system's secrets, which the service itself reads
/// (Vault::read); everything else is opened for a purpose only.
bool needs_purpose(Kind kind);
/// Whether values of this kind are found again by Vault::find.
bool is_indexed(Kind kind);

/// What entitles somebody to read: the work item they hold, and why. All parts are needed.
struct WorkItem {
  std::string kind;  // "report", "incident", "case"
  Uuid id;
};
struct Purpose {
  Uuid person;
  WorkItem work;
  std::string reason;  // a code of lower-case letters and '_': "claimed_report"
};

/// Ciphertext ready to be written in the journal's transaction. Events may carry `item` and
/// `commitment`, nothing else of it.
struct Sealed {
  ItemId item;
  SubjectId subject;
  Kind kind{};
  Bytes nonce;
  Bytes ciphertext;
  Digest commitment{};           // SHA-256(salt || plaintext); the salt is inside the ciphertext
  std::optional<Digest> token;   // blind index, for kinds that have one and values that fit
  std::optional<Digest> object;  // SHA-256 of the file's ciphertext, its name in the store
};

struct Opened {
  ItemId item;
  SubjectId subject;
  Kind kind{};
  Secret plaintext;
  Digest commitment{};
};

struct Match {
  SubjectId subject;
  ItemId item;
};

}  // namespace vl::vault
