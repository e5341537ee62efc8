#include <gtest/gtest.h>

#include <vonglau/fleet/health_history.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::fleet {
namespace {

class FleetSchemas : public store::testing::EachEngine {};

TEST_P(FleetSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/fleet/schemas"),
                   .set = migrations(),
                   .others = {}});
}
TEST_P(FleetSchemas, of_telemetry_are_kept_too) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/fleet/schemas/telemetry"),
                   .set = telemetry_migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(FleetSchemas);

}  // namespace
}  // namespace vl::fleet
