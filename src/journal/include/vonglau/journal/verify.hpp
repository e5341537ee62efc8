// Verification of recorded history against itself and against the signed roots.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/roots.hpp>

namespace vl::journal {

struct VerifyProblem {
  enum class What {
    edited,        // the event's content does not give its hash
    missing,       // a sequence is not there
    reordered,     // it does not follow the event before it
    rewritten,     // the chain holds, but a signed root says this event was another one
    truncated,     // a signed root knows of events after the last one
    stream_broken  // a stream's versions do not count 1, 2, 3...
  };
  What what;
  std::int64_t sequence = 0;
};
std::string_view name_of(VerifyProblem::What what);

struct VerifyReport {
  std::int64_t events = 0;
  Head head;
  std::int64_t roots = 0;
  /// Everything up to here is vouched for by a root that agrees; 0: nothing is.
  std::int64_t anchored_sequence = 0;
  WallTime anchored_at;
  std::vector<VerifyProblem> problems;  // at most 1,000
  bool ok() const { return problems.empty(); }
};

/// Reads the whole journal once, in bounded memory (but for one number a stream). `progress`
/// is called every 10,000 events with the sequence reached.
Result<VerifyReport> verify(store::Session& session, ProvinceId province,
                            std::span<const Root> roots,
                            const std::function<void(std::int64_t)>& progress = {});

}  // namespace vl::journal
