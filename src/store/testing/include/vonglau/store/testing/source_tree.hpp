// Where tests find files that are kept in the repository. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace vl::store::testing {

/// The path of "src/store/schemas" and the like in the tree that this program was built from.
std::string source_path(std::string_view relative);

}  // namespace vl::store::testing
