#include <gtest/gtest.h>

#include <vonglau/incidents/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::incidents {
namespace {

class IncidentSchemas : public store::testing::EachEngine {};

TEST_P(IncidentSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/incidents/schemas"),
                   .set = migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(IncidentSchemas);

}  // namespace
}  // namespace vl::incidents
