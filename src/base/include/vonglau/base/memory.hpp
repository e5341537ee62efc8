// What the program's allocator does with memory that was let go of.
#pragma once

#include <cstdint>

namespace vl {

/// Given back to the system after so long, not at once: for a program that lets go of and takes
/// a quarter of a gigabyte each second, as a recorder of a thousand cameras does. It then holds
/// up to a second's more. Nothing where the allocator is the C library's. Before threads are made.
void keep_freed_memory(std::int64_t for_ms);

}  // namespace vl
