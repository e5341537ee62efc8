#include <algorithm>

#include <vonglau/exports/events.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::exports {
namespace {

using journal::Event;
using journal::when;
using store::Value;

template <class E>
std::string word_of(E e) {
  return boost::describe::enum_to_string(e, "?");
}

Result<void> apply_bookmark(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  when<BookmarkAdded>(
      e,
      [&](const BookmarkAdded& b) {
        done = s.post(
            "INSERT INTO case_bookmarks (province_id, bookmark_id, case_id, camera_id, from_us,"
            " to_us, author_id, at_us, note_item, sequence)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            {province, b.bookmark_id, e.stream.id, b.camera_id, b.from_us, b.to_us, b.by, e.wall,
             b.note ? Value(b.note->item) : Value(), e.sequence});
      }) ||
      when<BookmarkRemoved>(e, [&](const BookmarkRemoved& b) {
        done = s.post("DELETE FROM case_bookmarks WHERE province_id = $1 AND bookmark_id = $2",
                      {province, b.bookmark_id});
      });
  return done;
}

Result<void> apply_case(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<CaseOpened>(e,
                   [&](const CaseOpened& o) {
                     done = s.post(
                         "INSERT INTO export_cases (province_id, case_id, number, kind, opened_us,"
                         " opened_by, sequence, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
                         {province, id, o.number, word_of(o.kind), e.wall, o.by, e.sequence});
                   }) ||
      when<CaseClassified>(e, [&](const CaseClassified& c) {
        done = s.post("UPDATE export_cases SET kind = $3 WHERE province_id = $1 AND case_id = $2",
                      {province, id, word_of(c.kind)});
      });
  VL_CHECK(done);
  VL_CHECK(apply_bookmark(e, province, s));
  return s.post("UPDATE export_cases SET version = $3 WHERE province_id = $1 AND case_id = $2",
                {province, id, e.stream_version});
}

Result<void> apply_requested(const Event& e, const ExportRequested& r, ProvinceId province,
                             store::Session& s) {
  VL_CHECK(s.post(
      "INSERT INTO exports (province_id, export_id, number, case_id, state, purpose, from_us,"
      " to_us, requested_by, requested_us, expires_us, reason_item, downloads, version)"
      " VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9, $10, $11, 0, $12)",
      {province, e.stream.id, e.sequence, r.case_id, word_of(r.purpose), r.from_us, r.to_us, r.by,
       e.wall, r.expires_us, r.reason.item, e.stream_version}));
  for (std::size_t i = 0; i < r.cameras.size(); ++i)
    VL_CHECK(
        s.post("INSERT INTO export_cameras (province_id, export_id, place, camera_id, recorder_id)"
               " VALUES ($1, $2, $3, $4, $5)",
               {province, e.stream.id, static_cast<std::int64_t>(i), r.cameras[i],
                r.recorders ? Value((*r.recorders)[i]) : Value()}));
  std::int64_t place = 0;
  for (const auto& m : r.masks.value_or(std::vector<MaskRegion>{}))
    VL_CHECK(
        s.post("INSERT INTO export_masks (province_id, export_id, place, camera_id, from_us, to_us,"
               " x, y, width, height) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               {province, e.stream.id, place++, m.camera_id, m.from_us, m.to_us, m.x, m.y, m.width,
                m.height}));
  std::vector<Uuid> recorders;
  for (const auto& one : r.recorders.value_or(std::vector<Uuid>{})) {
    if (std::ranges::find(recorders, one) != recorders.end()) continue;
    VL_CHECK(
        s.post("INSERT INTO export_recorders (province_id, export_id, place, recorder_id)"
               " VALUES ($1, $2, $3, $4)",
               {province, e.stream.id, static_cast<std::int64_t>(recorders.size()), one}));
    recorders.push_back(one);
  }
  return {};
}

Result<void> apply_decision(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<ExportApproved>(
      e,
      [&](const ExportApproved& a) {
        done = s.post(
            "UPDATE exports SET state = 'approved', decided_by = $3, decided_us = $4,"
            " journal_sequence = $5, journal_hash = $6, journal_us = $7"
            " WHERE province_id = $1 AND export_id = $2",
            {province, id, a.by, e.wall, a.journal_sequence, to_hex(a.journal_hash), a.journal_us});
      }) ||
      when<ExportRefused>(
          e,
          [&](const ExportRefused& r) {
            done = s.post(
                "UPDATE exports SET state = 'refused', decided_by = $3, decided_us = $4,"
                " refusal_item = $5 WHERE province_id = $1 AND export_id = $2",
                {province, id, r.by, e.wall, r.reason.item});
          }) ||
      when<ExportWithdrawn>(
          e,
          [&](const ExportWithdrawn&) {
            done = s.post(
                "UPDATE exports SET state = 'withdrawn' WHERE province_id = $1 AND export_id = $2",
                {province, id});
          }) ||
      when<ExportExpired>(e, [&](const ExportExpired&) {
        done =
            s.post("UPDATE exports SET state = 'expired' WHERE province_id = $1 AND export_id = $2",
                   {province, id});
      });
  return done;
}

