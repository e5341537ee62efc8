// one engine throughout: a recorder's own index of its own disk, always SQLite
#include "segment_index.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <vonglau/store/migrations.hpp>

namespace vl::recording {

using store::Row;
using store::Value;

namespace {

constexpr std::size_t entry_bytes = 8;
constexpr std::uint32_t entry_key_bit = 1U << 31;

const store::MigrationSet migrations{"recording",
                                     {{1, "fragments", R"(
CREATE TABLE streams (
  stream_id {integer} PRIMARY KEY,
  camera {bytes} NOT NULL,
  kind {integer} NOT NULL,
  head_sequence {integer} NOT NULL,
  head_chain {bytes} NOT NULL,
  head_end_us {integer} NOT NULL,
  own_retention {integer} NOT NULL,
  most_age_s {integer},
  most_bytes {integer},
  UNIQUE (camera, kind)
){strict};
CREATE TABLE segments (
  segment_id {integer} PRIMARY KEY,
  stream_id {integer} NOT NULL,
  number {integer} NOT NULL,
  generation {integer} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  bytes {integer} NOT NULL,
  locked_bytes {integer} NOT NULL,
  is_open {integer} NOT NULL,
  UNIQUE (stream_id, number, generation)
){strict};
CREATE INDEX segments_by_end ON segments (end_us);
CREATE INDEX segments_of_stream_by_end ON segments (stream_id, end_us);
CREATE TABLE spans (
  stream_id {integer} NOT NULL,
  first_sequence {integer} NOT NULL,
  segment_id {integer} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  place {integer} NOT NULL,
  bytes {integer} NOT NULL,
  entries {bytes} NOT NULL,
  PRIMARY KEY (stream_id, first_sequence)
){strict};
CREATE INDEX spans_by_start ON spans (stream_id, start_us);
CREATE INDEX spans_by_segment ON spans (segment_id);
CREATE TABLE gaps (
  stream_id {integer} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer},
  cause {text} NOT NULL,
  detail {text} NOT NULL,
  PRIMARY KEY (stream_id, start_us)
){strict};
CREATE TABLE locks (
  lock_id {bytes} PRIMARY KEY,
  stream_id {integer} NOT NULL,
  from_us {integer} NOT NULL,
  to_us {integer} NOT NULL,
  reason {text} NOT NULL,
  created_us {integer} NOT NULL
){strict};
CREATE TABLE doomed (
  path {text} PRIMARY KEY
){strict};
)",
                                       "", ""}}};

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t unsigned_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

Bytes pack(const std::vector<SpanEntry>& entries) {
  Bytes out(entries.size() * entry_bytes);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto word = entry.bytes | (entry.starts_with_key ? entry_key_bit : 0U);
    auto* at = out.data() + i * entry_bytes;
    std::memcpy(at, &word, 4);
    std::memcpy(at + 4, &entry.start_ms, 2);
    std::memcpy(at + 6, &entry.duration_ms, 2);
  }
  return out;
}

std::vector<SpanEntry> unpack(ByteView bytes) {
  std::vector<SpanEntry> out(bytes.size() / entry_bytes);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto* at = bytes.data() + i * entry_bytes;
    std::uint32_t word = 0;
    std::memcpy(&word, at, 4);
    std::memcpy(&out[i].start_ms, at + 4, 2);
    std::memcpy(&out[i].duration_ms, at + 6, 2);
    out[i].bytes = word & ~entry_key_bit;
    out[i].starts_with_key = (word & entry_key_bit) != 0;
  }
  return out;
}

Digest digest_of(ByteView bytes) {
  Digest out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}

std::string text_of(GapCause cause) {
  return boost::describe::enum_to_string(cause, "?");
}
GapCause cause_of(std::string_view text) {
  GapCause cause = GapCause::unexplained;
  boost::describe::enum_from_string(std::string(text).c_str(), cause);
  return cause;
}

Gap gap_of(const Row& row, int at) {
  return {row.integer(at), row.optional_integer(at + 1), cause_of(row.text(at + 2)),
          std::string(row.text(at + 3))};
}

}  // namespace

