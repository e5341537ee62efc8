#include <gtest/gtest.h>

#include <vonglau/store/testing/old_schemas.hpp>
#include <vonglau/store/testing/statement_lint.hpp>
#include <vonglau/vault/schema.hpp>

namespace vl::vault {
namespace {

class VaultSchemas : public store::testing::EachEngine {};

TEST_P(VaultSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/vault/schemas"),
                   .set = migrations(),
                   .others = {}});
}

TEST(Statements, mean_the_same_on_both_engines) {
  EXPECT_EQ(store::testing::statement_problems("src/vault"), "");
}

VL_ON_EACH_ENGINE(VaultSchemas);

}  // namespace
}  // namespace vl::vault