Result<void> apply_locked(const Event& e, const FootageLocked& l, ProvinceId province,
                          store::Session& s) {
  if (l.recorder)
    VL_CHECK(s.post(
        "UPDATE export_recorders SET locked_us = $4 WHERE province_id = $1 AND export_id = $2 AND"
        " recorder_id = $3",
        {province, e.stream.id, *l.recorder, e.wall}));
  return s.post(
      "UPDATE exports SET locked_us = $3 WHERE province_id = $1 AND export_id = $2 AND NOT EXISTS"
      " (SELECT 1 FROM export_recorders r WHERE r.province_id = $1 AND r.export_id = $2 AND"
      " r.locked_us IS NULL)",
      {province, e.stream.id, e.wall});
}

Result<void> apply_parts(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<FootageLocked>(e, [&](const FootageLocked& l) { done = apply_locked(e, l, province, s); }) ||
      when<PartMade>(e,
                     [&](const PartMade& p) {
                       done = s.post(
                           "UPDATE export_recorders SET part = 'made', part_sha256 = $4,"
                           " part_bytes = $5 WHERE province_id = $1 AND export_id = $2 AND"
                           " recorder_id = $3",
                           {province, id, p.recorder, to_hex(p.manifest_sha256), p.bytes});
                     }) ||
      when<PartFailed>(e, [&](const PartFailed& p) {
        done = s.post(
            "UPDATE export_recorders SET part = 'failed', part_failure = $4"
            " WHERE province_id = $1 AND export_id = $2 AND recorder_id = $3",
            {province, id, p.recorder, p.why});
      });
  return done;
}

Result<void> apply_making(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<ExportMade>(
      e,
      [&](const ExportMade& m) {
        done = s.post(
            "UPDATE exports SET state = 'made', made_us = $3, manifest_sha256 = $4,"
            " fragments = $5, footage_us = $6, bytes = $7"
            " WHERE province_id = $1 AND export_id = $2",
            {province, id, e.wall, to_hex(m.manifest_sha256), m.fragments, m.footage_us, m.bytes});
      }) ||
      when<ExportReady>(
          e,
          [&](const ExportReady& r) {
            done = s.post(
                "UPDATE exports SET state = 'ready', ready_us = $3, archive_bytes = $4,"
                " timestamp_outcome = $5 WHERE province_id = $1 AND export_id = $2",
                {province, id, e.wall, r.archive_bytes, word_of(r.timestamp)});
          }) ||
      when<ExportStamped>(e,
                          [&](const ExportStamped& t) {
                            done = s.post(
                                "UPDATE exports SET timestamp_outcome = 'stamped', stamped_us = $3,"
                                " archive_bytes = $4 WHERE province_id = $1 AND export_id = $2",
                                {province, id, t.stamped_us, t.archive_bytes});
                          }) ||
      when<ExportFailed>(e,
                         [&](const ExportFailed& f) {
                           done = s.post(
                               "UPDATE exports SET state = 'failed', failure = $3"
                               " WHERE province_id = $1 AND export_id = $2",
                               {province, id, f.why});
                         }) ||
      when<ExportDownloaded>(e, [&](const ExportDownloaded&) {
        done = s.post(
            "UPDATE exports SET downloads = downloads + 1 WHERE province_id = $1 AND"
            " export_id = $2",
            {province, id});
      });
  return done;
}

Result<void> apply_export(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  if (when<ExportRequested>(
          e, [&](const ExportRequested& r) { done = apply_requested(e, r, province, s); }))
    return done;
  VL_CHECK(apply_decision(e, province, s));
  VL_CHECK(apply_parts(e, province, s));
  VL_CHECK(apply_making(e, province, s));
  return s.post("UPDATE exports SET version = $3 WHERE province_id = $1 AND export_id = $2",
                {province, e.stream.id, e.stream_version});
}

}  // namespace

Result<void> ExportTables::apply(const Event& event, ProvinceId province, store::Session& session) {
  if (event.stream.kind == "case") return apply_case(event, province, session);
  if (event.stream.kind == "export") return apply_export(event, province, session);
  return {};
}

}  // namespace vl::exports