void SpanRow::add(std::int64_t fragment_start_us, std::int64_t fragment_end_us, std::uint32_t size,
                  bool key) {
  if (entries.empty()) start_us = end_us = fragment_start_us;
  constexpr std::int64_t most = std::numeric_limits<std::uint16_t>::max();
  const auto start_ms = std::clamp<std::int64_t>((fragment_start_us - start_us) / 1000, 0, most);
  const auto end_ms = std::max(start_ms, (fragment_end_us - start_us + 999) / 1000);
  entries.push_back({size, key, static_cast<std::uint16_t>(start_ms),
                     static_cast<std::uint16_t>(std::min(end_ms - start_ms, most))});
  end_us = std::max(end_us, fragment_end_us);
  bytes += size;
}

FragmentRef SpanRow::ref(const StreamKey& stream, std::size_t place) const {
  const auto& entry = entries[place];
  const auto from_us = start_us + std::int64_t{entry.start_ms} * 1000;
  return {{stream, first_sequence + place},
          from_us,
          from_us + std::int64_t{entry.duration_ms} * 1000,
          entry.bytes,
          entry.starts_with_key};
}

std::uint64_t SpanRow::offset_of(std::size_t place) const {
  auto at = offset;
  for (std::size_t i = 0; i < place; ++i) at += entries[i].bytes;
  return at;
}

Result<std::unique_ptr<SegmentIndex>> SegmentIndex::open(const std::string& path,
                                                         const Clock& clock) {
  std::unique_ptr<SegmentIndex> out(new SegmentIndex);
  out->database_ = store::sqlite_database({.path = path});
  VL_TRY(out->session_, out->database_->open_session());
  VL_CHECK(store::migrate(*out->session_, {&migrations, 1}, clock));
  return out;
}

Result<void> SegmentIndex::put_stream(const StreamRow& row) {
  const auto kept = row.retention.value_or(Retention{});
  std::optional<std::int64_t> most_bytes;
  if (kept.most_bytes) most_bytes = signed_of(*kept.most_bytes);
  return session_->post(
      "INSERT INTO streams (stream_id, camera, kind, head_sequence, head_chain, head_end_us,"
      " own_retention, most_age_s, most_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (stream_id) DO UPDATE SET head_sequence = excluded.head_sequence,"
      " head_chain = excluded.head_chain, head_end_us = excluded.head_end_us,"
      " own_retention = excluded.own_retention, most_age_s = excluded.most_age_s,"
      " most_bytes = excluded.most_bytes",
      {row.id, row.key.camera, static_cast<int>(row.key.kind), signed_of(row.head_sequence),
       row.head_chain, row.head_end_us, row.retention.has_value(), kept.most_age_s, most_bytes});
}

Result<void> SegmentIndex::put_segment(const SegmentRow& row) {
  return session_->post(
      "INSERT INTO segments (segment_id, stream_id, number, generation, start_us, end_us, bytes,"
      " locked_bytes, is_open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (segment_id) DO UPDATE SET start_us = excluded.start_us,"
      " end_us = excluded.end_us, bytes = excluded.bytes,"
      " locked_bytes = excluded.locked_bytes, is_open = excluded.is_open",
      {row.id, row.stream_id, signed_of(row.number), row.generation, row.start_us, row.end_us,
       signed_of(row.bytes), signed_of(row.locked_bytes), row.is_open});
}

Result<void> SegmentIndex::remove_segment(std::int64_t segment_id) {
  VL_CHECK(session_->post("DELETE FROM spans WHERE segment_id = $1", {segment_id}));
  return session_->post("DELETE FROM segments WHERE segment_id = $1", {segment_id});
}

Result<void> SegmentIndex::put_span(const SpanRow& row) {
  return session_->post(
      "INSERT INTO spans (stream_id, first_sequence, segment_id, start_us, end_us, place, bytes,"
      " entries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
      " ON CONFLICT (stream_id, first_sequence) DO UPDATE SET segment_id = excluded.segment_id,"
      " start_us = excluded.start_us, end_us = excluded.end_us, place = excluded.place,"
      " bytes = excluded.bytes, entries = excluded.entries",
      {row.stream_id, signed_of(row.first_sequence), row.segment_id, row.start_us, row.end_us,
       signed_of(row.offset), signed_of(row.bytes), pack(row.entries)});
}

