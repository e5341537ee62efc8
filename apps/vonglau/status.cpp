// `vonglau status`: how the processes of the `vonglau serve` on this machine are.
#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include <vonglau/supervise/supervisor.hpp>

#include "demonstration_people.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

using supervise::ProcessState;
using supervise::StatusReport;

struct StatusOptions {
  bool json = false;
  bool where = false;
  std::int64_t wait_s = 0;
};

bool all_run(const StatusReport& report) {
  return std::ranges::all_of(report.processes, [](const supervise::ProcessStatus& process) {
    return process.state == ProcessState::running;
  });
}

std::string_view name_of(ProcessState state) {
  switch (state) {
    case ProcessState::starting:
      return "starting";
    case ProcessState::running:
      return "running";
    case ProcessState::backing_off:
      return "backing off";
    case ProcessState::stopped:
      break;
  }
  return "stopped";
}

void print(const StatusReport& report) {
  fmt::print("{:<12} {:<12} {:>8} {:>9} {:>9} {:>9}  {}\n", "process", "state", "pid", "restarts",
             "cpu s", "MiB", "last exit");
  for (const auto& process : report.processes) {
    fmt::print("{:<12} {:<12} {:>8} {:>9} {:>9} {:>9}  {}\n", process.name, name_of(process.state),
               process.pid ? std::to_string(*process.pid) : "-", process.restarts,
               process.cpu_s ? fmt::format("{:.1f}", *process.cpu_s) : "-",
               process.memory_bytes ? fmt::format("{}", *process.memory_bytes >> 20) : "-",
               process.last_exit.value_or(""));
  }
}

// Where the centre is and, of a demonstration, who may sign in.
int tell_where(const Config& config) {
  fmt::print("{}\n", config.core_url());
  if (!config.demonstration.enabled) return exit_ok;
  for (const auto& person : demonstration_people()) {
    if (person.shown)
      fmt::print("  {:<12} {:<16} {}\n", person.sign_in.login, person.sign_in.password,
                 person.sign_in.display_name);
  }
  return exit_ok;
}

int status(const Invocation& call, const StatusOptions& options) {
  auto config = call.config();
  if (!config) return complain(config.error(), exit_config);
  if (options.where) return tell_where(*config);
  const std::string socket = supervise::socket_path(config->run_folder());
  const SystemClock clock;
  const std::int64_t deadline_us = clock.mono().us + options.wait_s * 1'000'000;
  auto report = supervise::read_report(socket);
  while ((!report || !all_run(*report)) && clock.mono().us < deadline_us) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    report = supervise::read_report(socket);
  }
  if (!report) return complain(report.error());
  if (options.json) {
    fmt::print("{}\n", supervise::text_of(*report));
  } else {
    print(*report);
  }
  return all_run(*report) ? exit_ok : exit_problems;
}

}  // namespace

void add_status(Subcommand app, const Invocation& call) {
  auto status_app = app.add("status", "Show the processes that `serve` runs");
  auto options = std::make_shared<StatusOptions>();
  status_app.flag("--json", options->json, "As JSON");
  status_app.flag("--where", options->where,
                  "Only where the centre is, and a demonstration's sign-ins");
  status_app.option("--wait", options->wait_s, "Wait so many seconds until all of them run");
  status_app.does([&call, options] { return status(call, *options); });
}

}  // namespace vl::app
