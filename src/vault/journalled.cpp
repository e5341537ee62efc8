#include <set>

#include <vonglau/journal/typed_event.hpp>
#include <vonglau/vault/events.hpp>
#include <vonglau/vault/journalled.hpp>

namespace vl::vault {
namespace {

bool is_gone(const Error& error) {
  return error.code == code_of(VaultError::erased) ||
         error.code == code_of(VaultError::unknown_item);
}

}  // namespace

Result<void> record_accesses(journal::Decision& decision, Vault& vault,
                             std::span<const ItemId> items, const Purpose& purpose) {
  std::set<SubjectId> recorded;
  for (const ItemId item : items) {
    auto missing = vault.missing_access(decision.tables(), item, purpose);
    if (!missing && is_gone(missing.error())) continue;
    VL_TRY(const auto access, std::move(missing));
    if (!access || !recorded.insert(access->subject).second) continue;
    VL_CHECK(decision.record(journal::draft_of(
        kStream, access->subject.value,
        VaultAccessed{access->subject, purpose.work.kind, purpose.work.id, purpose.reason})));
    decision.also_write([&vault, access = *access](store::Session& session) -> Result<void> {
      VL_CHECK(vault.write_access(session, access));
      return {};
    });
  }
  return {};
}

journal::Command access_command(Vault& vault, std::vector<ItemId> items, Purpose purpose) {
  journal::Command command;
  command.actor = journal::Actor::person(purpose.person);
  command.name = "vault.access";
  command.decide = [&vault, items = std::move(items),
                    purpose = std::move(purpose)](journal::Decision& d) -> Result<std::string> {
    VL_CHECK(record_accesses(d, vault, items, purpose));
    return std::string();
  };
  return command;
}

std::vector<Result<Opened>> open_recorded(journal::Journal& journal, Vault& vault,
                                          store::Session& reader, std::span<const ItemId> items,
                                          const Purpose& purpose) {
  std::vector<Result<Opened>> opened;
  std::vector<ItemId> missing;
  for (const ItemId item : items) {
    opened.push_back(vault.open(reader, item, purpose));
    if (!opened.back() && opened.back().error().code == code_of(VaultError::access_not_recorded))
      missing.push_back(item);
  }
  if (missing.empty()) return opened;
  const auto recorded = journal.execute(access_command(vault, missing, purpose));
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (opened[i] || opened[i].error().code != code_of(VaultError::access_not_recorded)) continue;
    opened[i] = recorded ? vault.open(reader, items[i], purpose)
                         : Result<Opened>(std::unexpected(recorded.error()));
  }
  return opened;
}

Result<journal::Receipt> erase_subject(journal::Journal& journal, Vault& vault,
                                       store::Session& session, journal::Actor actor,
                                       SubjectId subject) {
  auto erasure = vault.begin_erasure(subject);
  journal::Command command;
  command.actor = actor;
  command.name = "vault.erase";
  command.decide = [&](journal::Decision& d) -> Result<std::string> {
    VL_TRY(const bool known, vault.is_erased(d.tables(), subject));
    if (known) return std::string();  // said before; only the rest is left to do
    VL_CHECK(d.record(journal::draft_of(kStream, subject.value, VaultErased{subject})));
    d.also_write([&](store::Session& s) { return erasure.write(s); });
    return std::string();
  };
  VL_TRY(auto receipt, journal.execute(std::move(command)));
  VL_CHECK(erasure.finish(session));
  return receipt;
}

}  // namespace vl::vault
