#include <gtest/gtest.h>

#include <vonglau/situation/history.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::situation {
namespace {

class SnapshotSchemas : public store::testing::EachEngine {};

TEST_P(SnapshotSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/situation/schemas"),
                   .set = snapshot_migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(SnapshotSchemas);

}  // namespace
}  // namespace vl::situation
