// What every route may use. Owned by the composition root, which outlives the server; all
// members may be used from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <vonglau/access/role.hpp>
#include <vonglau/access/routes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/http/message.hpp>
#include <vonglau/http/router.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/root_keeper.hpp>
#include <vonglau/routes/control_desk.hpp>
#include <vonglau/routes/export_desk.hpp>
#include <vonglau/routes/health_board.hpp>
#include <vonglau/routes/live_positions.hpp>
#include <vonglau/routes/node_hub.hpp>
#include <vonglau/routes/places.hpp>
#include <vonglau/routes/readers.hpp>
#include <vonglau/routes/watch.hpp>
#include <vonglau/situation/history.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::routes {

struct Core {
  ProvinceId province;
  std::string province_name;
  bool demonstration = false;
  std::string version;
  const Clock& clock;
  IdSource& ids;
  journal::Journal& journal;
  const journal::Upcasters& upcasters;
  journal::RootKeeper& roots;
  std::filesystem::path anchor_folder;  // where the roots are
  Bytes root_key;                       // their public key
  store::Database& database;            // the province's
  Readers& readers;                     // of it
  Readers& telemetry_readers;
  vault::Vault& vault;
  situation::History& history;
  LivePositions& positions;
  HealthBoard& health;
  WatchHub& watch;
  NodeHub& nodes;
  Places& places;
  const SigningKey& ticket_key;   // of media tickets
  std::string enrolment_key;      // what a node shows when it registers
  std::string supervisor_socket;  // "" when nobody supervises
  ExportDesk* exports = nullptr;
  ControlDesk* control = nullptr;
};

/// Who calls, as the gate found out.
struct Caller {
  Uuid person;  // or the node
  access::Roles roles;
  access::Grant grant = access::Grant::all;
  bool is_node = false;
  std::string session_token;  // for signing out; "" for nodes
};

using Handle = std::function<Result<http::Response>(const http::Request&, const Caller&)>;

/// Adds one route below /api/v1; errors become their response.
void add(http::Router& router, http::Method method, std::string path, Handle handle,
         http::RouteOptions options = {});

}  // namespace vl::routes
