#include <vonglau/routes/personal.hpp>
#include <vonglau/vault/journalled.hpp>

namespace vl::routes {
Result<std::optional<journal::PersonalRef>> Sealing::add(vault::SubjectId subject, vault::Kind kind,
                                                         const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::nullopt;
  VL_TRY(auto sealed, core_.vault.seal(subject, kind, *text));
  return add_sealed(std::move(sealed));
}

journal::PersonalRef Sealing::add_sealed(vault::Sealed sealed) {
  const journal::PersonalRef ref = vault::reference_to(sealed);
  sealed_.push_back(std::move(sealed));
  return ref;
}

std::function<Result<void>(store::Session&)> Sealing::rows() {
  return [&vault = core_.vault, sealed = sealed_](store::Session& session) -> Result<void> {
    for (const auto& item : sealed) VL_CHECK(vault.write(session, item));
    return {};
  };
}

Result<void> PersonalReader::prepare(store::Session& session,
                                     const std::vector<std::optional<Uuid>>& items) {
  std::vector<vault::ItemId> wanted;
  bool is_missing = false;
  for (const auto& item : items) {
    if (!item) continue;
    const vault::ItemId id{*item};
    auto access = core_.vault.missing_access(session, id, purpose_);
    if (!access) {
      if (access.error().code == code_of(vault::VaultError::erased)) continue;
      return fail(std::move(access).error());
    }
    wanted.push_back(id);
    is_missing |= access->has_value();
  }
  if (!is_missing) return {};
  // What another request of this person records meanwhile, the command finds recorded.
  auto command = vault::access_command(core_.vault, std::move(wanted), purpose_);
  command.actor = actor_;
  VL_CHECK(core_.journal.execute(std::move(command)));
  return {};
}

Result<std::optional<std::string>> PersonalReader::open(store::Session& session,
                                                        const std::optional<Uuid>& item) {
  if (!item) return std::nullopt;
  auto opened = core_.vault.open(session, vault::ItemId{*item}, purpose_);
  if (!opened && opened.error().code == code_of(vault::VaultError::erased)) return std::nullopt;
  if (!opened) return fail(std::move(opened).error());
  return std::string(opened->plaintext.text());
}

}  // namespace vl::routes
