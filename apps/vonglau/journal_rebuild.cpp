#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "composition.hpp"
#include "journal_tools.hpp"
#include "progress.hpp"
#include "site_store.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

struct Difference {
  std::string table;
  std::int64_t live_rows = 0;
  std::int64_t rebuilt_rows = 0;
  std::int64_t different_rows = 0;
  std::string first_difference;
};
BOOST_DESCRIBE_STRUCT(Difference, (),
                      (table, live_rows, rebuilt_rows, different_rows, first_difference))

struct Outcome {
  bool same = false;
  bool replaced = false;
  std::int64_t events = 0;
  std::int64_t tables = 0;
  std::vector<Difference> differences;
};
BOOST_DESCRIBE_STRUCT(Outcome, (), (same, replaced, events, tables, differences))

// A database beside the data, gone with this object.
class Scratch {
 public:
  static Result<Scratch> make(const Config& config) {
    std::error_code error;
    std::filesystem::create_directories(config.run_folder(), error);
    std::string folder = config.run_folder() + "/rebuild-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) {
      return fail(store::StoreError::unavailable,
                  fmt::format("cannot make a scratch folder in {}", config.run_folder()));
    }
    return Scratch(std::move(folder));
  }
  Scratch(Scratch&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  std::string address() const { return "sqlite:" + folder_ + "/rebuilt.db"; }

 private:
  explicit Scratch(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

Result<void> refuse_while_running(const Config& config) {
  if (supervise::read_report(supervise::socket_path(config.run_folder()))) {
    return fail(supervise::SuperviseError::already_runs,
                "the centre runs; stop `vonglau serve` before replacing its tables");
  }
  return {};
}

Result<Outcome> rebuild_and_compare(const Config& config, const RebuildOptions& options) {
  if (options.replace) VL_CHECK(refuse_while_running(config));
  VL_TRY(const auto database, open_existing_store(config));
  VL_TRY(auto live, open_checked_reader(*database));
  VL_TRY(const Scratch scratch, Scratch::make(config));
  VL_TRY(const auto scratch_database, store::open_database(scratch.address()));
  VL_TRY(const auto rebuilt, scratch_database->open_session());
  const auto sets = all_migrations();
  VL_CHECK(store::migrate(*rebuilt, sets, SystemClock()));

  const auto owned = all_projections();
  const auto projections = pointers_to(owned);
  VL_TRY(const auto head, journal::read_head(*live, config.province_id()));
  VL_TRY(const auto report, [&] {
    Progress progress("rebuilding", head.sequence);
    return journal::rebuild(*live, *rebuilt, config.province_id(), projections, all_upcasters(),
                            [&](std::int64_t sequence) { progress.reached(sequence); });
  }());

  Outcome outcome{report.same(), false, report.events, report.tables, {}};
  for (const auto& d : report.differences) {
    outcome.differences.push_back(
        {d.table, d.live_rows, d.rebuilt_rows, d.different_rows, d.first_difference});
  }
  if (options.replace && !outcome.same) {
    VL_TRY(live, database->open_session());
    VL_CHECK(journal::replace_tables(*live, *rebuilt, config.province_id(), projections));
    outcome.replaced = true;
  }
  return outcome;
}

void print(std::FILE* out, const Outcome& outcome) {
  fmt::print(out, "Rebuilt {} tables from {} events.\n", outcome.tables, outcome.events);
  for (const auto& d : outcome.differences) {
    fmt::print(out, "  DIFFERENT {}: {} rows live, {} rebuilt, {} not in both; {}\n", d.table,
               d.live_rows, d.rebuilt_rows, d.different_rows, d.first_difference);
  }
  if (outcome.same) {
    fmt::print(out, "Every row is as it should be.\n");
  } else if (outcome.replaced) {
    fmt::print(out, "The live tables have been replaced by the rebuilt ones.\n");
  } else {
    fmt::print(out, "Keep this output; then stop the centre and run this again with --replace.\n");
  }
}

}  // namespace

int journal_rebuild(const Config& config, const RebuildOptions& options, std::FILE* out) {
  const auto outcome = rebuild_and_compare(config, options);
  if (!outcome) return complain(outcome.error());
  if (options.json) {
    fmt::print(out, "{}\n", json::write(*outcome));
  } else {
    print(out, *outcome);
  }
  return outcome->same || outcome->replaced ? exit_ok : exit_problems;
}

}  // namespace vl::app
