// What this program is composed of: every room's tables, projections and upcasters, in one
// place, for the core, `vonglau journal` and `vonglau doctor` alike. A room that brings tables
// or events is added here.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <vonglau/journal/projection.hpp>
#include <vonglau/journal/upcast.hpp>
#include <vonglau/store/migrations.hpp>

#include "config.hpp"

namespace vl::app {

/// Of the province's database (`store.address`), in the order in which they are applied.
std::vector<store::MigrationSet> all_migrations();
/// Of the telemetry database (Config::telemetry_address()).
std::vector<store::MigrationSet> telemetry_migrations();

std::vector<std::unique_ptr<journal::Projection>> all_projections();
std::vector<journal::Projection*> pointers_to(
    std::span<const std::unique_ptr<journal::Projection>> projections);

journal::Upcasters all_upcasters();

struct FirstSignIn {
  std::string login;
  std::string one_time_password;
  std::int64_t valid_hours = 0;
};
/// Brings the site's database up to date and records its first administrator, with the centre
/// stopped. Refuses where there are people already.
using CreateFirstAdministrator =
    std::function<Result<FirstSignIn>(const Config&, const std::string& login, const Clock&)>;
CreateFirstAdministrator first_administrator();

}  // namespace vl::app
