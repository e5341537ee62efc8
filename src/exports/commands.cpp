#include <vonglau/exports/commands.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::exports {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

/// A command on one case that exists.
template <class Decide>
Command on_case(const Request& request, std::string name, CaseId id, WriteRows rows,
                Decide decide) {
  return {
      request.actor, std::move(name), request.idempotency_key,
      [id, rows = std::move(rows), decide = std::move(decide)](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* file, d.state<CaseFile>(id.value));
        if (!file->exists) return fail(ExportError::case_not_found, "there is no such case");
        VL_TRY(const auto event, decide(*file));
        VL_CHECK(d.record(draft_of(CaseFile::kStream, id.value, event)));
        if (rows) d.also_write(rows);
        return id.text();
      }};
}

/// A command on one export: `decide` looks at its state and gives the event.
template <class Decide>
Command on_export(const Request& request, std::string name, ExportId id, WriteRows rows,
                  Decide decide) {
  return {
      request.actor, std::move(name), request.idempotency_key,
      [id, rows = std::move(rows), decide = std::move(decide)](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* asked, d.state<Export>(id.value));
        VL_TRY(const auto event, decide(*asked));
        VL_CHECK(d.record(draft_of(Export::kStream, id.value, event)));
        if (rows) d.also_write(rows);
        return id.text();
      }};
}

Error not_the_first() {
  return Error(code_of(ExportError::not_its_recorder),
               "another recorder puts this export together");
}

/// What the recorder that puts an export together says of it.
Result<void> record_of_whole(Decision& d, const Export& now, const NodeReport& report) {
  using Kind = NodeReport::Kind;
  const auto record = [&](const auto& event) {
    return d.record(draft_of(Export::kStream, report.id.value, event));
  };
  switch (report.kind) {
    case Kind::made:
      return now.state == ExportState::approved ? record(report.made) : Result<void>{};
    case Kind::ready:
      return now.state == ExportState::made ? record(report.ready) : Result<void>{};
    case Kind::stamped:
      return now.state == ExportState::ready && now.timestamp == TimestampOutcome::failed
                 ? record(report.stamped)
                 : Result<void>{};
    case Kind::delivered:
      return now.state == ExportState::ready ? record(ExportDownloaded{report.person})
                                             : Result<void>{};
    case Kind::part_failed: {
      const bool waits = now.state == ExportState::approved && report.recorder &&
                         may_report(now, *report.recorder) &&
                         *report.recorder != now.recorders.front() &&
                         !now.parts_failed.contains(*report.recorder);
      return waits ? record(PartFailed{*report.recorder, report.why}) : Result<void>{};
    }
    default:
      break;
  }
  const bool waiting = now.state == ExportState::approved || now.state == ExportState::made;
  return waiting ? record(ExportFailed{report.why}) : Result<void>{};
}

Result<void> record_report(Decision& d, const Export& now, const Uuid& node,
                           const NodeReport& report) {
  using Kind = NodeReport::Kind;
  const auto record = [&](const auto& event) {
    return d.record(draft_of(Export::kStream, report.id.value, event));
  };
  if (report.kind == Kind::locked)
    return now.is_live() && !now.locked_by.contains(node) ? record(FootageLocked{node})
                                                          : Result<void>{};
  if (node == now.recorders.front()) {
    if (report.kind == Kind::part)
      return fail(ExportError::not_its_recorder, "who puts parts together makes none");
    return record_of_whole(d, now, report);
  }
  if (report.kind != Kind::part && report.kind != Kind::failed)
    return std::unexpected(not_the_first());
  const bool waits = now.state == ExportState::approved && !now.parts_failed.contains(node);
  if (report.kind == Kind::failed)
    return waits ? record(PartFailed{node, report.why}) : Result<void>{};
  auto part = report.part;
  part.recorder = node;
  return waits && !now.parts_made.contains(node) ? record(part) : Result<void>{};
}

}  // namespace

Command open_case(Request request, CaseId id, std::string number, CaseKind kind) {
  return {request.actor, "cases.open", request.idempotency_key,
          [=, by = request.person()](Decision& d) -> Result<std::string> {
            VL_CHECK(check_case_number(number));
            VL_TRY(const auto taken,
                   d.tables().query_integer("SELECT count(*) FROM export_cases WHERE"
                                            " province_id = $1 AND number = $2",
                                            {d.province(), number}));
            if (taken.value_or(0) > 0)
              return fail(ExportError::number_taken, "there is a case of this number", "number");
            VL_CHECK(d.record(draft_of(CaseFile::kStream, id.value, CaseOpened{number, kind, by})));
            return id.text();
          }};
}

