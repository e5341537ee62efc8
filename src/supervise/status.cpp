#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>

#include <vonglau/base/json.hpp>
#include <vonglau/supervise/status.hpp>

#include "local_socket.hpp"

namespace vl::supervise {

BOOST_DESCRIBE_ENUM(ProcessState, starting, running, backing_off, stopped)
BOOST_DESCRIBE_ENUM(ProcessEventKind, started, ready, exited, hung, could_not_start)
BOOST_DESCRIBE_STRUCT(ProcessStatus, (),
                      (name, pid, state, restarts, since_us, last_exit, cpu_s, memory_bytes))
BOOST_DESCRIBE_STRUCT(ProcessEvent, (), (number, at_us, process, kind, detail))
BOOST_DESCRIBE_STRUCT(StatusReport, (), (supervisor_pid, since_us, processes, events))

namespace {
constexpr std::size_t largest_report_bytes = 256 * 1024;
}

std::string text_of(const StatusReport& report) {
  return json::write(report);
}

Result<StatusReport> read_report(const std::string& path, std::int64_t timeout_ms) {
  VL_TRY(const Descriptor socket, connect_to(path));
  const SystemClock clock;
  const std::int64_t deadline_us = clock.mono().us + timeout_ms * 1000;
  std::string text;
  char buffer[16 * 1024];
  while (true) {
    const std::int64_t left_ms = (deadline_us - clock.mono().us) / 1000;
    pollfd poll_fd{socket.get(), POLLIN, 0};
    if (left_ms <= 0 || ::poll(&poll_fd, 1, static_cast<int>(left_ms)) == 0) {
      return fail(SuperviseError::unavailable, "the supervisor does not answer at " + path);
    }
    const ssize_t count = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return fail(SuperviseError::unavailable,
                  "the supervisor's answer broke off: " + std::string(std::strerror(errno)));
    }
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > largest_report_bytes) {
      return fail(SuperviseError::malformed, "the supervisor's answer has no end");
    }
  }
  auto report = json::read_text<StatusReport>(text, json::Unknown::ignore);
  if (!report) {
    return fail(SuperviseError::malformed,
                "what answers at " + path + " is no supervisor: " + report.error().message);
  }
  return report;
}

Result<std::vector<ProcessStatus>> read_status(const std::string& path, std::int64_t timeout_ms) {
  VL_TRY(auto report, read_report(path, timeout_ms));
  return std::move(report.processes);
}

}  // namespace vl::supervise
