// Surveyed outlines: imported by an administrator, kept in the database, used from then on in
// the place of the generated ones.
#pragma once

#include <vonglau/places/boundaries.hpp>
#include <vonglau/routes/core.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::routes {

/// The table of imported files (written beside their events, not made from them).
store::MigrationSet boundary_migrations();

/// The units' newest imported outlines over the generated ones; the generated ones alone where
/// nothing was imported.
Result<std::shared_ptr<const places::Gazetteer>> load_gazetteer(store::Session& session,
                                                                ProvinceId province);

void add_boundary_route(http::Router& router, Core& core);

}  // namespace vl::routes