Result<void> SegmentIndex::put_gap(std::int64_t stream_id, const Gap& gap) {
  return session_->post(
      "INSERT INTO gaps (stream_id, start_us, end_us, cause, detail) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (stream_id, start_us) DO UPDATE SET end_us = excluded.end_us,"
      " cause = excluded.cause, detail = excluded.detail",
      {stream_id, gap.start_us, gap.end_us, text_of(gap.cause), gap.detail});
}

Result<void> SegmentIndex::remove_gaps_before(std::int64_t stream_id, std::int64_t us) {
  return session_->post("DELETE FROM gaps WHERE stream_id = $1 AND end_us < $2", {stream_id, us});
}

Result<void> SegmentIndex::put_lock(std::int64_t stream_id, const FootageLock& lock) {
  return session_->post(
      "INSERT INTO locks (lock_id, stream_id, from_us, to_us, reason, created_us)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      {lock.id, stream_id, lock.from_us, lock.to_us, lock.reason, lock.created_us});
}

Result<void> SegmentIndex::remove_lock(const LockId& id) {
  return session_->post("DELETE FROM locks WHERE lock_id = $1", {id});
}

Result<void> SegmentIndex::put_doomed(const std::string& path) {
  return session_->post("INSERT INTO doomed (path) VALUES ($1) ON CONFLICT (path) DO NOTHING",
                        {path});
}

Result<void> SegmentIndex::remove_doomed() {
  return session_->post("DELETE FROM doomed");
}

Result<std::vector<StreamRow>> SegmentIndex::streams() {
  std::vector<StreamRow> out;
  VL_CHECK(session_->query(
      "SELECT stream_id, camera, kind, head_sequence, head_chain, head_end_us, own_retention,"
      " most_age_s, most_bytes FROM streams ORDER BY stream_id",
      {}, [&](const Row& row) {
        StreamRow stream;
        stream.id = row.integer(0);
        stream.key = {row.id<CameraId>(1), static_cast<StreamKind>(row.integer(2))};
        stream.head_sequence = unsigned_of(row.integer(3));
        stream.head_chain = digest_of(row.bytes(4));
        stream.head_end_us = row.integer(5);
        if (row.integer(6) != 0) {
          stream.retention.emplace();
          stream.retention->most_age_s = row.optional_integer(7);
          if (const auto bytes = row.optional_integer(8))
            stream.retention->most_bytes = unsigned_of(*bytes);
        }
        out.push_back(stream);
        return true;
      }));
  return out;
}

#define VL_SEGMENT_COLUMNS \
  "segment_id, stream_id, number, generation, start_us, end_us, bytes, locked_bytes, is_open"

namespace {

Result<std::vector<SegmentRow>> segments_where(store::Session& session, std::string_view sql,
                                               std::vector<Value> values) {
  std::vector<SegmentRow> out;
  VL_CHECK(session.query(sql, std::span<const Value>(values), [&](const Row& row) {
    out.push_back({row.integer(0), row.integer(1), unsigned_of(row.integer(2)), row.integer(3),
                   row.integer(4), row.integer(5), unsigned_of(row.integer(6)),
                   unsigned_of(row.integer(7)), row.integer(8) != 0});
    return true;
  }));
  return out;
}

constexpr std::string_view all_segments =
    "SELECT " VL_SEGMENT_COLUMNS " FROM segments ORDER BY stream_id, number, generation";

}  // namespace

Result<std::vector<SegmentRow>> SegmentIndex::segments() {
  return segments_where(*session_, all_segments, {});
}

Result<std::vector<SegmentRow>> SegmentIndex::segments_of(std::int64_t stream_id,
                                                          std::int64_t from_us,
                                                          std::int64_t to_us) {
  return segments_where(*session_,
                        "SELECT " VL_SEGMENT_COLUMNS
                        " FROM segments WHERE stream_id = $1 AND end_us > $2 AND start_us < $3"
                        " ORDER BY number, generation",
                        {stream_id, from_us, to_us});
}

Result<std::optional<SegmentRow>> SegmentIndex::oldest_reclaimable(std::int64_t stream_id) {
  auto rows = stream_id == 0
                  ? segments_where(*session_,
                                   "SELECT " VL_SEGMENT_COLUMNS
                                   " FROM segments WHERE is_open = 0 AND locked_bytes < bytes"
                                   " ORDER BY end_us LIMIT 1",
                                   {})
                  : segments_where(*session_,
                                   "SELECT " VL_SEGMENT_COLUMNS
                                   " FROM segments WHERE stream_id = $1 AND is_open = 0"
                                   " AND locked_bytes < bytes ORDER BY end_us LIMIT 1",
                                   {stream_id});
  if (!rows) return fail(std::move(rows).error());
  return rows->empty() ? std::nullopt : std::optional(rows->front());
}

#define VL_SPAN_COLUMNS \
  "stream_id, first_sequence, segment_id, start_us, end_us, place, bytes, entries"

namespace {
SpanRow span_of(const Row& row) {
  SpanRow out;
  out.stream_id = row.integer(0);
  out.first_sequence = unsigned_of(row.integer(1));
  out.segment_id = row.integer(2);
  out.start_us = row.integer(3);
  out.end_us = row.integer(4);
  out.offset = unsigned_of(row.integer(5));
  out.bytes = unsigned_of(row.integer(6));
  if (!row.is_null(7)) out.entries = unpack(row.bytes(7));
  return out;
}
}  // namespace

namespace {
Result<std::vector<SpanRow>> spans_of(store::Session& session, std::int64_t segment_id) {
  std::vector<SpanRow> out;
  VL_CHECK(session.query("SELECT " VL_SPAN_COLUMNS
                         " FROM spans WHERE segment_id = $1 ORDER BY first_sequence",
                         {segment_id}, [&](const Row& row) {
                           out.push_back(span_of(row));
                           return true;
                         }));
  return out;
}

}  // namespace

Result<std::vector<SpanRow>> SegmentIndex::spans_of_segment(std::int64_t segment_id) {
  return spans_of(*session_, segment_id);
}

Result<std::map<std::int64_t, Gap>> SegmentIndex::open_gaps() {
  std::map<std::int64_t, Gap> out;
  VL_CHECK(session_->query(
      "SELECT stream_id, start_us, end_us, cause, detail FROM gaps WHERE end_us IS NULL"
      " ORDER BY start_us",
      {}, [&](const Row& row) {
        out[row.integer(0)] = gap_of(row, 1);
        return true;
      }));
  return out;
}

Result<std::vector<std::pair<std::int64_t, FootageLock>>> SegmentIndex::locks() {
  std::vector<std::pair<std::int64_t, FootageLock>> out;
  VL_CHECK(
      session_->query("SELECT lock_id, stream_id, from_us, to_us, reason, created_us FROM locks"
                      " ORDER BY created_us, lock_id",
                      {}, [&](const Row& row) {
                        out.emplace_back(row.integer(1), FootageLock{row.id<LockId>(0),
                                                                     {},
                                                                     row.integer(2),
                                                                     row.integer(3),
                                                                     std::string(row.text(4)),
                                                                     row.integer(5)});
                        return true;
                      }));
  return out;
}

Result<std::vector<std::string>> SegmentIndex::doomed() {
  std::vector<std::string> out;
  VL_CHECK(session_->query("SELECT path FROM doomed", {}, [&](const Row& row) {
    out.emplace_back(row.text(0));
    return true;
  }));
  return out;
}

template <class Read>
Result<void> IndexReader::with_session(Read&& read) {
  constexpr std::size_t most_idle = 8;
  std::unique_ptr<store::Session> session;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!session) {
    VL_TRY(session, database_.open_reader());
  }
  auto done = read(*session);
  if (done) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < most_idle) idle_.push_back(std::move(session));
  }
  return done;
}

