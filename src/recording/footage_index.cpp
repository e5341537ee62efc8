// one engine throughout: a recorder's own index of its own disks, always SQLite
#include "footage_index.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <vonglau/store/migrations.hpp>

#include "stored_numbers.hpp"

namespace vl::recording {

using store::Row;
using store::Value;

namespace {

constexpr std::size_t entry_bytes = 12;
constexpr std::uint32_t entry_key_bit = 1U << 31;
constexpr unsigned place_bits = 24;  // in units of log_piece_bytes; above them the extent
static_assert(most_extent_bytes / log_piece_bytes <= 1U << place_bits);

const store::MigrationSet migrations{"footage",
                                     {{1, "logs", R"(
CREATE TABLE streams (
  stream_id {integer} PRIMARY KEY,
  camera {bytes} NOT NULL,
  kind {integer} NOT NULL,
  log_id {integer} NOT NULL,
  next_sequence {integer} NOT NULL,
  head_sequence {integer} NOT NULL,
  head_chain {bytes} NOT NULL,
  head_end_us {integer} NOT NULL,
  stored_bytes {integer} NOT NULL,
  own_retention {integer} NOT NULL,
  most_age_s {integer},
  most_bytes {integer},
  UNIQUE (camera, kind)
){strict};
CREATE TABLE logs (
  log_id {integer} PRIMARY KEY,
  folder {text} NOT NULL,
  disk {integer} NOT NULL,
  keeping {integer} NOT NULL,
  uuid {bytes} NOT NULL,
  extent_bytes {integer} NOT NULL,
  from_group {integer} NOT NULL,
  durable_group {integer} NOT NULL,
  last_extent {integer} NOT NULL
){strict};
CREATE TABLE extents (
  log_id {integer} NOT NULL,
  sequence {integer} NOT NULL,
  slot {integer} NOT NULL,
  used_bytes {integer} NOT NULL,
  first_group {integer} NOT NULL,
  first_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  PRIMARY KEY (log_id, sequence)
){strict};
CREATE TABLE minutes (
  minute_id {integer} PRIMARY KEY,
  stream_id {integer} NOT NULL,
  log_id {integer} NOT NULL,
  is_kept {integer} NOT NULL,
  first_sequence {integer} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  bytes {integer} NOT NULL,
  first_extent {integer} NOT NULL,
  last_extent {integer} NOT NULL,
  entries {bytes} NOT NULL
){strict};
CREATE INDEX minutes_by_start ON minutes (stream_id, start_us, end_us, bytes, first_sequence);
CREATE INDEX minutes_by_sequence ON minutes (stream_id, first_sequence);
CREATE INDEX minutes_by_extent
  ON minutes (log_id, last_extent, first_extent, is_kept, stream_id, bytes, end_us);
CREATE TABLE gaps (
  stream_id {integer} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer},
  cause {text} NOT NULL,
  detail {text} NOT NULL,
  PRIMARY KEY (stream_id, start_us)
){strict};
CREATE INDEX gaps_by_end ON gaps (end_us);
CREATE TABLE locks (
  lock_id {bytes} PRIMARY KEY,
  stream_id {integer} NOT NULL,
  from_us {integer} NOT NULL,
  to_us {integer} NOT NULL,
  reason {text} NOT NULL,
  created_us {integer} NOT NULL
){strict};
)",
                                       "", ""}}};

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t unsigned_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

Bytes pack(const MinuteRow& row) {
  Bytes out(row.entries.size() * entry_bytes);
  auto* at = out.data();
  for (const auto& entry : row.entries) {
    const auto extents = entry.place.extent - row.first_extent();
    put(at, entry.bytes | (entry.starts_with_key ? entry_key_bit : 0U));
    put(at + 4,
        static_cast<std::uint32_t>(entry.place.at / log_piece_bytes | extents << place_bits));
    put(at + 8, entry.start_ms);
    put(at + 10, entry.duration_ms);
    at += entry_bytes;
  }
  return out;
}

