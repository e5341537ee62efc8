// `vonglau serve`: starts the core and the nodes of this machine and keeps them alive.
#include <csignal>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <sys/signalfd.h>

#include <vonglau/base/log.hpp>
#include <vonglau/supervise/notify.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "site.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

using supervise::ProcessEvent;
using supervise::ProcessEventKind;
using supervise::ProcessSpec;
using supervise::ProcessState;
using supervise::Supervisor;

// Ours say when they are ready; a start that takes longer than this is shown as running.
constexpr std::int64_t settle_us = 60'000'000;

std::vector<ProcessSpec> processes_of(const Config& config, const std::string& program) {
  std::vector<ProcessSpec> specs;
  const auto add = [&](std::string name, std::string subcommand, int oom_score_adjust) {
    specs.push_back({std::move(name),
                     {program, "--config", config.file, std::move(subcommand)},
                     {},
                     oom_score_adjust});
  };
  // When memory runs out, the simulation goes first and the core last.
  for (const auto& name : config.serve.processes) {
    if (name == "core") add("core", "core", 0);
    if (name == "recorder") add("recorder", "record", 200);
  }
  if (config.demonstration.enabled) add("simulation", "sim", 500);
  return specs;
}

void write_log(const ProcessEvent& event) {
  const log::Fields fields = {{"name", event.process}, {"detail", event.detail}};
  switch (event.kind) {
    case ProcessEventKind::started:
      return log::info("process.started", fields);
    case ProcessEventKind::ready:
      return log::info("process.ready", fields);
    case ProcessEventKind::exited:
      return log::warn("process.exited", fields);
    case ProcessEventKind::hung:
      return log::error("process.hung", fields);
    case ProcessEventKind::could_not_start:
      return log::error("process.could_not_start", fields);
  }
}

// SIGTERM and SIGINT as a descriptor that the supervisor's loop watches.
int signal_descriptor() {
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&ending, number);
  ::sigprocmask(SIG_BLOCK, &ending, nullptr);
  return ::signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Tells systemd how it goes, at most once a second and at least at half its watchdog's limit.
class SystemdReport {
 public:
  explicit SystemdReport(const Clock& clock) : clock_(clock) {}
  void tell(const Supervisor& supervisor) {
    const MonoTime now = clock_.mono();
    if (now.us - told_at_.us < 1'000'000) return;
    told_at_ = now;
    std::string status;
    bool all_running = true;
    for (const auto& process : supervisor.report().processes) {
      const bool running = process.state == ProcessState::running;
      all_running = all_running && running;
      status += fmt::format("{}{} {}", status.empty() ? "" : ", ", process.name,
                            running ? "runs" : "does not run");
    }
    if (all_running && !ready_) {
      ready_ = true;
      supervise::tell_systemd("READY=1");
    }
    supervise::tell_systemd("WATCHDOG=1\nSTATUS=" + status);
  }

 private:
  const Clock& clock_;
  MonoTime told_at_;
  bool ready_ = false;
};

int supervise_until_told(Supervisor& supervisor, const Clock& clock) {
  int signals_seen = 0;
  const int signals = signal_descriptor();
  supervisor.watch(signals, [&] {
    signalfd_siginfo info;
    while (::read(signals, &info, sizeof info) == sizeof info) ++signals_seen;
    if (signals_seen == 1) {
      log::info("serve.stopping");
      supervise::tell_systemd("STOPPING=1");
      supervisor.stop();
    }
  });
  SystemdReport systemd(clock);
  // A second signal means: now. The supervisor's destructor kills what is left.
  while (!supervisor.finished() && signals_seen < 2) {
    supervisor.step(500);
    systemd.tell(supervisor);
  }
  ::close(signals);
  return exit_ok;
}

struct ServeOptions {
  bool demonstration = false;
  std::string folder = "data";
  std::int64_t port = 8443;
  std::int64_t cameras = DemonstrationConfig{}.cameras;
};

// The demonstration makes its own site at its first start, on ports that are free then.
Result<Config> demonstration_config(const ServeOptions& options, const Clock& clock) {
  const std::string file = options.folder + "/vonglau.toml";
  if (std::filesystem::exists(file)) {
    VL_TRY(Config config, read_config(file));
    if (config.demonstration.enabled) return config;
    return fail(ConfigError::wrong_value,
                fmt::format("{} is a real site: serve it with --config, or choose another folder "
                            "for the demonstration with --data",
                            config.file),
                "demonstration.enabled");
  }
  Config settings;
  settings.demonstration.enabled = true;
  settings.access.second_factor = false;  // its passwords are known to everybody anyway
  settings.store.address = "sqlite:province.db";
  settings.folders.data = ".";
  settings.core.port = free_port_from(options.port);
  settings.recorder.port = free_port_from(settings.core.port + 1);
  settings.demonstration.cameras = options.cameras;
  settings.demonstration.camera_port = free_port_from(settings.recorder.port + 1);
  settings.limits.retention_days = 2;
  settings.limits.footage_gib = 20;
  VL_TRY(CreatedSite site, create_site(options.folder, settings, clock));
  return std::move(site.config);
}

int serve(const Invocation& call, const ServeOptions& options) {
  const SystemClock clock;
  auto config = options.demonstration ? demonstration_config(options, clock) : call.config();
  if (!config) return complain(config.error(), exit_config);
  log::start("serve", config->log.level == LogLevel::debug);
  auto supervisor = Supervisor::open({config->run_folder(), {.settle_us = settle_us}},
                                     processes_of(*config, call.program), clock, write_log);
  if (!supervisor) return complain(supervisor.error());
  log::info("serve.started", {{"config", config->file}});
  return supervise_until_told(**supervisor, clock);
}

}  // namespace

void add_serve(Subcommand app, const Invocation& call) {
  auto serve_app = app.add("serve", "Run the centre: the core and this machine's nodes");
  auto options = std::make_shared<ServeOptions>();
  const auto demonstration = serve_app.flag("--demonstration", options->demonstration,
                                            "A made-up province, made at the first start");
  serve_app.option("--data", options->folder, "Folder of the demonstration")
      .needs(demonstration)
      .shown();
  serve_app.option("--port", options->port, "For a new demonstration: this or the next free port")
      .needs(demonstration)
      .within(1024, 65000)
      .shown();
  serve_app.option("--cameras", options->cameras, "For a new demonstration: simulated cameras")
      .needs(demonstration)
      .within(0, 200)
      .shown();
  serve_app.does([&call, options] { return serve(call, *options); });
}

}  // namespace vl::app
