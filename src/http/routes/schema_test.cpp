#include <gtest/gtest.h>

#include <vonglau/routes/boundaries.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::routes {
namespace {

class BoundarySchemas : public store::testing::EachEngine {};

TEST_P(BoundarySchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/http/routes/schemas"),
                   .set = boundary_migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(BoundarySchemas);

}  // namespace
}  // namespace vl::routes
