// A client that sends random commands to a writer and remembers every answer, so that what a
// store holds after a fault can be held against what was promised. One thread.
//
// A batch whose commands got no answer may be recorded or not, whole or not at all; every answer
// that was given is binding.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tally_province.hpp"

namespace vl::simulation {

class Workload {
 public:
  struct Mix {
    /// Amounts that the read table's CHECK refuses: the writer then runs each command alone.
    bool rows_that_the_store_refuses = true;
    /// Empties the write-ahead log into the database every few pages.
    bool frequent_checkpoints = false;
  };

  Workload(std::uint64_t seed, IdSource& ids, Mix mix);

  /// One batch of one to six commands. False when the store gave no answer.
  bool step(journal::Writer& writer);
  /// The store is back with these holdings: counts what was acknowledged and is not there, and
  /// learns what became of the batch without an answer.
  void compare(const Holdings& holdings);
  /// Sends everything that has a key once more; nothing may be done again.
  void retry_everything(journal::Writer& writer);

  std::int64_t acknowledged() const { return acknowledged_; }
  std::int64_t repeated() const { return repeated_; }
  std::int64_t lost() const { return lost_; }
  /// The first thing that went against a promise; "" while all is well.
  const std::string& wrong() const { return wrong_; }

 private:
  struct Sent {
    Entry entry;
    std::optional<Uuid> key;
  };
  struct Known {
    Entry entry;
    std::int64_t sequence = 0;
    std::string reply;
  };
  enum class Fate { recorded, repeated, refused };

  Sent invent();
  std::vector<Sent> invent_batch();
  Fate predict(const Sent& sent) const;
  void record(const Sent& sent);
  void hear(const Sent& sent, const Result<journal::Receipt>& answer);
  void complain(std::string what);

  Random random_;
  IdSource& ids_;
  const Mix mix_;
  std::vector<Uuid> tallies_;
  std::vector<Entry> entries_;  // what the journal must hold, in order of sequence
  std::map<Uuid, std::int64_t> totals_;
  std::map<Uuid, Known> known_;   // by key
  std::vector<Sent> unanswered_;  // of the last batch
  bool unanswered_one_by_one_ = false;
  std::vector<Sent> to_send_again_;  // with a key, not recorded when the store was back
  std::int64_t steps_ = 0;
  std::int64_t acknowledged_ = 0;
  std::int64_t repeated_ = 0;
  std::int64_t lost_ = 0;
  std::string wrong_;
};

}  // namespace vl::simulation