Result<IndexReader::Totals> IndexReader::totals() {
  Totals out;
  VL_CHECK(with_session([&](store::Session& session) {
    return session.query(
        "SELECT COALESCE(SUM(locked_bytes), 0), COALESCE(MIN(start_us), 0) FROM segments"
        " WHERE is_open = 0 AND bytes > 0",
        {}, [&](const Row& row) {
          out = {unsigned_of(row.integer(0)), row.integer(1)};
          return true;
        });
  }));
  return out;
}

Result<std::vector<SegmentRow>> IndexReader::segments() {
  std::vector<SegmentRow> out;
  VL_CHECK(with_session([&](store::Session& session) -> Result<void> {
    VL_TRY(out, segments_where(session, all_segments, {}));
    return {};
  }));
  return out;
}

Result<std::vector<SpanRow>> IndexReader::spans_of_segment(std::int64_t segment_id) {
  std::vector<SpanRow> out;
  VL_CHECK(with_session([&](store::Session& session) -> Result<void> {
    VL_TRY(out, spans_of(session, segment_id));
    return {};
  }));
  return out;
}

Result<std::vector<PlacedSpan>> IndexReader::spans_where(std::string_view sql,
                                                         std::vector<Value> values) {
  std::vector<PlacedSpan> out;
  VL_CHECK(with_session([&](store::Session& session) {
    return session.query(sql, std::span<const Value>(values), [&](const Row& row) {
      out.push_back({span_of(row), unsigned_of(row.integer(8)), row.integer(9)});
      return true;
    });
  }));
  return out;
}

