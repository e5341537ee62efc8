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

Result<void> record_report(Decision& d, const Export& now, const NodeReport& report) {
  using Kind = NodeReport::Kind;
  const auto record = [&](const auto& event) {
    return d.record(draft_of(Export::kStream, report.id.value, event));
  };
  switch (report.kind) {
    case Kind::locked:
      return now.is_live() && !now.locked ? record(FootageLocked{}) : Result<void>{};
    case Kind::made:
      return now.state == ExportState::approved ? record(report.made) : Result<void>{};
    case Kind::ready:
      return now.state == ExportState::made ? record(report.ready) : Result<void>{};
    case Kind::failed:
      break;
  }
  const bool waiting = now.state == ExportState::approved || now.state == ExportState::made;
  return waiting ? record(ExportFailed{report.why}) : Result<void>{};
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

Command note_download(Request request, ExportId id) {
  return on_export(request, "exports.download", id, {},
                   [by = request.person()](const Export& asked) -> Result<ExportDownloaded> {
                     VL_CHECK(may_download(asked));
                     return ExportDownloaded{by};
                   });
}

Command take_report(journal::Actor actor, NodeReport report) {
  return {actor,
          "exports.take_report",
          {},
          [report = std::move(report), node = actor.id](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* now, d.state<Export>(report.id.value));
            if (!now->exists) return fail(ExportError::not_found, "there is no such export");
            VL_CHECK(may_report(*now, node));
            VL_CHECK(record_report(d, *now, report));
            return report.id.text();
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
