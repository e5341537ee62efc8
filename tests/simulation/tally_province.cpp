#include "tally_province.hpp"

#include <cstdlib>

#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/verify.hpp>

namespace vl::simulation {

Result<void> TallyProvince::migrate(store::Database& database) const {
  const store::MigrationSet sets[] = {journal::migrations(), journal::testing::tally_migrations()};
  VL_TRY(auto session, database.open_session());
  VL_CHECK(store::migrate(*session, sets, clock_));
  return {};
}

Result<std::unique_ptr<journal::Writer>> TallyProvince::open_writer(store::Database& database) {
  journal::WriterOptions options;
  options.province = kProvince;
  options.snapshot_every = 4;
  options.cached_streams = 3;
  return journal::Writer::open(database, clock_, options, {&projection_}, no_upcasters_);
}

Result<std::unique_ptr<journal::Journal>> TallyProvince::open_journal(
    store::Database& database, journal::JournalOptions options) {
  options.writer.province = kProvince;
  return journal::Journal::open(database, clock_, std::move(options), {&projection_},
                                no_upcasters_);
}

Result<journal::RebuildReport> TallyProvince::rebuild(store::Database& live,
                                                      store::Database& scratch) {
  VL_CHECK(migrate(scratch));
  VL_TRY(auto from, live.open_session());
  VL_TRY(auto into, scratch.open_session());
  journal::Projection* const projections[] = {&projection_};
  return journal::rebuild(*from, *into, kProvince, projections, no_upcasters_);
}

Result<Holdings> read_holdings(store::Database& database) {
  VL_TRY(auto session, database.open_session());
  VL_CHECK(session->begin_read());
  Holdings found;
  std::map<Uuid, std::int64_t> folded;
  VL_CHECK(journal::read_events(*session, kProvince, {}, nullptr, [&](journal::Event&& event) {
    if (event.sequence != std::ssize(found.events) + 1)
      found.unsound = "a hole before sequence " + std::to_string(event.sequence);
    const auto added = json::read_text<journal::testing::Added>(event.body);
    found.events.push_back({event.stream.id, added ? added->amount : 0});
    folded[event.stream.id] += found.events.back().amount;
    return true;
  }));
  VL_CHECK(session->query("SELECT tally_id, total FROM tally_rows WHERE province_id = $1",
                          {kProvince}, [&](const store::Row& row) {
                            found.totals[row.uuid(0)] = row.integer(1);
                            return true;
                          }));
  if (folded != found.totals) found.unsound = "the read table is not what the events give";
  VL_TRY(const auto receipts,
         session->query_integer("SELECT count(*) FROM journal_receipts WHERE province_id = $1",
                                {kProvince}));
  found.receipts = receipts.value_or(0);
  VL_TRY(const auto report, journal::verify(*session, kProvince, {}));
  if (!report.ok())
    found.unsound = std::string(name_of(report.problems.front().what)) + " at sequence " +
                    std::to_string(report.problems.front().sequence);
  VL_CHECK(session->commit());
  return found;
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* asked = std::getenv(variable);
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : otherwise;
}

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace vl::simulation
