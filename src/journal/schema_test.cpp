#include <gtest/gtest.h>

#include <vonglau/journal/schema.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::journal {
namespace {

class JournalSchemas : public store::testing::EachEngine {};

TEST_P(JournalSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/journal/schemas"),
                   .set = migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(JournalSchemas);

}  // namespace
}  // namespace vl::journal
