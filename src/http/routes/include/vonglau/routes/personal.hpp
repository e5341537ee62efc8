// The only way personal data enters and leaves through the API.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vonglau/journal/personal_ref.hpp>
#include <vonglau/routes/core.hpp>

namespace vl::routes {

/// Texts of one request, sealed on the caller's thread; `rows` writes them with the events.
class Sealing {
 public:
  explicit Sealing(Core& core) : core_(core) {}
  /// Nothing for empty text.
  Result<std::optional<journal::PersonalRef>> add(vault::SubjectId subject, vault::Kind kind,
                                                  const std::optional<std::string>& text);
  journal::PersonalRef add_sealed(vault::Sealed sealed);
  std::function<Result<void>(store::Session&)> rows();

 private:
  Core& core_;
  std::vector<vault::Sealed> sealed_;
};

/// Opens vault items for one purpose. The first time this person reads of a subject for this
/// work item, `vault.accessed` is recorded before anything is opened.
class PersonalReader {
 public:
  PersonalReader(Core& core, journal::Actor actor, vault::Purpose purpose)
      : core_(core), actor_(actor), purpose_(std::move(purpose)) {}

  /// Records what accesses are missing for these items, in one command.
  Result<void> prepare(store::Session& session, const std::vector<std::optional<Uuid>>& items);
  /// Nothing for an absent item, or one whose subject was erased.
  Result<std::optional<std::string>> open(store::Session& session, const std::optional<Uuid>& item);
  const vault::Purpose& purpose() const { return purpose_; }

 private:
  Core& core_;
  journal::Actor actor_;
  vault::Purpose purpose_;
};

}  // namespace vl::routes
