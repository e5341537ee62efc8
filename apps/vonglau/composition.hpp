// What this program is composed of: every room's tables, projections and upcasters, in one
// place, for the core, `vonglau journal` and `vonglau doctor` alike. A room that brings tables
// or events is added here.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <vonglau/journal/projection.hpp>
#include <vonglau/journal/upcast.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::app {

/// Of the province's database (`store.address`), in the order in which they are applied.
std::vector<store::MigrationSet> all_migrations();
/// Of the telemetry database (Config::telemetry_address()).
std::vector<store::MigrationSet> telemetry_migrations();

std::vector<std::unique_ptr<journal::Projection>> all_projections();
std::vector<journal::Projection*> pointers_to(
    std::span<const std::unique_ptr<journal::Projection>> projections);

journal::Upcasters all_upcasters();

}  // namespace vl::app
