#include <gtest/gtest.h>

#include <vonglau/dispatch/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::dispatch {
namespace {

class DispatchSchemas : public store::testing::EachEngine {};

TEST_P(DispatchSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/dispatch/schemas"),
                   .set = migrations(),
                   .others = {}});
}

TEST_P(DispatchSchemas, of_telemetry_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/dispatch/schemas/telemetry"),
                   .set = telemetry_migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(DispatchSchemas);

}  // namespace
}  // namespace vl::dispatch
