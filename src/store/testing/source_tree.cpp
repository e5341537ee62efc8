#include <vonglau/store/testing/source_tree.hpp>

namespace vl::store::testing {

std::string source_path(std::string_view relative) {
  return VL_SOURCE_TREE "/" + std::string(relative);
}

}  // namespace vl::store::testing
