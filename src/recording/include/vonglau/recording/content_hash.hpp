// The hash of a fragment's body, as a tree of two levels: SHA-256 of each chunk of 61,440 bytes,
// and over those the root that the fragment's header holds. Chunks are hashed side by side, which
// on processors with wide registers takes a third to a half of what one after another takes.
//
//   root = SHA-256("VLCT" | u8 1 | u64 body bytes | hash of each chunk in order), little-endian
//
// The length stands in the root, so that the number of chunks is known and no chunk's hash can
// pass for a root. A chunk is proved by the hashes of its fragment's others: a few hundred bytes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <vonglau/base/bytes.hpp>

namespace vl::recording {

constexpr std::size_t content_chunk_bytes = 60 * 1024;

/// Not for two threads at once; each writer or checker has its own.
class ContentHasher {
 public:
  ContentHasher();
  ~ContentHasher();
  ContentHasher(const ContentHasher&) = delete;
  ContentHasher& operator=(const ContentHasher&) = delete;

  /// Of a body that stays where it is, and what it is, until finish(). Its chunks are hashed beside
  /// those of the bodies before and after it.
  void begin(ByteView body);
  /// The roots of those begun since the last time, in their order.
  std::vector<Digest> finish();
  /// The root of each body. The more are given at once, the less each costs.
  std::vector<Digest> roots(std::span<const ByteView> bodies);
  Digest root(ByteView body) { return roots(std::span(&body, 1)).front(); }

  /// False where the processor or the platform has no better way than one chunk after another.
  bool side_by_side() const { return lanes_ != nullptr; }

 private:
  struct Begun {
    std::uint64_t bytes = 0;
    std::vector<Digest> chunks;  // written to as they are done
  };
  void hash_chunk(ByteView chunk, Digest& out);
  void flush();
  std::vector<Begun> begun_;
  std::size_t done_ = 0, given_ = 0;  // chunks of these
  void* lanes_ = nullptr;             // IMB_MGR
};

}  // namespace vl::recording