std::vector<MinuteEntry> unpack(ByteView bytes, std::uint64_t first_extent) {
  std::vector<MinuteEntry> out(bytes.size() / entry_bytes);
  const auto* at = bytes.data();
  for (auto& entry : out) {
    const auto word = get<std::uint32_t>(at);
    const auto place = get<std::uint32_t>(at + 4);
    entry.bytes = word & ~entry_key_bit;
    entry.starts_with_key = (word & entry_key_bit) != 0;
    entry.place.extent = first_extent + (place >> place_bits);
    entry.place.at = std::uint64_t{place & ((1U << place_bits) - 1)} * log_piece_bytes;
    entry.start_ms = get<std::uint16_t>(at + 8);
    entry.duration_ms = get<std::uint16_t>(at + 10);
    at += entry_bytes;
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

#define VL_MINUTE_COLUMNS                                                                         \
  "minute_id, stream_id, log_id, is_kept, first_sequence, start_us, end_us, bytes, first_extent," \
  " entries"

MinuteRow minute_of(const Row& row) {
  MinuteRow out;
  out.id = row.integer(0);
  out.stream_id = row.integer(1);
  out.log_id = row.integer(2);
  out.is_kept = row.integer(3) != 0;
  out.first_sequence = unsigned_of(row.integer(4));
  out.start_us = row.integer(5);
  out.end_us = row.integer(6);
  out.bytes = unsigned_of(row.integer(7));
  out.entries = unpack(row.bytes(9), unsigned_of(row.integer(8)));
  return out;
}

}  // namespace

bool MinuteRow::takes(const LoggedFragment& fragment) const {
  const auto& header = fragment.header;
  return !entries.empty() && header.id.sequence == end_sequence() && header.start_us >= start_us &&
         header.end_us - start_us <= most_minute_us && header.start_us - end_us <= span_hole_us &&
         fragment.place.extent >= last_extent() &&
         fragment.place.extent - first_extent() <= most_minute_extents;
}

void MinuteRow::add(const LoggedFragment& fragment) {
  const auto& header = fragment.header;
  const auto size = static_cast<std::uint32_t>(fragment_header_bytes + header.body_bytes);
  if (entries.empty()) {
    first_sequence = header.id.sequence;
    start_us = end_us = header.start_us;
  }
  constexpr std::int64_t most = std::numeric_limits<std::uint16_t>::max();
  const auto start_ms = std::clamp<std::int64_t>((header.start_us - start_us) / 1000, 0, most);
  const auto end_ms = std::max(start_ms, (header.end_us - start_us + 999) / 1000);
  entries.push_back({size, header.starts_with_key, static_cast<std::uint16_t>(start_ms),
                     static_cast<std::uint16_t>(std::min(end_ms - start_ms, most)),
                     fragment.place});
  end_us = std::max(end_us, header.end_us);
  bytes += size;
}

FragmentRef MinuteRow::ref(const StreamKey& stream, std::size_t place) const {
  const auto& entry = entries[place];
  const auto from_us = start_us + std::int64_t{entry.start_ms} * 1000;
  return {{stream, first_sequence + place},
          from_us,
          from_us + std::int64_t{entry.duration_ms} * 1000,
          entry.bytes,
          entry.starts_with_key};
}

MinuteRow MinuteRow::part(std::size_t from, std::size_t count) const {
  MinuteRow out = *this;
  out.id = 0;
  out.entries.assign(entries.begin() + static_cast<std::ptrdiff_t>(from),
                     entries.begin() + static_cast<std::ptrdiff_t>(from + count));
  const auto later_ms = out.entries.front().start_ms;
  out.first_sequence += from;
  out.start_us += std::int64_t{later_ms} * 1000;
  out.end_us = out.start_us;
  out.bytes = 0;
  for (auto& entry : out.entries) {
    entry.start_ms = static_cast<std::uint16_t>(entry.start_ms - later_ms);
    const std::int64_t end_ms = entry.start_ms + entry.duration_ms;
    out.end_us = std::max(out.end_us, out.start_us + end_ms * 1000);
    out.bytes += entry.bytes;
  }
  return out;
}

Result<std::unique_ptr<FootageIndex>> FootageIndex::open(const std::string& path,
                                                         const Clock& clock) {
  std::unique_ptr<FootageIndex> out(new FootageIndex);
  out->database_ = store::sqlite_database({.path = path});
  VL_TRY(out->session_, out->database_->open_session());
  VL_CHECK(store::migrate(*out->session_, {&migrations, 1}, clock));
  return out;
}

Result<void> FootageIndex::put_stream(const StreamRow& row) {
  const auto kept = row.retention.value_or(Retention{});
  std::optional<std::int64_t> most_bytes;
  if (kept.most_bytes) most_bytes = signed_of(*kept.most_bytes);
  return session_->post(
      "INSERT INTO streams (stream_id, camera, kind, log_id, next_sequence, head_sequence,"
      " head_chain, head_end_us, stored_bytes, own_retention, most_age_s, most_bytes)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
      " ON CONFLICT (stream_id) DO UPDATE SET log_id = excluded.log_id,"
      " next_sequence = excluded.next_sequence, head_sequence = excluded.head_sequence,"
      " head_chain = excluded.head_chain, head_end_us = excluded.head_end_us,"
      " stored_bytes = excluded.stored_bytes, own_retention = excluded.own_retention,"
      " most_age_s = excluded.most_age_s, most_bytes = excluded.most_bytes",
      {row.id, row.key.camera, static_cast<int>(row.key.kind), row.log_id,
       signed_of(row.next_sequence), signed_of(row.head_sequence), row.head_chain, row.head_end_us,
       signed_of(row.stored_bytes), row.retention.has_value(), kept.most_age_s, most_bytes});
}

Result<void> FootageIndex::put_log(const LogRow& row) {
  return session_->post(
      "INSERT INTO logs (log_id, folder, disk, keeping, uuid, extent_bytes, from_group,"
      " durable_group, last_extent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (log_id) DO UPDATE SET folder = excluded.folder, disk = excluded.disk,"
      " uuid = excluded.uuid, extent_bytes = excluded.extent_bytes,"
      " from_group = excluded.from_group, durable_group = excluded.durable_group,"
      " last_extent = excluded.last_extent",
      {row.id, row.folder, row.disk, row.keeping, row.log, signed_of(row.extent_bytes),
       signed_of(row.from_group), signed_of(row.durable_group), signed_of(row.last_extent)});
}

Result<void> FootageIndex::put_extent(const ExtentRow& row) {
  return session_->post(
      "INSERT INTO extents (log_id, sequence, slot, used_bytes, first_group, first_us, end_us)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (log_id, sequence) DO NOTHING",
      {row.log_id, signed_of(row.extent.sequence), row.extent.slot,
       signed_of(row.extent.used_bytes), signed_of(row.extent.first_group), row.first_us,
       row.end_us});
}

Result<void> FootageIndex::remove_extent(LogId log, std::uint64_t sequence) {
  return session_->post("DELETE FROM extents WHERE log_id = $1 AND sequence = $2",
                        {log, signed_of(sequence)});
}

Result<void> FootageIndex::put_minute(const MinuteRow& row) {
  return session_->post(
      "INSERT INTO minutes (stream_id, log_id, is_kept, first_sequence, start_us, end_us, bytes,"
      " first_extent, last_extent, entries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {row.stream_id, row.log_id, row.is_kept, signed_of(row.first_sequence), row.start_us,
       row.end_us, signed_of(row.bytes), signed_of(row.first_extent()),
       signed_of(row.last_extent()), pack(row)});
}

