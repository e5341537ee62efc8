// Rebuilding every event-derived table from the events alone, into a scratch database, and
// comparing it row by row with the live one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <vonglau/journal/projection.hpp>
#include <vonglau/journal/upcast.hpp>

namespace vl::journal {

struct TableDifference {
  std::string table;
  std::int64_t live_rows = 0;
  std::int64_t rebuilt_rows = 0;
  std::int64_t different_rows = 0;  // in one and not in the other
  std::string first_difference;     // the first such row, as text with bytes in hex
};

struct RebuildReport {
  std::int64_t events = 0;
  std::int64_t tables = 0;
  std::vector<TableDifference> differences;
  bool same() const { return differences.empty(); }
};

/// `live` and `scratch` are sessions on databases with the same migrations; the scratch
/// tables are empty. The live one is read in one stable view.
Result<RebuildReport> rebuild(store::Session& live, store::Session& scratch, ProvinceId province,
                              std::span<Projection* const> projections, const Upcasters& upcasters,
                              const std::function<void(std::int64_t)>& progress = {});

/// Puts the rebuilt rows in the place of the live ones, in one transaction. The writer must
/// be stopped.
Result<void> replace_tables(store::Session& live, store::Session& scratch, ProvinceId province,
                            std::span<Projection* const> projections);

}  // namespace vl::journal
