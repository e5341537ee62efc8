#include <gtest/gtest.h>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::cameras {
namespace {

class CameraSchemas : public store::testing::EachEngine {};

TEST_P(CameraSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/cameras/schemas"),
                   .set = migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(CameraSchemas);

}  // namespace
}  // namespace vl::cameras
