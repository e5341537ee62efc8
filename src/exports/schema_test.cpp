#include <gtest/gtest.h>

#include <vonglau/exports/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::exports {
namespace {

class ExportSchemas : public store::testing::EachEngine {};

TEST_P(ExportSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/exports/schemas"),
                   .set = migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(ExportSchemas);

}  // namespace
}  // namespace vl::exports
