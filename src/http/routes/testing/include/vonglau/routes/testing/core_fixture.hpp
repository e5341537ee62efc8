// A whole core but for the server: real journal, vault, places and hubs over a fresh database.
// Requests go through the router as the server would hand them over, with a Caller as the gate
// would have found it. For tests of this room and of those that stand on it.
#pragma once

#include <filesystem>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/schema.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/boundaries.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/fleet_watch.hpp>
#include <vonglau/routes/gate.hpp>
#include <vonglau/routes/operations.hpp>
#include <vonglau/routes/wall_watch.hpp>
#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/vault/schema.hpp>
#include <vonglau/walls/schema.hpp>

namespace vl::routes {

class CoreTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    vault::start_crypto();
    const store::MigrationSet sets[] = {journal::migrations(),
                                        vault::migrations(),
                                        node::migrations(),
                                        incidents::migrations(),
                                        dispatch::migrations(),
                                        cameras::migrations(),
                                        devices::migrations(),
                                        exports::migrations(),
                                        fleet::migrations(),
                                        walls::migrations(),
                                        fleet::telemetry_migrations(),
                                        dispatch::telemetry_migrations(),
                                        situation::snapshot_migrations(),
                                        boundary_migrations()};
    ASSERT_TRUE(store::migrate(*session(), sets, clock_));
    master_.emplace(vault::MasterKey::random());
    keys_ = *vault::KeyStore::open_file(folder() + "/keys.db", *master_, clock_);
    objects_ = *vault::Objects::open(folder() + "/objects");
    vault_ = std::make_unique<vault::Vault>(kProvince, *keys_, *objects_, clock_, ids_);
    journal::JournalOptions options;
    options.writer.province = kProvince;
    journal_ =
        *journal::Journal::open(database(), clock_, options,
                                {&incident_tables_, &unit_tables_, &camera_tables_, &node_tables_,
                                 &fleet_tables_, &export_tables_, &device_tables_, &wall_tables_},
                                upcasters_);
    roots_ = std::make_unique<journal::RootKeeper>(*journal::RootLog::open(anchor(), kProvince),
                                                   signing_key_, clock_,
                                                   [this] { return journal_->head(); });
    readers_ = std::make_unique<Readers>(database());
    watch_ = std::make_unique<WatchHub>(journal_->tail());
    nodes_ = std::make_unique<NodeHub>(kProvince, clock_, *journal_, *readers_, *vault_);
    exports_ = std::make_unique<ExportDesk>(ExportDesk::Parts{
        kProvince, "Bắc Ninh", "test", signing_key_, signing_key_, clock_, ids_, *vault_,
        [](const Uuid& person) { return "person " + person.text().substr(32); },
        [this](std::shared_ptr<const std::string> text) { watch_->tell_all("export", text); }});
    nodes_->set_exports(*exports_);
    health_ = std::make_unique<HealthBoard>(database(), kProvince, clock_, nullptr);
    fleet_ = std::make_unique<FleetWatch>(kProvince, clock_, ids_, *journal_, *readers_);
    walls_ = std::make_unique<WallWatch>(kProvince, clock_, ids_, *journal_, *readers_);
    positions_ = std::make_unique<LivePositions>(database(), kProvince, nullptr);
    static const auto gazetteer =
        std::make_shared<const places::Gazetteer>(places::Gazetteer::demonstration());
    places_ = std::make_unique<Places>(gazetteer, nullptr);
    core_.reset(new Core{kProvince,
                         "Bắc Ninh",
                         true,
                         "test",
                         clock_,
                         ids_,
                         *journal_,
                         upcasters_,
                         *roots_,
                         anchor(),
                         signing_key_.public_key(),
                         database(),
                         *readers_,
                         *readers_,
                         *vault_,
                         history_,
                         *positions_,
                         *health_,
                         *watch_,
                         *nodes_,
                         *places_,
                         signing_key_,
                         "enrolment-key-of-the-test",
                         "",
                         exports_.get()});
    add_report_routes(router_, *core_);
    add_incident_routes(router_, *core_);
    add_unit_routes(router_, *core_);
    add_situation_routes(router_, *core_);
    add_camera_routes(router_, *core_);
    control_ = std::make_unique<ControlDesk>(kProvince, clock_, *journal_, *readers_);
    core_->control = control_.get();
    add_device_routes(router_, *core_);
    add_export_routes(router_, *core_);
    add_player_routes(router_, *core_);
    add_mark_route(router_, *core_);
    add_fleet_routes(router_, *core_);
    add_wall_routes(router_, *core_);
    add_contribution_routes(router_, *core_);
    add_place_routes(router_, *core_);
    add_boundary_route(router_, *core_);
    add_node_routes(router_, *core_);
    add_process_routes(router_, *core_);
    add_journal_routes(router_, *core_);
    add_watch_route(router_, *core_);
  }

  std::filesystem::path anchor() { return std::filesystem::path(folder()) / "anchor"; }

  struct Answer {
    int status = 0;
    json::Value body;
    const json::Value& operator[](std::string_view name) const { return body.at(name); }
    std::string code() const {
      const auto* o = body.if_object();
      return o != nullptr && o->contains("error")
                 ? std::string(o->at("error").at("code").as_string())
                 : "";
    }
  };
  Answer send(http::Method method, std::string path, const Caller& caller, std::string body = "",
              http::Fields headers = {}) {
    http::Request request;
    request.method = method;
    const auto question = path.find('?');
    request.path = "/api/v1" + path.substr(0, question);
    for (std::size_t at = 1; at < request.path.size();) {
      const auto end = std::min(request.path.find('/', at), request.path.size());
      request.segments.push_back(request.path.substr(at, end - at));
      at = end + 1;
    }
    if (question != std::string::npos) {
      for (std::size_t at = question + 1; at < path.size();) {
        const auto end = std::min(path.find('&', at), path.size());
        const auto text = path.substr(at, end - at);
        const auto equals = text.find('=');
        request.query.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        at = end + 1;
      }
    }
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.context = caller;
    const auto response = router_.handle(request);
    auto parsed = json::parse(response.body_text());
    return {response.status, parsed ? std::move(*parsed) : json::Value()};
  }
  Answer get(std::string path, const Caller& caller) {
    return send(http::Method::get, std::move(path), caller);
  }
  Answer post(std::string path, const Caller& caller, std::string body = "{}") {
    return send(http::Method::post, std::move(path), caller, std::move(body));
  }
  Caller person(access::Roles roles) {
    Caller caller;
    caller.person = ids_.next();
    caller.roles = roles;
    return caller;
  }
  static std::string id_of(const json::Value& value) {
    return std::string(value.at("id").as_string());
  }
  std::int64_t count_events(std::string_view type) {
    auto reader = session();
    return reader
        ->query_integer("SELECT count(*) FROM journal_events WHERE province_id = $1 AND type = $2",
                        {kProvince, type})
        ->value_or(-1);
  }

  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 9};
  SigningKey signing_key_ = SigningKey::from_seed({7});
  incidents::IncidentTables incident_tables_;
  dispatch::UnitTables unit_tables_;
  cameras::CameraTables camera_tables_;
  fleet::FleetTables fleet_tables_;
  walls::WallTables wall_tables_;
  node::NodeTables node_tables_;
  exports::ExportTables export_tables_;
  devices::DeviceTables device_tables_;
  journal::Upcasters upcasters_;
  situation::History history_{kProvince, upcasters_};
  std::optional<vault::MasterKey> master_;
  std::unique_ptr<vault::KeyStore> keys_;
  std::unique_ptr<vault::Objects> objects_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::RootKeeper> roots_;
  std::unique_ptr<Readers> readers_;
  std::unique_ptr<WatchHub> watch_;
  std::unique_ptr<ExportDesk> exports_;
  std::unique_ptr<NodeHub> nodes_;
  std::unique_ptr<LivePositions> positions_;
  std::unique_ptr<HealthBoard> health_;
  std::unique_ptr<FleetWatch> fleet_;
  std::unique_ptr<ControlDesk> control_;
  std::unique_ptr<WallWatch> walls_;
  std::unique_ptr<Places> places_;
  std::unique_ptr<Core> core_;
  http::Router router_;
  const Caller an_ = person({access::Role::call_taker});
  const Caller binh_ = person({access::Role::call_taker});
  const Caller dung_ = person({access::Role::dispatcher});
};

}  // namespace vl::routes
