// What the archive asks of an object store: the whole of it. Objects are small enough to be put in
// one piece, never changed, found by key.
//
// Any thread may call. A call returns within its own time limit, also when nobody answers. Errors
// are `recording.not_found` (no such object), or say in their message what is wrong and how to
// help it: no connection, a wrong key, no such bucket.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/result.hpp>

namespace vl::recording {

struct StoredObject {
  std::string key;
  std::uint64_t bytes = 0;
};

struct ObjectPage {
  std::vector<StoredObject> objects;
  std::string next;  // to go on with; "": that was all
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// Whole and unchanged when it succeeds: whoever stores it has compared its hash. One that is
  /// there is replaced.
  virtual Result<void> put(const std::string& key, ByteView content) = 0;
  /// `bytes` from `offset`; fewer where it ends.
  virtual Result<Bytes> get(const std::string& key, std::uint64_t offset, std::size_t bytes) = 0;
  /// All of it, for whoever can wait longer.
  virtual Result<Bytes> get_all(const std::string& key) = 0;
  virtual Result<std::uint64_t> size(const std::string& key) = 0;
  /// Of one that is not there: succeeds.
  virtual Result<void> remove(const std::string& key) = 0;
  /// Those whose keys begin so, in order, some at a time; `from`: the page's before `next`.
  virtual Result<ObjectPage> list(const std::string& prefix, const std::string& from,
                                  std::size_t most) = 0;
  /// Ends what is under way, and all that comes.
  virtual void cancel() = 0;
};

}  // namespace vl::recording
