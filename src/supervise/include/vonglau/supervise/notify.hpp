// The child's side: how a supervised process tells that it is ready and alive, and how a process
// under systemd does.
//
// Both are quiet where nobody listens (started by hand). Any thread.
#pragma once

#include <string_view>

namespace vl::supervise {

/// To the supervisor that started this process: it answers requests now. Once is enough.
void tell_ready();
/// To the supervisor: still making progress. After the first time the supervisor restarts this
/// process when it is silent for 20 s, so call it every few seconds from the thread whose
/// standstill matters.
void tell_alive();

/// To systemd (sd_notify(3)): "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...".
void tell_systemd(std::string_view state);

}  // namespace vl::supervise
