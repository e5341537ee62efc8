#include <vonglau/journal/schema.hpp>

namespace vl::journal {

store::MigrationSet migrations() {
  return {"journal",
          {{1, "events", R"(
CREATE TABLE journal_writers (
  province_id {integer} NOT NULL PRIMARY KEY,
  epoch {integer} NOT NULL
){strict};

CREATE TABLE journal_events (
  province_id {integer} NOT NULL,
  sequence {integer} NOT NULL,
  wall_us {integer} NOT NULL,
  mono_us {integer} NOT NULL,
  actor_kind {integer} NOT NULL,
  actor_id {bytes} NOT NULL,
  stream_kind {text} NOT NULL,
  stream_id {bytes} NOT NULL,
  stream_version {integer} NOT NULL,
  type {text} NOT NULL,
  version {integer} NOT NULL,
  body {text} NOT NULL,
  previous_hash {bytes} NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (province_id, sequence)
){strict};
CREATE UNIQUE INDEX journal_events_by_stream
  ON journal_events (province_id, stream_kind, stream_id, stream_version);
CREATE INDEX journal_events_by_time ON journal_events (province_id, wall_us, sequence);

CREATE TABLE journal_receipts (
  province_id {integer} NOT NULL,
  command_key {bytes} NOT NULL,
  name {text} NOT NULL,
  sequence {integer} NOT NULL,
  reply {text} NOT NULL,
  at_us {integer} NOT NULL,
  PRIMARY KEY (province_id, command_key)
){strict};
CREATE INDEX journal_receipts_by_time ON journal_receipts (province_id, at_us);

CREATE TABLE journal_snapshots (
  province_id {integer} NOT NULL,
  stream_kind {text} NOT NULL,
  stream_id {bytes} NOT NULL,
  stream_version {integer} NOT NULL,
  state_version {integer} NOT NULL,
  body {text} NOT NULL,
  PRIMARY KEY (province_id, stream_kind, stream_id)
){strict};
)",
            "", ""}}};
}

}  // namespace vl::journal
