// What a call came to, for EXPECT_EQ.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::store::testing {

/// The error's code; nothing if it succeeded.
ErrorCode code(const auto& result) {
  return result ? ErrorCode{} : result.error().code;
}

}  // namespace vl::store::testing