// A span is at most a minute long, so that the start alone finds all that overlap.
#define VL_PLACED(entries)                                                          \
  "SELECT p.stream_id, first_sequence, p.segment_id, p.start_us, p.end_us, place, " \
  "p.bytes, " entries                                                               \
  ", number, generation FROM spans p JOIN segments s ON s.segment_id = p.segment_id"

Result<std::vector<PlacedSpan>> IndexReader::overlapping(std::int64_t stream_id,
                                                         std::int64_t from_us, std::int64_t to_us,
                                                         std::size_t most) {
  return spans_where(VL_PLACED("entries") " WHERE p.stream_id = $1 AND p.start_us > $2"
                     " AND p.start_us < $3 AND p.end_us > $4 ORDER BY p.start_us, first_sequence"
                     " LIMIT $5",
                     {stream_id, from_us - 2 * most_span_us, to_us, from_us,
                      static_cast<std::int64_t>(most)});
}

Result<std::vector<PlacedSpan>> IndexReader::outlines(std::int64_t stream_id, std::int64_t from_us,
                                                      std::int64_t to_us, std::size_t most) {
  return spans_where(VL_PLACED("NULL") " WHERE p.stream_id = $1 AND p.start_us > $2"
                     " AND p.start_us < $3 AND p.end_us > $4 ORDER BY p.start_us, first_sequence"
                     " LIMIT $5",
                     {stream_id, from_us - 2 * most_span_us, to_us, from_us,
                      static_cast<std::int64_t>(most)});
}

Result<std::optional<PlacedSpan>> IndexReader::holding(std::int64_t stream_id,
                                                       std::uint64_t sequence) {
  VL_TRY(auto rows,
         spans_where(
             VL_PLACED("entries") " WHERE p.stream_id = $1"
                                  " AND first_sequence <= $2 ORDER BY first_sequence DESC LIMIT 1",
             {stream_id, signed_of(sequence)}));
  if (rows.empty() || rows[0].span.end_sequence() <= sequence) return std::nullopt;
  return std::move(rows[0]);
}

Result<std::optional<PlacedSpan>> IndexReader::after(std::int64_t stream_id,
                                                     std::uint64_t sequence) {
  VL_TRY(
      auto rows,
      spans_where(VL_PLACED("entries") " WHERE p.stream_id = $1"
                                       " AND first_sequence > $2 ORDER BY first_sequence LIMIT 1",
                  {stream_id, signed_of(sequence)}));
  if (rows.empty()) return std::nullopt;
  return std::move(rows[0]);
}

Result<std::vector<Gap>> IndexReader::gaps(std::int64_t stream_id, std::int64_t from_us,
                                           std::int64_t to_us, std::size_t most) {
  std::vector<Gap> out;
  VL_CHECK(with_session([&](store::Session& session) {
    return session.query(
        "SELECT start_us, end_us, cause, detail FROM gaps WHERE stream_id = $1"
        " AND start_us < $2 AND (end_us IS NULL OR end_us > $3) ORDER BY start_us LIMIT $4",
        {stream_id, to_us, from_us, static_cast<std::int64_t>(most)}, [&](const Row& row) {
          out.push_back(gap_of(row, 0));
          return true;
        });
  }));
  return out;
}

}  // namespace vl::recording
