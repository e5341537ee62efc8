#include <gtest/gtest.h>

#include <vonglau/access/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>
#include <vonglau/store/testing/statement_lint.hpp>

namespace vl::access {
namespace {

class AccessSchemas : public store::testing::EachEngine {};

TEST_P(AccessSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/access/schemas"),
                   .set = migrations(),
                   .others = {}});
}

TEST(Statements, mean_the_same_on_both_engines) {
  EXPECT_EQ(store::testing::statement_problems("src/access"), "");
}

VL_ON_EACH_ENGINE(AccessSchemas);

}  // namespace
}  // namespace vl::access
