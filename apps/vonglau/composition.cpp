#include "composition.hpp"

#include <vonglau/access/people_projection.hpp>
#include <vonglau/access/schema.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/schema.hpp>
#include <vonglau/dispatch/schema.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/fleet/health_history.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/boundaries.hpp>
#include <vonglau/situation/history.hpp>
#include <vonglau/vault/schema.hpp>
#include <vonglau/walls/schema.hpp>

namespace vl::app {

std::vector<store::MigrationSet> all_migrations() {
  return {journal::migrations(), vault::migrations(),     access::migrations(),
          node::migrations(),    incidents::migrations(), dispatch::migrations(),
          cameras::migrations(), fleet::migrations(),     routes::boundary_migrations(),
          exports::migrations(), devices::migrations(),   walls::migrations()};
}

std::vector<store::MigrationSet> telemetry_migrations() {
  return {dispatch::telemetry_migrations(), situation::snapshot_migrations(),
          fleet::telemetry_migrations()};
}

std::vector<std::unique_ptr<journal::Projection>> all_projections() {
  std::vector<std::unique_ptr<journal::Projection>> projections;
  projections.push_back(std::make_unique<access::PeopleProjection>());
  projections.push_back(std::make_unique<node::NodeTables>());
  projections.push_back(std::make_unique<incidents::IncidentTables>());
  projections.push_back(std::make_unique<dispatch::UnitTables>());
  projections.push_back(std::make_unique<cameras::CameraTables>());
  projections.push_back(std::make_unique<devices::DeviceTables>());
  projections.push_back(std::make_unique<exports::ExportTables>());
  projections.push_back(std::make_unique<fleet::FleetTables>());
  projections.push_back(std::make_unique<walls::WallTables>());
  return projections;
}

std::vector<journal::Projection*> pointers_to(
    std::span<const std::unique_ptr<journal::Projection>> projections) {
  std::vector<journal::Projection*> pointers;
  for (const auto& projection : projections) pointers.push_back(projection.get());
  return pointers;
}

journal::Upcasters all_upcasters() {
  return {};
}

}  // namespace vl::app
