#include <gtest/gtest.h>

#include <vonglau/node/registry.hpp>
#include <vonglau/store/testing/old_schemas.hpp>

namespace vl::node {
namespace {

class NodeSchemas : public store::testing::EachEngine {};

TEST_P(NodeSchemas, of_every_release_are_kept_and_upgraded_whole) {
  store::testing::upgrade_every_old_schema(
      GetParam(), {.folder = store::testing::source_path("src/node/schemas"),
                   .set = migrations(),
                   .others = {}});
}

VL_ON_EACH_ENGINE(NodeSchemas);

}  // namespace
}  // namespace vl::node
