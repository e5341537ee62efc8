#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/recording/log_format.hpp>

#include "stored_numbers.hpp"

namespace vl::recording {

namespace {

constexpr std::array<std::uint8_t, 4> extent_magic{'V', 'L', 'E', 'X'};
constexpr std::array<std::uint8_t, 4> group_magic{'V', 'L', 'G', 'R'};
constexpr std::uint16_t log_version = 1;
constexpr std::size_t extent_hashed_bytes = 64;
constexpr std::size_t group_hash_at = 96;
constexpr std::uint64_t most_group_body_bytes = 1ULL << 30;
constexpr std::size_t most_head_bytes = whole_blocks(
    group_headers_at + most_group_fragments * fragment_header_bytes + most_group_notes_bytes);

std::unexpected<Error> bad_extent(std::string what) {
  return fail(RecordingError::malformed, "extent: " + std::move(what));
}
std::unexpected<Error> bad_group(std::string what) {
  return fail(RecordingError::malformed, "group: " + std::move(what));
}

// Notes as JSON: they are few, and a person with a hex editor must be able to read them.
struct GapRow {
  Uuid camera;
  std::int64_t stream = 0;
  std::int64_t start_us = 0;
  std::optional<std::int64_t> end_us;
  std::string cause;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(GapRow, (), (camera, stream, start_us, end_us, cause, detail))

struct LockRow {
  Uuid id;
  Uuid camera;
  std::int64_t stream = 0;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::string reason;
  std::int64_t created_us = 0;
};
BOOST_DESCRIBE_STRUCT(LockRow, (), (id, camera, stream, from_us, to_us, reason, created_us))

struct NotesRow {
  std::vector<GapRow> gaps;
  std::vector<LockRow> locks;
  std::vector<Uuid> unlocks;
};
BOOST_DESCRIBE_STRUCT(NotesRow, (), (gaps, locks, unlocks))

std::string text_of(const LogNotes& notes) {
  if (notes.empty()) return {};
  NotesRow row;
  for (const auto& [stream, gap] : notes.gaps)
    row.gaps.push_back({stream.camera.value, static_cast<int>(stream.kind), gap.start_us,
                        gap.end_us, boost::describe::enum_to_string(gap.cause, "unexplained"),
                        gap.detail});
  for (const auto& lock : notes.locks)
    row.locks.push_back({lock.id.value, lock.stream.camera.value,
                         static_cast<int>(lock.stream.kind), lock.from_us, lock.to_us, lock.reason,
                         lock.created_us});
  for (const auto& id : notes.unlocks) row.unlocks.push_back(id.value);
  return json::write(row);
}

Result<StreamKey> stream_of(const Uuid& camera, std::int64_t kind) {
  if (kind != 0 && kind != 1) return bad_group("a note about an unknown stream");
  return StreamKey{CameraId{camera}, static_cast<StreamKind>(kind)};
}

Result<LogNotes> notes_of(std::string_view text) {
  LogNotes out;
  if (text.empty()) return out;
  const auto row = json::read_text<NotesRow>(text, json::Unknown::ignore);
  if (!row) return bad_group("its notes: " + row.error().message);
  for (const auto& gap : row->gaps) {
    VL_TRY(const auto stream, stream_of(gap.camera, gap.stream));
    auto cause = GapCause::unexplained;  // also one that only a newer writer knows
    boost::describe::enum_from_string(gap.cause.c_str(), cause);
    if (gap.end_us && *gap.end_us < gap.start_us) return bad_group("a gap ends before it begins");
    out.gaps.push_back({stream, {gap.start_us, gap.end_us, cause, gap.detail}});
  }
  for (const auto& lock : row->locks) {
    VL_TRY(const auto stream, stream_of(lock.camera, lock.stream));
    out.locks.push_back(
        {LockId{lock.id}, stream, lock.from_us, lock.to_us, lock.reason, lock.created_us});
  }
  for (const auto& id : row->unlocks) out.unlocks.push_back(LockId{id});
  return out;
}

/// Of the head without the field that holds it.
Digest hash_of_head(ByteView head) {
  Sha256 hash;
  hash.add(head.first(group_hash_at));
  hash.add(head.subspan(group_headers_at));
  return hash.finish();
}

}  // namespace

Bytes encode_extent_head(const ExtentHead& head) {
  Bytes out(log_block_bytes);
  auto* h = out.data();
  std::memcpy(h, extent_magic.data(), extent_magic.size());
  put(h + 4, log_version);
  std::memcpy(h + 8, head.store.bytes.data(), 16);
  put(h + 24, head.sequence);
  put(h + 32, head.bytes);
  put(h + 40, head.begun_us);
  const auto hash = sha256(ByteView(out).first(extent_hashed_bytes));
  std::memcpy(h + extent_hashed_bytes, hash.data(), hash.size());
  return out;
}

Result<ExtentHead> decode_extent_head(ByteView block) {
  if (block.size() < log_block_bytes) return bad_extent("its head is cut off");
  const auto* h = block.data();
  if (!std::equal(extent_magic.begin(), extent_magic.end(), h))
    return bad_extent("it does not begin with VLEX");
  if (get<std::uint16_t>(h + 4) != log_version)
    return bad_extent(fmt::format("written by another version ({})", get<std::uint16_t>(h + 4)));
  const auto hash = sha256(block.first(extent_hashed_bytes));
  if (!std::equal(hash.begin(), hash.end(), h + extent_hashed_bytes))
    return bad_extent("its head does not agree with its hash");
  ExtentHead out;
  std::memcpy(out.store.bytes.data(), h + 8, 16);
  out.sequence = get<std::uint64_t>(h + 24);
  out.bytes = get<std::uint64_t>(h + 32);
  out.begun_us = get<std::int64_t>(h + 40);
  if (out.sequence == 0 || out.bytes < 2 * log_block_bytes || out.bytes % log_block_bytes != 0)
    return bad_extent("its head is out of bounds");
  return out;
}

Result<Bytes> encode_group_head(GroupHead& head, std::span<const HeaderBytes> headers) {
  const auto notes = text_of(head.notes);
  if (headers.size() != head.fragments.size() || headers.size() > most_group_fragments ||
      notes.size() > most_group_notes_bytes)
    return fail(RecordingError::invalid, "a group out of bounds");
  const auto used = group_headers_at + headers.size() * fragment_header_bytes + notes.size();
  head.head_bytes = std::max(head.head_bytes, static_cast<std::uint32_t>(whole_blocks(used)));
  head.body_bytes = 0;
  for (const auto& fragment : head.fragments) head.body_bytes += piece_bytes(fragment);
  Bytes out(head.head_bytes);
  auto* h = out.data();
  std::memcpy(h, group_magic.data(), group_magic.size());
  put(h + 4, log_version);
  put(h + 8, head.head_bytes);
  put(h + 12, static_cast<std::uint32_t>(headers.size()));
  put(h + 16, head.extent);
  put(h + 24, head.number);
  put(h + 32, head.written_us);
  put(h + 40, head.body_bytes);
  put(h + 48, static_cast<std::uint32_t>(notes.size()));
  put(h + 52, std::uint32_t{0});
  put(h + 56, head.durable);
  std::memcpy(h + 64, head.previous.data(), 32);
  auto* at = h + group_headers_at;
  for (const auto& header : headers) at = std::copy(header.begin(), header.end(), at);
  std::copy(notes.begin(), notes.end(), at);
  head.hash = hash_of_head(out);
  std::memcpy(h + group_hash_at, head.hash.data(), 32);
  return out;
}

Result<std::uint32_t> group_head_bytes(ByteView block) {
  if (block.size() < log_block_bytes) return bad_group("its head is cut off");
  const auto* h = block.data();
  if (!std::equal(group_magic.begin(), group_magic.end(), h))
    return bad_group("it does not begin with VLGR");
  if (get<std::uint16_t>(h + 4) != log_version)
    return bad_group(fmt::format("written by another version ({})", get<std::uint16_t>(h + 4)));
  const auto bytes = get<std::uint32_t>(h + 8);
  if (bytes == 0 || bytes % log_block_bytes != 0 || bytes > most_head_bytes)
    return bad_group("its head is out of bounds");
  return bytes;
}

Result<GroupHead> decode_group_head(ByteView bytes) {
  GroupHead out;
  VL_TRY(out.head_bytes, group_head_bytes(bytes));
  if (bytes.size() < out.head_bytes) return bad_group("its head is cut off");
  const auto head = bytes.first(out.head_bytes);
  const auto* h = head.data();
  out.hash = hash_of_head(head);
  if (!std::equal(out.hash.begin(), out.hash.end(), h + group_hash_at))
    return fail(RecordingError::altered, "group: its head does not agree with its hash");
  const std::size_t count = get<std::uint32_t>(h + 12);
  out.extent = get<std::uint64_t>(h + 16);
  out.number = get<std::uint64_t>(h + 24);
  out.written_us = get<std::int64_t>(h + 32);
  out.body_bytes = get<std::uint64_t>(h + 40);
  const std::size_t notes = get<std::uint32_t>(h + 48);
  out.durable = get<std::uint64_t>(h + 56);
  std::memcpy(out.previous.data(), h + 64, 32);
  if (count > most_group_fragments || notes > most_group_notes_bytes || out.extent == 0 ||
      out.number == 0 || out.body_bytes > most_group_body_bytes ||
      group_headers_at + count * fragment_header_bytes + notes > out.head_bytes)
    return bad_group("its head is out of bounds");
  std::uint64_t body_bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    VL_TRY(auto header, decode_header(head.subspan(group_headers_at + i * fragment_header_bytes,
                                                   fragment_header_bytes)));
    body_bytes += piece_bytes(header);
    out.fragments.push_back(std::move(header));
  }
  if (body_bytes != out.body_bytes)
    return bad_group("its bodies are not as long as they should be");
  VL_TRY(out.notes,
         notes_of(as_text(head.subspan(group_headers_at + count * fragment_header_bytes, notes))));
  return out;
}

}  // namespace vl::recording
