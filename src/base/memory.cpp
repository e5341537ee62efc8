#include <vonglau/base/memory.hpp>

#if __has_include(<mimalloc.h>)
#include <mimalloc.h>
// Only programs are linked with it (cmake/dependencies.cmake), tests are not.
#pragma weak mi_option_set
#endif

namespace vl {

void keep_freed_memory([[maybe_unused]] std::int64_t for_ms) {
#if __has_include(<mimalloc.h>)
  if (&mi_option_set != nullptr) mi_option_set(mi_option_decommit_delay, static_cast<long>(for_ms));
#endif
}

}  // namespace vl
