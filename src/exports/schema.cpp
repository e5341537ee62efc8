#include <vonglau/exports/schema.hpp>

namespace vl::exports {

store::MigrationSet migrations() {
  return {"exports",
          {{1, "cases_and_exports", R"(
CREATE TABLE export_cases (
  province_id {integer} NOT NULL,
  case_id {bytes} NOT NULL,
  number {text} NOT NULL,
  kind {text} NOT NULL,
  opened_us {integer} NOT NULL,
  opened_by {bytes} NOT NULL,
  sequence {integer} NOT NULL,
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, case_id)
){strict};
CREATE UNIQUE INDEX export_cases_by_number ON export_cases (province_id, number);
CREATE INDEX export_cases_by_time ON export_cases (province_id, opened_us);

CREATE TABLE case_bookmarks (
  province_id {integer} NOT NULL,
  bookmark_id {bytes} NOT NULL,
  case_id {bytes} NOT NULL,
  camera_id {bytes} NOT NULL,
  from_us {integer} NOT NULL,
  to_us {integer} NOT NULL,
  author_id {bytes} NOT NULL,
  at_us {integer} NOT NULL,
  note_item {bytes},
  sequence {integer} NOT NULL,
  PRIMARY KEY (province_id, bookmark_id)
){strict};
CREATE INDEX case_bookmarks_by_case ON case_bookmarks (province_id, case_id, sequence);

CREATE TABLE exports (
  province_id {integer} NOT NULL,
  export_id {bytes} NOT NULL,
  number {integer} NOT NULL,
  case_id {bytes} NOT NULL,
  state {text} NOT NULL,
  purpose {text} NOT NULL,
  from_us {integer} NOT NULL,
  to_us {integer} NOT NULL,
  requested_by {bytes} NOT NULL,
  requested_us {integer} NOT NULL,
  expires_us {integer} NOT NULL,
  reason_item {bytes} NOT NULL,
  decided_by {bytes},
  decided_us {integer},
  refusal_item {bytes},
  journal_sequence {integer},
  journal_hash {text},
  journal_us {integer},
  locked_us {integer},
  made_us {integer},
  manifest_sha256 {text},
  fragments {integer},
  footage_us {integer},
  bytes {integer},
  ready_us {integer},
  archive_bytes {integer},
  timestamp_outcome {text},
  failure {text},
  downloads {integer} NOT NULL,
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, export_id)
){strict};
CREATE INDEX exports_by_state ON exports (province_id, state, number);
CREATE INDEX exports_by_case ON exports (province_id, case_id, number);

CREATE TABLE export_cameras (
  province_id {integer} NOT NULL,
  export_id {bytes} NOT NULL,
  place {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  PRIMARY KEY (province_id, export_id, place)
){strict};
)",
            "", ""},
           {2, "recorders",
            R"(
ALTER TABLE export_cameras ADD COLUMN recorder_id {bytes};
ALTER TABLE exports ADD COLUMN stamped_us {integer};

CREATE TABLE export_recorders (
  province_id {integer} NOT NULL,
  export_id {bytes} NOT NULL,
  place {integer} NOT NULL,
  recorder_id {bytes} NOT NULL,
  locked_us {integer},
  part {text},
  part_sha256 {text},
  part_bytes {integer},
  part_failure {text},
  PRIMARY KEY (province_id, export_id, recorder_id)
){strict};

CREATE TABLE export_masks (
  province_id {integer} NOT NULL,
  export_id {bytes} NOT NULL,
  place {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  from_us {integer} NOT NULL,
  to_us {integer} NOT NULL,
  x {integer} NOT NULL,
  y {integer} NOT NULL,
  width {integer} NOT NULL,
  height {integer} NOT NULL,
  PRIMARY KEY (province_id, export_id, place)
){strict};
)",
            "", ""}}};
}

}  // namespace vl::exports
