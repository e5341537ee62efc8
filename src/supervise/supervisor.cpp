#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "child.hpp"
#include "local_socket.hpp"
#include "notify_protocol.hpp"

namespace vl::supervise {
namespace {

constexpr std::size_t most_processes = 32;
constexpr std::size_t events_kept = 200;

struct Supervised {
  Supervised(ProcessSpec s, RestartPolicy policy, const Clock& clock)
      : spec(std::move(s)), life(policy, clock.mono()), since(clock.wall()) {}
  ProcessSpec spec;
  ProcessLife life;
  WallTime since;
  ProcessState shown = ProcessState::backing_off;
  std::optional<Child> child;
  std::optional<std::string> last_exit;
};

struct Watched {
  int fd;
  std::function<void()> on_readable;
};

class LinuxSupervisor final : public Supervisor {
 public:
  LinuxSupervisor(Descriptor lock, Descriptor listener, RestartPolicy policy,
                  std::vector<ProcessSpec> specs, const Clock& clock, OnEvent on_event)
      : lock_(std::move(lock)),
        listener_(std::move(listener)),
        clock_(clock),
        on_event_(std::move(on_event)),
        since_(clock.wall()) {
    for (auto& spec : specs) processes_.emplace_back(std::move(spec), policy, clock);
  }

  ~LinuxSupervisor() override {
    for (auto& process : processes_) {
      if (!process.child) continue;
      process.child->signal(SIGKILL);
      pollfd poll_fd{process.child->exit_fd(), POLLIN, 0};
      ::poll(&poll_fd, 1, -1);
      process.child->reap();
    }
  }

  void watch(int fd, std::function<void()> on_readable) override {
    watched_.push_back({fd, std::move(on_readable)});
  }

  void stop() override {
    for (auto& process : processes_) process.life.stop(clock_.mono());
  }

  bool finished() const override {
    return std::ranges::all_of(
        processes_, [](const Supervised& p) { return p.life.state() == ProcessState::stopped; });
  }

  void step(std::int64_t longest_wait_ms) override {
    for (auto& process : processes_) act(process);
    std::vector<pollfd> fds{{listener_.get(), POLLIN, 0}};
    for (const auto& watched : watched_) fds.push_back({watched.fd, POLLIN, 0});
    for (const auto& process : processes_) {
      fds.push_back({process.child ? process.child->words_fd() : -1, POLLIN, 0});
      fds.push_back({process.child ? process.child->exit_fd() : -1, POLLIN, 0});
    }
    if (::poll(fds.data(), fds.size(), wait_ms(longest_wait_ms)) <= 0) fds.clear();
    std::size_t at = 0;
    const auto ready = [&] { return at < fds.size() && fds[at++].revents != 0; };
    if (ready()) answer();
    for (const auto& watched : watched_)
      if (ready()) watched.on_readable();
    for (auto& process : processes_) {
      if (ready()) hear(process);
      if (ready()) bury(process);
    }
    for (auto& process : processes_) act(process);
  }

  StatusReport report() const override {
    StatusReport report{::getpid(), since_, {}, {events_.begin(), events_.end()}};
    for (const auto& process : processes_) {
      ProcessStatus status;
      status.name = process.spec.name;
      status.state = process.life.state();
      status.restarts = process.life.restarts();
      status.since_us = process.since;
      status.last_exit = process.last_exit;
      if (process.child) {
        status.pid = process.child->pid();
        if (const auto usage = process.child->usage()) {
          status.cpu_s = usage->cpu_s;
          status.memory_bytes = usage->memory_bytes;
        }
      }
      report.processes.push_back(std::move(status));
    }
    return report;
  }

 private:
  int wait_ms(std::int64_t longest_wait_ms) const {
    std::int64_t wait = longest_wait_ms;
    for (const auto& process : processes_) {
      if (const auto due = process.life.due()) {
        wait = std::min(wait, (due->us - clock_.mono().us + 999) / 1000);
      }
    }
    return static_cast<int>(std::clamp<std::int64_t>(wait, 0, 60'000));
  }

  // Does what the policy says is due.
  void act(Supervised& process) {
    switch (process.life.next(clock_.mono())) {
      case Step::wait:
        break;
      case Step::start:
        start(process);
        break;
      case Step::ask_to_end:
        process.child->signal(SIGTERM);
        break;
      case Step::kill:
        if (process.life.hung()) tell(process, ProcessEventKind::hung, "silent for too long");
        process.child->signal(SIGKILL);
        break;
    }
    if (process.shown != process.life.state()) {
      if (process.life.state() == ProcessState::running) {
        tell(process, ProcessEventKind::ready, "");
      }
      process.shown = process.life.state();
      process.since = clock_.wall();
    }
  }

  void start(Supervised& process) {
    auto child = Child::start(process.spec);
    if (!child) {
      process.life.could_not_start(clock_.mono());
      process.last_exit = child.error().message;
      tell(process, ProcessEventKind::could_not_start, child.error().message);
      return;
    }
    process.child.emplace(std::move(*child));
    process.life.started(clock_.mono());
    tell(process, ProcessEventKind::started, fmt::format("pid {}", process.child->pid()));
  }

  void hear(Supervised& process) {
    for (const char word : process.child->read_words()) {
      if (word == word_ready) process.life.said_ready(clock_.mono());
      if (word == word_alive) process.life.said_alive(clock_.mono());
    }
  }

  void bury(Supervised& process) {
    if (!process.child) return;
    auto how = process.child->reap();
    if (!how) return;
    process.child.reset();
    process.last_exit = *how;
    process.life.exited(clock_.mono());
    tell(process, ProcessEventKind::exited, *how);
  }

  void tell(const Supervised& process, ProcessEventKind kind, std::string detail) {
    events_.push_back({++events_told_, clock_.wall(), process.spec.name, kind, std::move(detail)});
    if (events_.size() > events_kept) events_.pop_front();
    if (on_event_) on_event_(events_.back());
  }

  void answer() {
    const Descriptor caller(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!caller) return;
    const std::string text = text_of(report());
    // Fits the buffer of a Unix socket; a caller that gets only a part sees that it is no JSON.
    ::send(caller.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  Descriptor lock_;
  Descriptor listener_;
  const Clock& clock_;
  OnEvent on_event_;
  const WallTime since_;
  std::vector<Supervised> processes_;
  std::vector<Watched> watched_;
  std::deque<ProcessEvent> events_;
  std::int64_t events_told_ = 0;
};

Result<Descriptor> take_lock(const std::string& folder) {
  const std::string path = folder + "/supervisor.lock";
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) {
    return fail(SuperviseError::refused,
                fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(SuperviseError::already_runs,
                "another `vonglau serve` already runs on " + folder + "; stop that one first");
  }
  return lock;
}

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::open(SupervisorOptions options,
                                                     std::vector<ProcessSpec> processes,
                                                     const Clock& clock, OnEvent on_event) {
  VL_ASSERT(processes.size() <= most_processes);
  for (const auto& spec : processes) VL_ASSERT(!spec.command.empty());
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    return fail(SuperviseError::refused,
                fmt::format("cannot make the folder {}: {}", options.folder, error.message()));
  }
  VL_TRY(Descriptor lock, take_lock(options.folder));
  VL_TRY(Descriptor listener, listen_at(socket_path(options.folder)));
  return std::make_unique<LinuxSupervisor>(std::move(lock), std::move(listener), options.policy,
                                           std::move(processes), clock, std::move(on_event));
}

std::string socket_path(const std::string& folder) {
  return folder + "/supervisor.sock";
}

}  // namespace vl::supervise
