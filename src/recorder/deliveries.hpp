// Which bytes of an archive reached whom, so that a download counts once however many pieces it
// came in. A person's pieces are added up until every byte was given to the network; that is one
// delivery, and the next begins anew. What was given for an archive that has changed since counts
// for nothing. Kept in a file beside the archive, so that a download goes on over a restart.
//
// Any thread. At most 1,000 people of an archive and 1,000 pieces of each; beyond, a delivery is
// told at once: rather once too often than not at all.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/base/ids.hpp>

namespace vl::recorder {

/// Half-open stretches of a whole, joined where they meet. A value.
class Pieces {
 public:
  void add(std::uint64_t first, std::uint64_t end);
  bool are_all_of(std::uint64_t size) const;
  const std::map<std::uint64_t, std::uint64_t>& all() const { return all_; }

 private:
  std::map<std::uint64_t, std::uint64_t> all_;  // first -> end
};

class Deliveries {
 public:
  /// True when with this the person has the whole. `archive` names its content (the ETag), `file`
  /// is where pieces are kept.
  bool add(const std::string& file, const std::string& archive, std::uint64_t size,
           const Uuid& person, std::uint64_t first, std::uint64_t bytes);

 private:
  std::mutex mutex_;
};

}  // namespace vl::recorder
