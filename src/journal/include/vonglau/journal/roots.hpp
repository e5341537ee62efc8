// Signed roots in a second place. Every few seconds the head of the chain (sequence and hash)
// is signed (Ed25519) and appended to a root log on another disk, host or write-once store.
// Whoever later edits, drops, reorders or truncates history has to forge the signatures too.
//
// The log is one JSON line a root; each line's `previous` is the SHA-256 of the line before,
// so that a root cannot be taken out unseen.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/base/result.hpp>
#include <vonglau/base/signing.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::journal {

enum class RootError { io, malformed, forged };
constexpr ErrorCode code_of(RootError e) {
  switch (e) {
    case RootError::io:
      return {Category::unavailable, "roots.unavailable"};
    case RootError::malformed:
      return {Category::invalid, "roots.malformed"};
    case RootError::forged:
      break;
  }
  return {Category::invalid, "roots.forged"};
}

struct Root {
  std::int64_t province = 0;
  std::int64_t sequence = 0;
  Digest hash{};
  WallTime at;
  Digest previous{};  // SHA-256 of the line before; zero for the first
  Bytes signature;    // over the line without this member
};

/// Appends roots to DIR/roots.jsonl with a sync each. Not thread safe.
class RootLog {
 public:
  static Result<RootLog> open(const std::filesystem::path& directory, ProvinceId province);
  Result<Root> append(const Head& head, WallTime at, const SigningKey& key);
  std::int64_t last_sequence() const { return last_sequence_; }

 private:
  std::filesystem::path file_;
  ProvinceId province_;
  Digest last_line_{};
  std::int64_t last_sequence_ = 0;
};

/// All roots of DIR, oldest first, with their signatures and their own chain checked. A torn
/// last line (power loss) is left out.
Result<std::vector<Root>> read_roots(const std::filesystem::path& directory, ByteView public_key);

}  // namespace vl::journal
