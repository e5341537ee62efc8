// A broken invariant of our own stops the process, in release too: a wrong record is worse
// than a restart, which the supervisor makes within seconds.
#pragma once

namespace vl {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define VL_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::vl::assertion_failed(#expression, __FILE__, __LINE__))
