#include <gtest/gtest.h>

#include <vonglau/store/testing/old_schemas.hpp>
#include <vonglau/walls/schema.hpp>

namespace vl::walls {
namespace {

class WallSchemas : public store::testing::EachEngine {};

TEST_P(WallSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/walls/schemas"),
                   .set = migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(WallSchemas);

}  // namespace
}  // namespace vl::walls