Result<void> FootageIndex::remove_minute(std::int64_t minute_id) {
  return session_->post("DELETE FROM minutes WHERE minute_id = $1", {minute_id});
}

Result<void> FootageIndex::remove_minutes_to(LogId log, std::uint64_t extent) {
  return session_->post("DELETE FROM minutes WHERE log_id = $1 AND last_extent <= $2",
                        {log, signed_of(extent)});
}

Result<void> FootageIndex::put_gap(std::int64_t stream_id, const Gap& gap) {
  return session_->post(
      "INSERT INTO gaps (stream_id, start_us, end_us, cause, detail) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (stream_id, start_us) DO UPDATE SET end_us = excluded.end_us,"
      " cause = excluded.cause, detail = excluded.detail"
      " WHERE gaps.end_us IS NULL",
      {stream_id, gap.start_us, gap.end_us, text_of(gap.cause), gap.detail});
}

Result<void> FootageIndex::remove_gaps_before(std::int64_t us) {
  return session_->post("DELETE FROM gaps WHERE end_us < $1", {us});
}

Result<void> FootageIndex::put_lock(std::int64_t stream_id, const FootageLock& lock) {
  return session_->post(
      "INSERT INTO locks (lock_id, stream_id, from_us, to_us, reason, created_us)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (lock_id) DO NOTHING",
      {lock.id, stream_id, lock.from_us, lock.to_us, lock.reason, lock.created_us});
}

Result<void> FootageIndex::remove_lock(const LockId& id) {
  return session_->post("DELETE FROM locks WHERE lock_id = $1", {id});
}

