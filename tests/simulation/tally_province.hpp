// What these tests share: one province of the toy domain (tallies) on any database. Plain
// functions over values; each is called from the test's thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/journal/testing/tally.hpp>

namespace vl::simulation {

inline constexpr ProvinceId kProvince{24};

class TallyProvince {
 public:
  explicit TallyProvince(const Clock& clock) : clock_(clock) {}

  Result<void> migrate(store::Database& database) const;
  /// Small caches and frequent snapshots, so that short runs use all of the writer.
  Result<std::unique_ptr<journal::Writer>> open_writer(store::Database& database);
  Result<std::unique_ptr<journal::Journal>> open_journal(store::Database& database,
                                                         journal::JournalOptions options = {});
  /// Makes the read tables again in `scratch`, an empty database, and compares.
  Result<journal::RebuildReport> rebuild(store::Database& live, store::Database& scratch);

 private:
  const Clock& clock_;
  journal::testing::TallyProjection projection_;
  journal::Upcasters no_upcasters_;
};

struct Entry {
  Uuid tally;
  std::int64_t amount = 0;
  bool operator==(const Entry&) const = default;
};

/// What a store holds, read through a session of its own.
struct Holdings {
  std::vector<Entry> events;            // in order of sequence
  std::map<Uuid, std::int64_t> totals;  // the read table
  std::int64_t receipts = 0;            // idempotency records
  /// Why this is no sound history ("" where it is): a chain that does not verify, a hole, a
  /// read table that its events do not give.
  std::string unsound;
};
Result<Holdings> read_holdings(store::Database& database);

/// The number in an environment variable, or `otherwise`.
std::uint64_t number_from(const char* variable, std::uint64_t otherwise);

/// splitmix64: the same seed gives the same run.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 7) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace vl::simulation
