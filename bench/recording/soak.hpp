// Whether the recorder goes on as it began: all cameras into a ring that turns many times over.
#pragma once

#include "processes.hpp"

namespace vl::bench {

/// Prints memory, CPU and what was lost as time passes; at the end how memory grew, every gap that
/// the recorder told by its cause, and whether what the ring holds is whole. Not 0 where footage is
/// missing without a cause, was dropped, or does not agree with its hash.
int soak(const Settings& settings, double minutes);

}  // namespace vl::bench
