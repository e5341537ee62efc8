#include <vonglau/incidents/schema.hpp>

namespace vl::incidents {

store::MigrationSet migrations() {
  return {"incidents",
          {{1, "reports_and_incidents", R"(
CREATE TABLE reports (
  province_id {integer} NOT NULL,
  report_id {bytes} NOT NULL,
  number {integer} NOT NULL,
  received_us {integer} NOT NULL,
  channel {text} NOT NULL,
  service {text} NOT NULL,
  category {text} NOT NULL,
  severity {text} NOT NULL,
  lat {real},
  lon {real},
  unit_code {text},
  state {text} NOT NULL,
  claimed_by {bytes},
  claimed_us {integer},
  closure {text},
  incident_id {bytes},
  place_item {bytes},
  name_item {bytes},
  number_item {bytes},
  narrative_item {bytes},
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, report_id)
){strict};
CREATE INDEX reports_by_state ON reports (province_id, state, number);
CREATE INDEX reports_by_incident ON reports (province_id, incident_id);

CREATE TABLE incidents (
  province_id {integer} NOT NULL,
  incident_id {bytes} NOT NULL,
  number {integer} NOT NULL,
  opened_us {integer} NOT NULL,
  opened_by {bytes} NOT NULL,
  state {text} NOT NULL,
  service {text} NOT NULL,
  category {text} NOT NULL,
  severity {text} NOT NULL,
  lat {real},
  lon {real},
  unit_code {text},
  place_item {bytes},
  outcome {text},
  closed_us {integer},
  summary_item {bytes},
  note_count {integer} NOT NULL,
  attachment_count {integer} NOT NULL,
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, incident_id)
){strict};
CREATE INDEX incidents_by_state ON incidents (province_id, state, number);

CREATE TABLE incident_notes (
  province_id {integer} NOT NULL,
  note_id {bytes} NOT NULL,
  incident_id {bytes} NOT NULL,
  author_id {bytes} NOT NULL,
  at_us {integer} NOT NULL,
  text_item {bytes} NOT NULL,
  sequence {integer} NOT NULL,
  PRIMARY KEY (province_id, note_id)
){strict};
CREATE INDEX incident_notes_by_incident ON incident_notes (province_id, incident_id, sequence);

CREATE TABLE incident_attachments (
  province_id {integer} NOT NULL,
  attachment_id {bytes} NOT NULL,
  incident_id {bytes} NOT NULL,
  author_id {bytes} NOT NULL,
  at_us {integer} NOT NULL,
  name_item {bytes} NOT NULL,
  content_item {bytes} NOT NULL,
  media_type {text} NOT NULL,
  size_bytes {integer} NOT NULL,
  sequence {integer} NOT NULL,
  PRIMARY KEY (province_id, attachment_id)
){strict};
CREATE INDEX incident_attachments_by_incident
  ON incident_attachments (province_id, incident_id, sequence);

CREATE TABLE assignments (
  province_id {integer} NOT NULL,
  incident_id {bytes} NOT NULL,
  unit_id {bytes} NOT NULL,
  milestone {text} NOT NULL,
  since_us {integer} NOT NULL,
  assigned_us {integer} NOT NULL,
  PRIMARY KEY (province_id, incident_id, unit_id)
){strict};
)",
            "", ""},
           {2, "incidents_by_time", R"(
CREATE INDEX incidents_by_time ON incidents (province_id, opened_us);
)",
            "", ""}}};
}

}  // namespace vl::incidents
