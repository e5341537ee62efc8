// A journal with incidents and units over a fresh database, and short words for the main job.
// For tests of this room and of those that stand on it.
#pragma once

#include <gtest/gtest.h>

#include <vonglau/dispatch/commands.hpp>
#include <vonglau/dispatch/schema.hpp>
#include <vonglau/incidents/commands.hpp>
#include <vonglau/incidents/queries.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::dispatch::testing {

using incidents::IncidentCategory;
using incidents::Outcome;
using incidents::PersonId;
using incidents::ReportId;
using incidents::Severity;
using journal::Actor;

class MainJob : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    migrate(database());
    journal::JournalOptions options;
    options.writer.province = kProvince;
    auto opened = journal::Journal::open(database(), clock_, options,
                                         {&incident_tables_, &unit_tables_}, upcasters_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    reader_ = std::move(*database().open_reader());
  }
  void migrate(store::Database& fresh) {
    const store::MigrationSet sets[] = {journal::migrations(), incidents::migrations(),
                                        dispatch::migrations()};
    const auto migrated = store::migrate(**fresh.open_session(), sets, clock_);
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  Request by(const Uuid& person) { return {Actor::person(person), std::nullopt}; }
  ReportId receive(IncidentCategory category = IncidentCategory::fire) {
    const ReportId id{ids_.next()};
    incidents::ReportReceived report;
    report.category = category;
    report.severity = Severity::critical;
    report.point = GeoPoint{21.25, 106.12};
    report.unit_code = "07777";
    done(incidents::receive_report(by(an_), id, report, {}));
    return id;
  }
  IncidentId open_incident() {
    const ReportId report = receive();
    const IncidentId id{ids_.next()};
    done(incidents::claim_report(by(an_), report));
    done(incidents::open_incident_from(by(an_), report, id, {}));
    return id;
  }
  UnitId register_one(std::string call_sign) {
    const UnitId id{ids_.next()};
    done(register_unit(by(an_), id, {std::move(call_sign), UnitKind::fire_engine, {}}));
    return id;
  }
  void done(journal::Command command) {
    const auto receipt = journal_->execute(std::move(command));
    ASSERT_TRUE(receipt) << receipt.error().message;
  }
  std::string refused(journal::Command command) {
    const auto receipt = journal_->execute(std::move(command));
    return receipt ? "accepted" : std::string(receipt.error().code.name);
  }
  incidents::IncidentRow incident(IncidentId id) {
    return *incidents::incident(*reader_, kProvince, id);
  }

  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 3};
  const Uuid an_ = ids_.next();
  const Uuid binh_ = ids_.next();
  incidents::IncidentTables incident_tables_;
  UnitTables unit_tables_;
  journal::Upcasters upcasters_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<store::Session> reader_;
};

}  // namespace vl::dispatch::testing
