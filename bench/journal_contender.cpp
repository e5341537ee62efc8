#include <vonglau/base/assert.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/incidents/commands.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

#include "contender.hpp"
#include "figures.hpp"

namespace vl::bench {

const char* const kInsertEvent =
    "INSERT INTO journal_events (province_id, sequence, wall_us, mono_us, actor_kind, actor_id,"
    " stream_kind, stream_id, stream_version, type, version, body, previous_hash, hash)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const char* const kInsertReport =
    "INSERT INTO reports (province_id, report_id, number, received_us, channel, service,"
    " category, severity, lat, lon, unit_code, state, place_item, name_item, number_item,"
    " narrative_item, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
    " 'waiting', $12, $13, $14, $15, $16)";
const char* const kInsertReceipt =
    "INSERT INTO journal_receipts (province_id, command_key, name, sequence, reply, at_us)"
    " VALUES ($1, $2, $3, $4, $5, $6)";

namespace {

incidents::ReportReceived a_report() {
  incidents::ReportReceived report;
  report.channel = incidents::Channel::phone;
  report.service = incidents::Service::fire;
  report.category = incidents::IncidentCategory::fire;
  report.severity = incidents::Severity::critical;
  report.point = GeoPoint{21.2734, 106.1946};
  report.unit_code = "07210";
  return report;
}

const SystemClock& system_clock() {
  static const SystemClock clock;
  return clock;
}
SystemIdSource& system_ids() {
  static SystemIdSource ids(system_clock());
  return ids;
}

class JournalContender final : public Contender {
 public:
  JournalContender(const std::string& address, int server_pid) : server_pid_(server_pid) {
    auto database = store::open_database(address);
    VL_ASSERT(database.has_value());
    database_ = std::move(*database);
    journal::JournalOptions options;
    options.writer.province = {kProvince};
    auto journal = journal::Journal::open(*database_, system_clock(), options, {&tables_}, none_);
    VL_ASSERT(journal.has_value());
    journal_ = std::move(*journal);
  }
  void execute(int) override {
    const incidents::Request request{journal::Actor::person(actor_), system_ids().next()};
    const auto receipt =
        journal_->execute(incidents::receive_report(request, {system_ids().next()}, report_, {}));
    VL_ASSERT(receipt.has_value());
  }
  double cpu_s() const override {
    return own_cpu_s() + (server_pid_ > 0 ? family_cpu_s(server_pid_) : 0);
  }

 private:
  const int server_pid_;
  const Uuid actor_ = system_ids().next();
  const incidents::ReportReceived report_ = a_report();
  incidents::IncidentTables tables_;
  journal::Upcasters none_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<journal::Journal> journal_;
};

}  // namespace

std::unique_ptr<Contender> journal_on(const std::string& address, int server_pid) {
  return std::make_unique<JournalContender>(address, server_pid);
}

void make_tables(const std::string& address) {
  const auto database = store::open_database(address);
  VL_ASSERT(database.has_value());
  const auto session = (*database)->open_session();
  VL_ASSERT(session.has_value());
  const store::MigrationSet sets[] = {journal::migrations(), incidents::migrations()};
  VL_ASSERT(store::migrate(**session, sets, system_clock()).has_value());
}

const std::string& ReportRows::body() const {
  static const std::string text = journal::draft_of("report", {}, a_report()).body;
  return text;
}

ReportRows next_rows() {
  ReportRows rows;
  rows.id = system_ids().next();
  rows.key = system_ids().next();
  rows.actor = rows.key;
  std::copy(rows.id.bytes.begin(), rows.id.bytes.end(), rows.hash.begin());
  rows.at_us = system_clock().wall().us;
  rows.reply = rows.id.text();
  return rows;
}

}  // namespace vl::bench
