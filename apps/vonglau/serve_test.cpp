// The real program: `vonglau serve` with real processes, killed in every way.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/store/session.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "config.hpp"
#include "site.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

namespace fs = std::filesystem;
using supervise::ProcessState;
using supervise::ProcessStatus;

constexpr std::int64_t one_second_us = 1'000'000;

struct Serve : testing::Test {
  Serve() {
    std::string pattern = testing::TempDir() + "vonglau-serve-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    port = free_port_from(21000 + ::getpid() % 20000);
  }
  ~Serve() override {
    if (serve > 0) {
      ::kill(serve, SIGKILL);
      ::waitpid(serve, nullptr, 0);
    }
    fs::remove_all(folder);
  }

  pid_t launch(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), VONGLAU_PROGRAM);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
      const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    return pid;
  }
  int code_of(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void start() {
    serve =
        launch({"serve", "--demonstration", "--data", centre(), "--port", std::to_string(port)});
  }
  std::string centre() const { return folder + "/centre"; }
  std::string socket() const { return supervise::socket_path(centre() + "/run"); }

  /// Waits until it is so, at most two minutes: a sanitized start beside other tests takes half of
  /// one.
  bool until(const std::function<bool()>& so) {
    const std::int64_t deadline_us = clock.mono().us + 120 * one_second_us;
    while (!so()) {
      if (clock.mono().us > deadline_us) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  std::vector<ProcessStatus> processes() {
    auto status = supervise::read_status(socket());
    return status ? std::move(*status) : std::vector<ProcessStatus>{};
  }
  /// Whether there is an event of this type whose body has this name.
  bool journal_tells(const std::string& type, const std::string& name) const {
    const auto config = read_config(centre() + "/vonglau.toml");
    const auto database = store::open_database(config->store.address);
    const auto reader = (*database)->open_reader();
    bool told = false;
    return reader &&
           (*reader)->query("SELECT body FROM journal_events WHERE province_id = $1 AND type = $2",
                            {config->province_id(), type},
                            [&](const store::Row& row) {
                              told |=
                                  row.text(0).find("\"name\":\"" + name + "\"") != row.text(0).npos;
                              return true;
                            }) &&
           told;
  }
  std::string log() const {
    std::ifstream in(folder + "/log");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  SystemClock clock;
  std::string folder;
  std::int64_t port = 0;
  pid_t serve = -1;
};

bool is_gone(std::int64_t pid) {
  return ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
}

const std::map<std::string, std::string> subcommand_of = {
    {"core", "core"}, {"recorder", "record"}, {"simulation", "sim"}};

bool is_running(const ProcessStatus& process) {
  return process.state == ProcessState::running;
}

bool has_subcommand(const std::string& name) {
  const std::string command = std::string(VONGLAU_PROGRAM) + " --help | grep -q '^  " + name + " '";
  return std::system(command.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe)
}

TEST_F(Serve, makes_the_demonstration_at_its_first_start_and_ends_when_asked) {
  start();
  ASSERT_TRUE(until([&] { return !processes().empty(); })) << log();
  const auto config = read_config(centre() + "/vonglau.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->demonstration.enabled);
  EXPECT_GE(config->core.port, port);
  std::vector<std::string> names;
  for (const auto& process : processes()) names.push_back(process.name);
  EXPECT_EQ(names, (std::vector<std::string>{"core", "recorder", "simulation"}));
  ::kill(serve, SIGTERM);
  EXPECT_EQ(code_of(serve), exit_ok) << log();
  serve = -1;
}

TEST_F(Serve, is_refused_where_another_one_serves) {
  start();
  ASSERT_TRUE(until([&] { return !processes().empty(); })) << log();
  EXPECT_EQ(code_of(launch({"--config", centre() + "/vonglau.toml", "serve"})), exit_failed);
  EXPECT_NE(log().find("already runs"), std::string::npos);
}

TEST_F(Serve, never_makes_a_demonstration_of_a_real_site) {
  ASSERT_TRUE(create_site(centre(), {}, clock));
  EXPECT_EQ(code_of(launch({"serve", "--demonstration", "--data", centre()})), exit_config);
  EXPECT_NE(log().find("is a real site"), std::string::npos);
}

TEST_F(Serve, says_what_is_wrong_with_its_settings) {
  EXPECT_EQ(code_of(launch({"--config", folder + "/none.toml", "serve"})), exit_config);
  EXPECT_EQ(code_of(launch({"serve", "--port", "9000"})), exit_usage);
}

TEST_F(Serve, takes_its_processes_with_it_when_it_is_killed) {
  start();
  std::vector<std::int64_t> pids;
  ASSERT_TRUE(until([&] {
    pids.clear();
    for (const auto& process : processes())
      if (process.pid) pids.push_back(*process.pid);
    return !pids.empty();
  })) << log();
  ::kill(serve, SIGKILL);
  ::waitpid(serve, nullptr, 0);
  serve = -1;
  for (const auto pid : pids) EXPECT_TRUE(until([&] { return is_gone(pid); })) << pid;
  // And starts again over what was left behind.
  start();
  EXPECT_TRUE(until([&] { return !processes().empty(); })) << log();
}

TEST_F(Serve, has_each_killed_process_back_soon_and_leaves_the_others_alone) {
  start();
  const auto here = [&] {
    std::vector<ProcessStatus> chosen;
    for (auto& process : processes())
      if (has_subcommand(subcommand_of.at(process.name))) chosen.push_back(std::move(process));
    return chosen;
  };
  ASSERT_TRUE(until([&] {
    const auto now = here();
    return !now.empty() && std::ranges::all_of(now, is_running);
  })) << log();
  const auto count = here().size();
  for (std::size_t victim = 0; victim < count; ++victim) {
    const auto before = here();
    const std::int64_t killed_us = clock.mono().us;
    ::kill(static_cast<pid_t>(*before[victim].pid), SIGKILL);
    std::int64_t back_us = 0;
    ASSERT_TRUE(until([&] {
      back_us = clock.mono().us;
      const auto now = processes();
      return std::ranges::any_of(now, [&](const ProcessStatus& process) {
        return process.name == before[victim].name && is_running(process) &&
               process.pid != before[victim].pid;
      });
    })) << before[victim].name
        << "\n"
        << log();
    RecordProperty(before[victim].name + "_back_ms", std::to_string((back_us - killed_us) / 1000));
    const auto after = here();
    for (std::size_t other = 0; other < count; ++other)
      if (other != victim) EXPECT_EQ(after[other].pid, before[other].pid) << after[other].name;
  }
  // Each is an event of the journal, the core's own restart too.
  for (const auto& process : here())
    EXPECT_TRUE(until([&] { return journal_tells("process.restarted", process.name); }))
        << process.name << "\n"
        << log();
}

}  // namespace
}  // namespace vl::app
