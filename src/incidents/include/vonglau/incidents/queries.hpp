// What the read tables say, as the API shows it. Any session, reader's or writer's. Members
// named *_item are vault items and are not part of the described (outside) form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/incidents/vocabulary.hpp>
#include <vonglau/store/session.hpp>

namespace vl::incidents {

struct ReportRow {
  ReportId id;
  std::int64_t number = 0;
  WallTime received_us;
  std::string channel, service, category, severity;
  std::optional<double> lat, lon;
  std::optional<std::string> unit_code;
  std::string state;
  std::optional<Uuid> claimed_by;
  std::optional<std::int64_t> claimed_us;
  std::optional<std::string> closure;
  std::optional<Uuid> incident_id;
  std::int64_t version = 0;
  std::optional<Uuid> place_item, name_item, number_item, narrative_item;
};
BOOST_DESCRIBE_STRUCT(ReportRow, (),
                      (id, number, received_us, channel, service, category, severity, lat, lon,
                       unit_code, state, claimed_by, claimed_us, closure, incident_id, version))

struct AssignmentRow {
  UnitId unit_id;
  std::string status;
  WallTime since_us;
};
BOOST_DESCRIBE_STRUCT(AssignmentRow, (), (unit_id, status, since_us))

struct IncidentRow {
  IncidentId id;
  std::int64_t number = 0;
  WallTime opened_us;
  std::string state, service, category, severity;
  std::optional<double> lat, lon;
  std::optional<std::string> unit_code;
  std::vector<ReportId> report_ids;
  std::vector<AssignmentRow> assignments;
  std::optional<std::string> outcome;
  std::optional<std::int64_t> closed_us;
  Uuid opened_by;
  std::int64_t version = 0;
  std::int64_t note_count = 0;
  std::int64_t attachment_count = 0;
  std::optional<Uuid> place_item, summary_item;
};
BOOST_DESCRIBE_STRUCT(IncidentRow, (),
                      (id, number, opened_us, state, service, category, severity, lat, lon,
                       unit_code, report_ids, assignments, outcome, closed_us, opened_by, version,
                       note_count, attachment_count))

struct NoteRow {
  Uuid id;
  Uuid author_id;
  WallTime at_us;
  Uuid text_item;
};
struct AttachmentRow {
  Uuid id;
  IncidentId incident_id;
  Uuid author_id;
  WallTime at_us;
  std::string media_type;
  std::int64_t size_bytes = 0;
  Uuid name_item;
  Uuid content_item;
};

/// `state` empty: all. Waiting and claimed reports oldest first, closed newest first.
Result<std::vector<ReportRow>> reports(store::Session& session, ProvinceId province,
                                       const std::optional<std::string>& state, std::int64_t limit);
Result<ReportRow> report(store::Session& session, ProvinceId province, ReportId id);
Result<std::vector<ReportRow>> reports_of(store::Session& session, ProvinceId province,
                                          IncidentId id);

/// Newest first; only those opened before `before_us` (for pages).
Result<std::vector<IncidentRow>> incidents(store::Session& session, ProvinceId province,
                                           const std::optional<std::string>& state,
                                           std::int64_t limit, std::int64_t before_us = INT64_MAX);
Result<IncidentRow> incident(store::Session& session, ProvinceId province, IncidentId id);
Result<std::vector<NoteRow>> notes(store::Session& session, ProvinceId province, IncidentId id);
Result<std::vector<AttachmentRow>> attachments(store::Session& session, ProvinceId province,
                                               IncidentId id);
Result<AttachmentRow> attachment(store::Session& session, ProvinceId province, Uuid id);

/// Whether the person has worked on the incident (opened it, triaged a report of it, noted,
/// assigned): the work item that gives a purpose to read its personal data.
Result<bool> has_worked_on(store::Session& session, ProvinceId province, IncidentId id,
                           PersonId person);

struct DuplicateCandidate {
  IncidentId incident_id;
  std::int64_t number = 0;
  std::string category;
  std::optional<double> distance_m;
  std::int64_t age_s = 0;
  double score = 0;              // 0..1
  std::vector<std::string> why;  // near, same_category, recent, same_number
};
BOOST_DESCRIBE_STRUCT(DuplicateCandidate, (),
                      (incident_id, number, category, distance_m, age_s, score, why))

/// Pure: open incidents that may be the same event as the report, best first, at most five.
/// `same_number`: incidents already reported from the same telephone number.
std::vector<DuplicateCandidate> duplicates_of(const ReportRow& report,
                                              const std::vector<IncidentRow>& open,
                                              const std::vector<IncidentId>& same_number,
                                              WallTime now);

/// Opened within these moments, with a place; the latest first. What belongs to them (reports,
/// assignments) is not filled in.
Result<std::vector<IncidentRow>> opened_between(store::Session& session, ProvinceId province,
                                                std::int64_t from_us, std::int64_t to_us,
                                                std::int64_t limit);

}  // namespace vl::incidents