Result<std::vector<StreamRow>> FootageIndex::streams() {
  std::vector<StreamRow> out;
  VL_CHECK(session_->query(
      "SELECT stream_id, camera, kind, log_id, next_sequence, head_sequence, head_chain,"
      " head_end_us, stored_bytes, own_retention, most_age_s, most_bytes FROM streams"
      " ORDER BY stream_id",
      {}, [&](const Row& row) {
        StreamRow stream;
        stream.id = row.integer(0);
        stream.key = {row.id<CameraId>(1), static_cast<StreamKind>(row.integer(2))};
        stream.log_id = row.integer(3);
        stream.next_sequence = unsigned_of(row.integer(4));
        stream.head_sequence = unsigned_of(row.integer(5));
        stream.head_chain = digest_of(row.bytes(6));
        stream.head_end_us = row.integer(7);
        stream.stored_bytes = unsigned_of(row.integer(8));
        if (row.integer(9) != 0) {
          stream.retention.emplace();
          stream.retention->most_age_s = row.optional_integer(10);
          if (const auto bytes = row.optional_integer(11))
            stream.retention->most_bytes = unsigned_of(*bytes);
        }
        out.push_back(stream);
        return true;
      }));
  return out;
}

Result<std::vector<LogRow>> FootageIndex::logs() {
  std::vector<LogRow> out;
  VL_CHECK(session_->query(
      "SELECT log_id, folder, disk, keeping, uuid, extent_bytes, from_group, durable_group,"
      " last_extent FROM logs ORDER BY log_id",
      {}, [&](const Row& row) {
        LogRow log;
        log.id = row.integer(0);
        log.folder = std::string(row.text(1));
        log.disk = static_cast<int>(row.integer(2));
        log.keeping = static_cast<int>(row.integer(3));
        const auto uuid = row.bytes(4);
        std::copy_n(uuid.begin(), std::min(uuid.size(), log.log.bytes.size()),
                    log.log.bytes.begin());
        log.extent_bytes = unsigned_of(row.integer(5));
        log.from_group = unsigned_of(row.integer(6));
        log.durable_group = unsigned_of(row.integer(7));
        log.last_extent = unsigned_of(row.integer(8));
        out.push_back(std::move(log));
        return true;
      }));
  return out;
}

Result<std::vector<ExtentRow>> FootageIndex::extents() {
  std::vector<ExtentRow> out;
  VL_CHECK(session_->query(
      "SELECT log_id, sequence, slot, used_bytes, first_group, first_us, end_us FROM extents"
      " ORDER BY log_id, sequence",
      {}, [&](const Row& row) {
        out.push_back({row.integer(0),
                       {unsigned_of(row.integer(1)), static_cast<std::uint32_t>(row.integer(2)),
                        unsigned_of(row.integer(3)), unsigned_of(row.integer(4))},
                       row.integer(5),
                       row.integer(6)});
        return true;
      }));
  return out;
}

