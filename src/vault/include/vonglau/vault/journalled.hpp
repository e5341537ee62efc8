// The vault and the journal together: reading and erasing leave their events.
#pragma once

#include <span>
#include <vector>

#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/personal_ref.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::vault {

/// How an event names what was sealed.
inline journal::PersonalRef reference_to(const Sealed& sealed) {
  return {sealed.item.value, sealed.subject.value, sealed.commitment};
}

/// For a decide function: records vault.accessed for each subject of `items` whose access for
/// this purpose is not on record, and the row that says so. Erased items are passed over.
Result<void> record_accesses(journal::Decision& decision, Vault& vault,
                             std::span<const ItemId> items, const Purpose& purpose);
/// The same as a command of its own, by `purpose.person`. The vault outlives the command.
journal::Command access_command(Vault& vault, std::vector<ItemId> items, Purpose purpose);

/// Opens items for a purpose, recording the access first where it is missing: the first time
/// waits for a commit, after that it only reads. One result an item, in order. Blocks; not for
/// a thread of the journal's. `reader` is in no transaction.
std::vector<Result<Opened>> open_recorded(journal::Journal& journal, Vault& vault,
                                          store::Session& reader, std::span<const ItemId> items,
                                          const Purpose& purpose);

/// Erases a subject: vault.erased and the empty rows in one transaction, then the key and the
/// files. `session` may write and is not the journal's. Done again, it finishes what was cut off.
Result<journal::Receipt> erase_subject(journal::Journal& journal, Vault& vault,
                                       store::Session& session, journal::Actor actor,
                                       SubjectId subject);

}  // namespace vl::vault
