// The commands of cases and exports, ready for the journal. Free text is sealed by the caller
// beforehand; `seal_rows` writes the sealed items in the journal's transaction. The reply of
// each is the id of what it made or changed, as text.
#pragma once

#include <functional>

#include <vonglau/exports/export.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::exports {

struct Request {
  journal::Actor actor;
  std::optional<Uuid> idempotency_key;
  PersonId person() const { return {actor.id}; }
};
using WriteRows = std::function<Result<void>(store::Session&)>;

/// Refused when the number is in use.
journal::Command open_case(Request request, CaseId id, std::string number, CaseKind kind);
journal::Command classify_case(Request request, CaseId id, CaseKind kind);
journal::Command add_bookmark(Request request, CaseId id, BookmarkAdded bookmark,
                              WriteRows seal_rows);
journal::Command remove_bookmark(Request request, CaseId id, BookmarkId bookmark);

journal::Command request_export(Request request, ExportId id, ExportRequested asked,
                                WriteRows seal_rows);
journal::Command approve_export(Request request, ExportId id, ExportApproved approved);
journal::Command refuse_export(Request request, ExportId id, PersonalRef reason,
                               WriteRows seal_rows);
journal::Command withdraw_export(Request request, ExportId id);
journal::Command note_ticket(Request request, ExportId id);

/// What a recorder says of an export, who is the actor. Refused of any node that has none of its
/// cameras; anything that does not fit the export's state changes nothing.
struct NodeReport {
  enum class Kind { locked, part, part_failed, made, ready, stamped, delivered, failed };
  Kind kind{};
  ExportId id;
  PartMade part;
  ExportMade made;
  ExportReady ready;
  ExportStamped stamped;
  std::string why;
  std::optional<Uuid> recorder;  // part_failed: whose
  std::optional<Uuid> delivery;  // delivered: told however often, it is recorded once
  PersonId person;               // to whom
};
journal::Command take_report(journal::Actor actor, NodeReport report);
/// A recorder that is away holds an export up no longer: it goes on without.
journal::Command give_up_part(ExportId id, Uuid recorder, std::string why);
/// Nothing when it is over already.
journal::Command expire_export(ExportId id);

}  // namespace vl::exports