Result<std::map<std::int64_t, Gap>> FootageIndex::open_gaps() {
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

Result<std::vector<std::pair<std::int64_t, FootageLock>>> FootageIndex::locks() {
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

Result<std::vector<FootageIndex::Share>> FootageIndex::shares_to(LogId log, std::uint64_t extent) {
  std::vector<Share> out;
  VL_CHECK(session_->query(
      "SELECT stream_id, SUM(bytes), MAX(end_us) FROM minutes"
      " WHERE log_id = $1 AND last_extent <= $2 GROUP BY stream_id",
      {log, signed_of(extent)}, [&](const Row& row) {
        out.push_back({row.integer(0), unsigned_of(row.integer(1)), row.integer(2)});
        return true;
      }));
  return out;
}

Result<bool> FootageIndex::has_unlocked(LogId log, std::uint64_t extent) {
  VL_TRY(const auto found,
         session_->query_integer(
             "SELECT 1 FROM minutes WHERE log_id = $1 AND last_extent >= $2 AND last_extent <= $3"
             " AND first_extent <= $2 AND is_kept = 0 LIMIT 1",
             {log, signed_of(extent), signed_of(extent + most_minute_extents)}));
  return found.has_value();
}

Result<std::uint64_t> FootageIndex::bytes_in(LogId log, std::uint64_t extent) {
  VL_TRY(const auto bytes,
         session_->query_integer(
             "SELECT COALESCE(SUM(bytes), 0) FROM minutes WHERE log_id = $1 AND last_extent >= $2"
             " AND last_extent <= $3 AND first_extent <= $2",
             {log, signed_of(extent), signed_of(extent + most_minute_extents)}));
  return unsigned_of(bytes.value_or(0));
}

Result<std::vector<MinuteRow>> FootageIndex::oldest_unlocked(std::int64_t stream_id, int most) {
  std::vector<MinuteRow> out;
  VL_CHECK(session_->query("SELECT " VL_MINUTE_COLUMNS
                           " FROM minutes WHERE stream_id = $1 AND is_kept = 0"
                           " ORDER BY start_us LIMIT $2",
                           {stream_id, most}, [&](const Row& row) {
                             out.push_back(minute_of(row));
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

Result<std::vector<MinuteRow>> IndexReader::minutes_where(std::string_view sql,
                                                          std::vector<Value> values) {
  std::vector<MinuteRow> out;
  VL_CHECK(with_session([&](store::Session& session) {
    return session.query(sql, std::span<const Value>(values), [&](const Row& row) {
      out.push_back(minute_of(row));
      return true;
    });
  }));
  return out;
}

// A minute is at most that long, so that its start alone finds all that overlap.
Result<std::vector<MinuteRow>> IndexReader::overlapping(std::int64_t stream_id,
                                                        std::int64_t from_us, std::int64_t to_us,
                                                        std::size_t most) {
  return minutes_where(
      "SELECT " VL_MINUTE_COLUMNS
      " FROM minutes WHERE stream_id = $1 AND start_us > $2"
      " AND start_us < $3 AND end_us > $4 ORDER BY start_us, first_sequence"
      " LIMIT $5",
      {stream_id, from_us - 2 * most_minute_us, to_us, from_us, static_cast<std::int64_t>(most)});
}

Result<std::vector<MinuteRow>> IndexReader::outlines(std::int64_t stream_id, std::int64_t from_us,
                                                     std::int64_t to_us, std::size_t most) {
  std::vector<MinuteRow> out;
  VL_CHECK(with_session([&](store::Session& session) {
    return session.query(
        "SELECT start_us, end_us, bytes, first_sequence FROM minutes"
        " WHERE stream_id = $1 AND start_us > $2 AND start_us < $3 AND end_us > $4"
        " ORDER BY start_us LIMIT $5",
        {stream_id, from_us - 2 * most_minute_us, to_us, from_us, static_cast<std::int64_t>(most)},
        [&](const Row& row) {
          MinuteRow outline;
          outline.start_us = row.integer(0);
          outline.end_us = row.integer(1);
          outline.bytes = unsigned_of(row.integer(2));
          outline.first_sequence = unsigned_of(row.integer(3));
          out.push_back(std::move(outline));
          return true;
        });
  }));
  return out;
}

Result<std::vector<MinuteRow>> IndexReader::holding(std::int64_t stream_id,
                                                    std::uint64_t sequence) {
  constexpr std::int64_t looked_at = 4;
  VL_TRY(auto rows, minutes_where("SELECT " VL_MINUTE_COLUMNS " FROM minutes WHERE stream_id = $1"
                                  " AND first_sequence <= $2 ORDER BY first_sequence DESC LIMIT $3",
                                  {stream_id, signed_of(sequence), looked_at}));
  std::erase_if(rows, [&](const MinuteRow& row) { return row.end_sequence() <= sequence; });
  return rows;
}

Result<std::optional<MinuteRow>> IndexReader::after(std::int64_t stream_id,
                                                    std::uint64_t sequence) {
  VL_TRY(auto rows, minutes_where("SELECT " VL_MINUTE_COLUMNS " FROM minutes WHERE stream_id = $1"
                                  " AND first_sequence > $2 ORDER BY first_sequence LIMIT 1",
                                  {stream_id, signed_of(sequence)}));
  if (rows.empty()) return std::nullopt;
  return std::move(rows[0]);
}

Result<std::vector<MinuteRow>> IndexReader::in_extent(LogId log, std::uint64_t extent) {
  return minutes_where("SELECT " VL_MINUTE_COLUMNS
                       " FROM minutes WHERE log_id = $1 AND last_extent >= $2"
                       " AND last_extent <= $3 AND first_extent <= $2",
                       {log, signed_of(extent), signed_of(extent + most_minute_extents)});
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

Result<std::int64_t> IndexReader::oldest_us(std::int64_t stream_id) {
  std::int64_t out = 0;
  VL_CHECK(with_session([&](store::Session& session) {
    return session.query(
        "SELECT start_us FROM minutes WHERE stream_id = $1 ORDER BY start_us LIMIT 1", {stream_id},
        [&](const Row& row) {
          out = row.integer(0);
          return true;
        });
  }));
  return out;
}

}  // namespace vl::recording
