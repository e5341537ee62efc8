#include "child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify_protocol.hpp"

namespace vl::supervise {
namespace {

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(SuperviseError::refused, fmt::format("no pipe: {}", std::strerror(errno)));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// Everything the child needs after the fork, made before it: between fork and exec nothing may
// allocate, since another thread of a test may have held the allocator's lock.
struct Preparation {
  std::vector<char*> arguments;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  std::string oom_score_adjust;
};

Preparation prepare(const ProcessSpec& spec, int words_fd) {
  Preparation p;
  for (const auto& argument : spec.command)
    p.arguments.push_back(const_cast<char*>(argument.c_str()));
  p.arguments.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    // systemd's socket is for the supervisor, which answers for its children.
    const std::string_view text(*variable);
    if (!text.starts_with("NOTIFY_SOCKET=") && !text.starts_with("WATCHDOG_") &&
        !text.starts_with(notify_variable)) {
      p.environment_text.emplace_back(text);
    }
  }
  for (const auto& variable : spec.environment) p.environment_text.push_back(variable);
  p.environment_text.push_back(fmt::format("{}={}", notify_variable, words_fd));
  for (auto& variable : p.environment_text) p.environment.push_back(variable.data());
  p.environment.push_back(nullptr);
  p.oom_score_adjust = std::to_string(spec.oom_score_adjust);
  return p;
}

[[noreturn]] void become(const Preparation& p, pid_t parent, int words_fd, int failure_fd) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) ::signal(number, SIG_DFL);
  if (const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); fd >= 0) {
    [[maybe_unused]] const ssize_t written =
        ::write(fd, p.oom_score_adjust.data(), p.oom_score_adjust.size());
    ::close(fd);
  }
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  ::fcntl(words_fd, F_SETFD, 0);
  ::execve(p.arguments[0], p.arguments.data(), p.environment.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure_fd, &error, sizeof error);
  ::_exit(127);
}

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exited with {}", info.si_status);
  const char* name = ::strsignal(info.si_status);  // NOLINT(concurrency-mt-unsafe): one thread
  return fmt::format("killed by signal {} ({})", info.si_status, name == nullptr ? "?" : name);
}

}  // namespace

Result<Child> Child::start(const ProcessSpec& spec) {
  VL_TRY(Pipe words, make_pipe());
  VL_TRY(Pipe failure, make_pipe());
  ::fcntl(words.read.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(words.write.get(), F_SETFL, O_NONBLOCK);
  const Preparation preparation = prepare(spec, words.write.get());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(SuperviseError::refused,
                fmt::format("{} cannot be forked: {}", spec.name, std::strerror(errno)));
  }
  if (pid == 0) become(preparation, parent, words.write.get(), failure.write.get());
  ::setpgid(pid, pid);  // here too, so that a signal to the group cannot come too early
  failure.write.reset();
  int error = 0;
  ssize_t count = 0;
  do {
    count = ::read(failure.read.get(), &error, sizeof error);
  } while (count < 0 && errno == EINTR);
  Child child(pid, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))),
              std::move(words.read));
  if (count == sizeof error || !child.exit_) {
    const int why = count == sizeof error ? error : errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return fail(SuperviseError::refused,
                fmt::format("{} cannot be executed: {}", spec.command[0], std::strerror(why)));
  }
  return child;
}

std::string Child::read_words() {
  std::array<char, 256> buffer;
  const ssize_t count = ::read(words_.get(), buffer.data(), buffer.size());
  if (count == 0) words_.reset();  // closed by the child: or poll() would never wait again
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : std::string();
}

void Child::signal(int number) const {
  ::kill(-pid_, number);
}

std::optional<std::string> Child::reap() {
  // First look, then clear the group, then reap: until then the number cannot name others.
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid != pid_) {
    return {};
  }
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  return describe(info);
}

std::optional<ProcessUsage> Child::usage() const {
  std::ifstream stat_file(fmt::format("/proc/{}/stat", pid_));
  std::string line;
  if (!std::getline(stat_file, line)) return {};
  // The second field is the program's name in brackets and may hold spaces.
  const std::size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream fields(line.substr(bracket + 1));
  std::string field;
  double user = 0;
  double system = 0;
  std::int64_t pages = 0;
  for (int number = 3; number <= 24 && fields >> field; ++number) {  // proc(5), from 3: state
    if (number == 14) user = std::stod(field);
    if (number == 15) system = std::stod(field);
    if (number == 24) pages = std::stoll(field);
  }
  return ProcessUsage{(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)),
                      pages * ::sysconf(_SC_PAGESIZE)};
}

}  // namespace vl::supervise
