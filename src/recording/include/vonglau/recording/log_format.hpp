// The bytes of the footage log (docs/design/footage_log.md): extents, and the groups of fragments
// that lie in them one after another. Pure; any thread; every reader takes any bytes.
//
// An extent is a file of a fixed size whose first block is its head. Groups follow, each on a
// block's boundary: a head with the headers of its fragments and its notes, then the fragments,
// each as one piece of header and body, so that it is read in one go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/recording/fragment_format.hpp>
#include <vonglau/recording/fragment_store.hpp>

namespace vl::recording {

constexpr std::size_t log_block_bytes = 4096;
constexpr std::size_t group_headers_at = 128;  // from a group's beginning
constexpr std::size_t most_group_fragments = 16'384;
constexpr std::size_t most_group_notes_bytes = 4 * 1024 * 1024;

constexpr std::uint64_t whole_blocks(std::uint64_t bytes) {
  return (bytes + log_block_bytes - 1) / log_block_bytes * log_block_bytes;
}

constexpr std::size_t log_piece_bytes = 16;  // a fragment begins on a multiple of it

/// How much of a group a fragment takes.
constexpr std::uint64_t piece_bytes(const FragmentHeader& header) {
  return (fragment_header_bytes + header.body_bytes + log_piece_bytes - 1) / log_piece_bytes *
         log_piece_bytes;
}

struct ExtentHead {
  Uuid store;                  // of the log that wrote it: a disk from elsewhere is not taken over
  std::uint64_t sequence = 0;  // 1, 2, 3... as extents are begun, never used twice
  std::uint64_t bytes = 0;     // of the whole file
  std::int64_t begun_us = 0;
};
/// One block.
Bytes encode_extent_head(const ExtentHead& head);
Result<ExtentHead> decode_extent_head(ByteView block);

/// What belongs beside footage and must not be lost with an index.
struct LogNotes {
  struct GapNote {
    StreamKey stream;
    Gap gap;
    friend bool operator==(const GapNote&, const GapNote&) = default;
  };
  std::vector<GapNote> gaps;       // begun, or begun and ended
  std::vector<FootageLock> locks;  // taken
  std::vector<LockId> unlocks;     // taken off
  bool empty() const { return gaps.empty() && locks.empty() && unlocks.empty(); }
};

struct GroupHead {
  std::uint64_t extent = 0;  // sequence of the extent it lies in
  std::uint64_t number = 0;  // 1, 2, 3... of the log, without holes
  std::int64_t written_us = 0;
  std::uint64_t durable = 0;     // the last group known to be durable when this was written
  Digest previous{};             // hash of the group before
  Digest hash{};                 // of this head, and by its fragments' headers of all that follows
  std::uint32_t head_bytes = 0;  // whole blocks; may be more than it needs
  std::uint64_t body_bytes = 0;  // of all pieces; the last block is filled up with zeros
  std::vector<FragmentHeader> fragments;
  LogNotes notes;

  std::uint64_t bytes() const { return head_bytes + whole_blocks(body_bytes); }
};

using HeaderBytes = std::array<std::uint8_t, fragment_header_bytes>;

/// Sets hash, body_bytes and, unless it is large enough, head_bytes; `headers` are those of
/// head.fragments as sealed.
Result<Bytes> encode_group_head(GroupHead& head, std::span<const HeaderBytes> headers);
/// How many bytes the head has whose first block this is; `malformed` if it is none.
Result<std::uint32_t> group_head_bytes(ByteView block);
/// The whole head; its own hash and those of the headers are checked, the bodies are not.
Result<GroupHead> decode_group_head(ByteView head);

}  // namespace vl::recording
