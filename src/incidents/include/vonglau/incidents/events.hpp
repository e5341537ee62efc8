// The events of reports and incidents. Bodies carry ids, codes, coordinates and vault
// references; never text a person typed.
#pragma once

#include <optional>
#include <string_view>

#include <boost/describe/class.hpp>

#include <vonglau/base/geo.hpp>
#include <vonglau/incidents/vocabulary.hpp>
#include <vonglau/journal/personal_ref.hpp>

namespace vl::incidents {

using journal::PersonalRef;

struct ReportReceived {
  static constexpr std::string_view kType = "report.received";
  static constexpr std::uint32_t kVersion = 1;
  Channel channel{};
  Service service{};
  IncidentCategory category{};
  Severity severity{};
  std::optional<GeoPoint> point;
  std::optional<std::string> unit_code;  // administrative unit
  std::optional<PersonalRef> place_text;
  std::optional<PersonalRef> caller_name;
  std::optional<PersonalRef> caller_number;
  std::optional<PersonalRef> narrative;
};
BOOST_DESCRIBE_STRUCT(ReportReceived, (),
                      (channel, service, category, severity, point, unit_code, place_text,
                       caller_name, caller_number, narrative))

struct ReportClaimed {
  static constexpr std::string_view kType = "report.claimed";
  static constexpr std::uint32_t kVersion = 1;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ReportClaimed, (), (by))

struct ReportReleased {
  static constexpr std::string_view kType = "report.released";
  static constexpr std::uint32_t kVersion = 1;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ReportReleased, (), (by))

struct ReportTriaged {
  static constexpr std::string_view kType = "report.triaged";
  static constexpr std::uint32_t kVersion = 1;
  Closure closure{};
  std::optional<IncidentId> incident_id;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ReportTriaged, (), (closure, incident_id, by))

struct IncidentOpened {
  static constexpr std::string_view kType = "incident.opened";
  static constexpr std::uint32_t kVersion = 1;
  Service service{};
  IncidentCategory category{};
  Severity severity{};
  std::optional<GeoPoint> point;
  std::optional<std::string> unit_code;
  std::optional<PersonalRef> place_text;
  std::optional<ReportId> report_id;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(IncidentOpened, (),
                      (service, category, severity, point, unit_code, place_text, report_id, by))

struct ReportAttached {
  static constexpr std::string_view kType = "incident.report_attached";
  static constexpr std::uint32_t kVersion = 1;
  ReportId report_id;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(ReportAttached, (), (report_id, by))

struct IncidentClassified {
  static constexpr std::string_view kType = "incident.classified";
  static constexpr std::uint32_t kVersion = 1;
  IncidentCategory category{};
  Severity severity{};
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(IncidentClassified, (), (category, severity, by))

struct NoteAdded {
  static constexpr std::string_view kType = "incident.note_added";
  static constexpr std::uint32_t kVersion = 1;
  Uuid note_id;
  PersonalRef text;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(NoteAdded, (), (note_id, text, by))

struct AttachmentAdded {
  static constexpr std::string_view kType = "incident.attachment_added";
  static constexpr std::uint32_t kVersion = 1;
  Uuid attachment_id;
  PersonalRef name;
  PersonalRef content;     // the item names the sealed object
  std::string media_type;  // as declared, from a short list
  std::int64_t size_bytes = 0;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(AttachmentAdded, (),
                      (attachment_id, name, content, media_type, size_bytes, by))

struct UnitAssigned {
  static constexpr std::string_view kType = "incident.unit_assigned";
  static constexpr std::uint32_t kVersion = 1;
  UnitId unit_id;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(UnitAssigned, (), (unit_id, by))

struct UnitMilestone {
  static constexpr std::string_view kType = "incident.unit_status_changed";
  static constexpr std::uint32_t kVersion = 1;
  UnitId unit_id;
  Milestone status{};
};
BOOST_DESCRIBE_STRUCT(UnitMilestone, (), (unit_id, status))

struct IncidentClosed {
  static constexpr std::string_view kType = "incident.closed";
  static constexpr std::uint32_t kVersion = 1;
  Outcome outcome{};
  std::optional<PersonalRef> summary;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(IncidentClosed, (), (outcome, summary, by))

struct IncidentReopened {
  static constexpr std::string_view kType = "incident.reopened";
  static constexpr std::uint32_t kVersion = 1;
  PersonalRef reason;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(IncidentReopened, (), (reason, by))

}  // namespace vl::incidents