Command classify_case(Request request, CaseId id, CaseKind kind) {
  return on_case(request, "cases.classify", id, {},
                 [kind, by = request.person()](const CaseFile&) -> Result<CaseClassified> {
                   return CaseClassified{kind, by};
                 });
}

Command add_bookmark(Request request, CaseId id, BookmarkAdded bookmark, WriteRows seal_rows) {
  return on_case(request, "cases.bookmark", id, std::move(seal_rows),
                 [bookmark = std::move(bookmark)](const CaseFile&) -> Result<BookmarkAdded> {
                   VL_CHECK(check_bookmark(bookmark));
                   return bookmark;
                 });
}

Command remove_bookmark(Request request, CaseId id, BookmarkId bookmark) {
  return on_case(
      request, "cases.remove_bookmark", id, {},
      [bookmark, by = request.person()](const CaseFile& file) -> Result<BookmarkRemoved> {
        if (!file.bookmarks.contains(bookmark))
          return fail(ExportError::not_found, "there is no such bookmark");
        return BookmarkRemoved{bookmark, by};
      });
}

Command request_export(Request request, ExportId id, ExportRequested asked, WriteRows seal_rows) {
  return {request.actor, "exports.request", request.idempotency_key,
          [id, asked = std::move(asked),
           seal_rows = std::move(seal_rows)](Decision& d) -> Result<std::string> {
            VL_CHECK(check_request(asked, d.now()));
            VL_TRY(const auto* file, d.state<CaseFile>(asked.case_id.value));
            if (!file->exists)
              return fail(ExportError::case_not_found, "there is no such case", "case_id");
            VL_CHECK(d.record(draft_of(Export::kStream, id.value, asked)));
            if (seal_rows) d.also_write(seal_rows);
            return id.text();
          }};
}

Command approve_export(Request request, ExportId id, ExportApproved approved) {
  return on_export(request, "exports.approve", id, {},
                   [approved = std::move(approved)](const Export& asked) -> Result<ExportApproved> {
                     VL_CHECK(may_decide(asked, approved.by));
                     return approved;
                   });
}

Command refuse_export(Request request, ExportId id, PersonalRef reason, WriteRows seal_rows) {
  return on_export(request, "exports.refuse", id, std::move(seal_rows),
                   [reason = std::move(reason),
                    by = request.person()](const Export& asked) -> Result<ExportRefused> {
                     VL_CHECK(may_decide(asked, by));
                     return ExportRefused{reason, by};
                   });
}

Command withdraw_export(Request request, ExportId id) {
  return on_export(request, "exports.withdraw", id, {},
                   [by = request.person()](const Export& asked) -> Result<ExportWithdrawn> {
                     VL_CHECK(may_withdraw(asked, by));
                     return ExportWithdrawn{by};
                   });
}

Command note_ticket(Request request, ExportId id) {
  return on_export(request, "exports.ticket", id, {},
                   [by = request.person()](const Export& asked) -> Result<ExportTicketGiven> {
                     VL_CHECK(may_download(asked));
                     return ExportTicketGiven{by};
                   });
}

Command take_report(journal::Actor actor, NodeReport report) {
  return {actor, "exports.take_report", report.delivery,
          [report = std::move(report), node = actor.id](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* now, d.state<Export>(report.id.value));
            if (!now->exists) return fail(ExportError::not_found, "there is no such export");
            VL_CHECK(may_report(*now, node));
            VL_CHECK(record_report(d, *now, node, report));
            return report.id.text();
          }};
}

Command give_up_part(ExportId id, Uuid recorder, std::string why) {
  return {journal::Actor::system(),
          "exports.give_up_part",
          {},
          [id, recorder, why = std::move(why)](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* now, d.state<Export>(id.value));
            const bool waits = now->exists && now->state == ExportState::approved &&
                               may_report(*now, recorder) && now->recorders.front() != recorder &&
                               !now->parts_made.contains(recorder) &&
                               !now->parts_failed.contains(recorder);
            if (waits)
              VL_CHECK(d.record(draft_of(Export::kStream, id.value, PartFailed{recorder, why})));
            return id.text();
          }};
}

Command expire_export(ExportId id) {
  return {journal::Actor::system(), "exports.expire", {}, [id](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* now, d.state<Export>(id.value));
            if (now->exists && now->is_live() && now->expires_us <= d.now().us)
              VL_CHECK(d.record(draft_of(Export::kStream, id.value, ExportExpired{})));
            return id.text();
          }};
}

}  // namespace vl::exports
