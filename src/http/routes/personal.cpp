#include <vonglau/journal/typed_event.hpp>
#include <vonglau/routes/personal.hpp>

namespace vl::routes {
namespace {

/// A read of one subject's data by one person for one work item.
struct VaultAccessed {
  static constexpr std::string_view kType = "vault.accessed";
  static constexpr std::uint32_t kVersion = 1;
  Uuid subject_id;
  std::string work_kind;
  Uuid work_id;
  std::string purpose;
};
BOOST_DESCRIBE_STRUCT(VaultAccessed, (), (subject_id, work_kind, work_id, purpose))

enum class AccessKnown { yes };
constexpr ErrorCode code_of(AccessKnown) {
  return {Category::conflict, "vault.access_known"};
}

}  // namespace

Result<std::optional<journal::PersonalRef>> Sealing::add(vault::SubjectId subject, vault::Kind kind,
                                                         const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::nullopt;
  VL_TRY(auto sealed, core_.vault.seal(subject, kind, *text));
  return add_sealed(std::move(sealed));
}

journal::PersonalRef Sealing::add_sealed(vault::Sealed sealed) {
  const journal::PersonalRef ref{sealed.item.value, sealed.subject.value, sealed.commitment};
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
  std::vector<vault::Access> missing;
  for (const auto& item : items) {
    if (!item) continue;
    auto access = core_.vault.missing_access(session, vault::ItemId{*item}, purpose_);
    if (!access) {
      if (access.error().code == code_of(vault::VaultError::erased)) continue;
      return fail(std::move(access).error());
    }
    const auto same = [&](const vault::Access& a) { return a.subject == (*access)->subject; };
    if (*access && std::ranges::none_of(missing, same)) missing.push_back(**access);
  }
  for (const auto& access : missing) {
    // One command each: another request of this person may have recorded one of them just now,
    // and its row then refuses this one alone.
    const auto recorded = core_.journal.execute(
        {actor_, "vault.access", std::nullopt, [&](journal::Decision& d) -> Result<std::string> {
           const auto& work = access.purpose.work;
           VL_CHECK(d.record(journal::draft_of(
               "vault", access.subject.value,
               VaultAccessed{access.subject.value, work.kind, work.id, access.purpose.reason})));
           d.also_write([&](store::Session& s) -> Result<void> {
             VL_TRY(const bool fresh, core_.vault.write_access(s, access));
             if (!fresh) return fail(AccessKnown::yes, "this access is on record already");
             return {};
           });
           return "";
         }});
    if (!recorded && recorded.error().code.category != Category::conflict)
      return fail(recorded.error());
  }
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
