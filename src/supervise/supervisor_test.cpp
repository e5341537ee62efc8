// With real processes: /bin/sh as the children.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/supervise/supervisor.hpp>

#include "descriptor.hpp"

namespace vl::supervise {
namespace {

constexpr const char* endless = "exec sleep 1000";

struct Supervising : testing::Test {
  Supervising() {
    std::string pattern = testing::TempDir() + "vonglau-supervise-XXXXXX";
    folder = ::mkdtemp(pattern.data());
  }
  ~Supervising() override {
    supervisor.reset();
    std::filesystem::remove_all(folder);
  }

  static ProcessSpec shell(std::string name, std::string script) {
    return {std::move(name), {"/bin/sh", "-c", std::move(script)}, {}, 0};
  }

  Result<std::unique_ptr<Supervisor>> open(std::vector<ProcessSpec> specs) {
    return Supervisor::open({folder, policy}, std::move(specs), clock,
                            [this](const ProcessEvent& event) { events.push_back(event); });
  }

  void begin(std::vector<ProcessSpec> specs) {
    auto opened = open(std::move(specs));
    ASSERT_TRUE(opened) << opened.error().message;
    supervisor = std::move(*opened);
  }

  // Steps until it is so; false after ten seconds.
  bool until(const std::function<bool()>& so) {
    const std::int64_t deadline_us = clock.mono().us + 10'000'000;
    while (!so()) {
      if (clock.mono().us > deadline_us) return false;
      supervisor->step(20);
    }
    return true;
  }

  ProcessStatus status(const std::string& name) const {
    for (auto& process : supervisor->report().processes)
      if (process.name == name) return process;
    ADD_FAILURE() << name;
    return {};
  }
  bool runs(const std::string& name) const { return status(name).state == ProcessState::running; }
  int count(ProcessEventKind kind) const {
    int n = 0;
    for (const auto& event : events) n += event.kind == kind ? 1 : 0;
    return n;
  }
  std::string file(const std::string& name) const { return folder + "/" + name; }

  SystemClock clock;
  RestartPolicy policy{.settle_us = 50'000};
  std::string folder;
  std::vector<ProcessEvent> events;
  std::unique_ptr<Supervisor> supervisor;
};

// Until the process is gone, whoever reaps it.
bool ends(pid_t pid, int timeout_ms = 5000) {
  const Descriptor fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
  if (!fd) return errno == ESRCH;
  pollfd poll_fd{fd.get(), POLLIN, 0};
  return ::poll(&poll_fd, 1, timeout_ms) == 1;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(Supervising, a_killed_child_is_back_and_its_neighbour_keeps_running) {
  begin({shell("core", endless), shell("recorder", endless)});
  ASSERT_TRUE(until([&] { return runs("core") && runs("recorder"); }));
  const auto neighbour = *status("recorder").pid;
  for (int round = 1; round <= 3; ++round) {
    const auto before = *status("core").pid;
    const auto killed_at = clock.mono();
    ::kill(static_cast<pid_t>(before), SIGKILL);
    ASSERT_TRUE(until([&] { return status("core").pid.value_or(before) != before; }));
    EXPECT_LT(clock.mono().us - killed_at.us, 5'000'000);
    EXPECT_EQ(status("core").restarts, round);
    EXPECT_EQ(status("core").last_exit, "killed by signal 9 (Killed)");
  }
  EXPECT_EQ(*status("recorder").pid, neighbour);
  EXPECT_EQ(status("recorder").restarts, 0);
  EXPECT_EQ(count(ProcessEventKind::exited), 3);
}

TEST_F(Supervising, a_child_that_says_it_is_ready_counts_as_running_from_then) {
  policy.settle_us = 60'000'000;
  begin({shell("core", fmt::format("while [ ! -e {} ]; do sleep 0.02; done; "
                                   "printf R >&$VONGLAU_NOTIFY_FD; {}",
                                   file("go"), endless))});
  ASSERT_TRUE(until([&] { return status("core").pid.has_value(); }));
  supervisor->step(50);
  EXPECT_EQ(status("core").state, ProcessState::starting);
  std::ofstream(file("go")).put('\n');
  EXPECT_TRUE(until([&] { return runs("core"); }));
  EXPECT_EQ(count(ProcessEventKind::ready), 1);
}

TEST_F(Supervising, a_child_that_hangs_after_saying_it_is_alive_is_restarted) {
  policy.silence_us = 200'000;
  begin({shell("core", fmt::format("printf A >&$VONGLAU_NOTIFY_FD; {}", endless))});
  ASSERT_TRUE(until([&] { return status("core").restarts == 1; }));
  EXPECT_EQ(count(ProcessEventKind::hung), 1);
}

TEST_F(Supervising, a_child_that_closes_its_side_of_the_pipe_costs_no_time) {
  begin({shell("core", fmt::format("eval \"exec $VONGLAU_NOTIFY_FD>&-\"; {}", endless))});
  ASSERT_TRUE(until([&] { return runs("core"); }));
  supervisor->step(20);
  const auto before = clock.mono();
  supervisor->step(100);
  EXPECT_GE(clock.mono().us - before.us, 90'000);
}

TEST_F(Supervising, stopping_ends_children_that_listen_to_sigterm) {
  begin({shell("core", fmt::format("trap 'echo done > {}; exit 0' TERM; "
                                   "printf R >&$VONGLAU_NOTIFY_FD; "
                                   "while :; do sleep 0.02; done",
                                   file("ended")))});
  ASSERT_TRUE(until([&] { return count(ProcessEventKind::ready) == 1; }));
  supervisor->stop();
  ASSERT_TRUE(until([&] { return supervisor->finished(); }));
  EXPECT_EQ(content_of(file("ended")), "done\n");
  EXPECT_EQ(status("core").state, ProcessState::stopped);
  EXPECT_EQ(status("core").last_exit, "exited with 0");
}

TEST_F(Supervising, stopping_kills_children_that_do_not_listen) {
  policy.grace_us = 100'000;
  begin({shell("core", fmt::format("trap '' TERM; printf R >&$VONGLAU_NOTIFY_FD; {}", endless))});
  ASSERT_TRUE(until([&] { return count(ProcessEventKind::ready) == 1; }));
  supervisor->stop();
  ASSERT_TRUE(until([&] { return supervisor->finished(); }));
  EXPECT_EQ(status("core").last_exit, "killed by signal 9 (Killed)");
}

TEST_F(Supervising, what_a_child_leaves_behind_in_its_group_is_gone_before_its_successor) {
  begin({shell("core", fmt::format("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; {1}",
                                   file("straggler"), endless))});
  ASSERT_TRUE(until([&] { return std::filesystem::exists(file("straggler")); }));
  const auto straggler = static_cast<pid_t>(std::stol(content_of(file("straggler"))));
  ::kill(static_cast<pid_t>(*status("core").pid), SIGKILL);
  ASSERT_TRUE(until([&] { return status("core").restarts == 1; }));
  EXPECT_TRUE(ends(straggler));
}

TEST_F(Supervising, a_program_that_is_not_there_is_told_as_such_and_tried_again) {
  begin({{"core", {file("missing")}, {}, 0}});
  ASSERT_TRUE(until([&] { return count(ProcessEventKind::could_not_start) >= 3; }));
  EXPECT_NE(status("core").last_exit->find("No such file"), std::string::npos);
  EXPECT_EQ(status("core").state, ProcessState::backing_off);
}

TEST_F(Supervising, children_see_their_own_environment_and_no_descriptor_of_ours) {
  const Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor secret(::fcntl(null.get(), F_DUPFD, 500));  // without O_CLOEXEC
  begin(
      {{"core",
        {"/bin/sh", "-c",
         fmt::format("ls /proc/self/fd > {0}.fds; echo $COLOUR > {0}; {1}", file("out"), endless)},
        {"COLOUR=red"},
        0}});
  ASSERT_TRUE(until([&] { return content_of(file("out")) == "red\n"; }));
  const std::string inherited = "\n" + content_of(file("out.fds"));
  EXPECT_EQ(inherited.find(fmt::format("\n{}\n", secret.get())), std::string::npos) << inherited;
}

TEST_F(Supervising, no_child_survives_the_supervisor_even_after_kill_9) {
  const pid_t serve = ::fork();
  if (serve == 0) {
    auto opened = open({shell(
        "core", fmt::format("echo $$ > {0}.new; mv {0}.new {0}; {1}", file("pid"), endless))});
    if (!opened) ::_exit(1);
    while (true) (*opened)->step(50);
  }
  const std::int64_t deadline_us = clock.mono().us + 10'000'000;
  while (!std::filesystem::exists(file("pid"))) {
    ASSERT_LT(clock.mono().us, deadline_us);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto core = static_cast<pid_t>(std::stol(content_of(file("pid"))));
  ASSERT_FALSE(ends(core, 0));
  ::kill(serve, SIGKILL);
  ::waitpid(serve, nullptr, 0);
  EXPECT_TRUE(ends(core));
  // And the folder is free for the next one.
  begin({shell("core", endless)});
  EXPECT_TRUE(until([&] { return runs("core"); }));
}

TEST_F(Supervising, a_second_supervisor_on_the_same_folder_is_refused) {
  begin({});
  const auto second = open({});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, code_of(SuperviseError::already_runs));
}

TEST_F(Supervising, the_socket_tells_how_every_process_is) {
  begin({shell("core", endless), shell("recorder", "exit 3")});
  ASSERT_TRUE(until([&] { return runs("core") && status("recorder").restarts >= 2; }));
  Result<StatusReport> told;
  std::atomic<bool> answered = false;
  std::thread asker([&] {
    told = read_report(socket_path(folder), 5000);
    answered = true;
  });
  EXPECT_TRUE(until([&] { return answered.load(); }));
  asker.join();
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->supervisor_pid, ::getpid());
  ASSERT_EQ(told->processes.size(), 2U);
  EXPECT_EQ(told->processes[0].name, "core");
  EXPECT_EQ(told->processes[0].state, ProcessState::running);
  EXPECT_GT(told->processes[0].memory_bytes.value_or(0), 0);
  EXPECT_TRUE(told->processes[0].cpu_s.has_value());
  EXPECT_EQ(told->processes[1].last_exit, "exited with 3");
  EXPECT_GE(told->processes[1].restarts, 2);
  EXPECT_EQ(told->events.front().number, 1);
  EXPECT_EQ(told->events.front().kind, ProcessEventKind::started);
}

TEST_F(Supervising, the_socket_is_for_its_owner_only_and_its_path_may_be_long) {
  folder += "/" + std::string(120, 'd');
  begin({});
  struct stat info{};
  ASSERT_EQ(::stat(socket_path(folder).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(Supervising, nobody_answering_is_an_error_that_says_where) {
  const auto report = read_report(socket_path(folder));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, code_of(SuperviseError::unavailable));
  EXPECT_NE(report.error().message.find(folder), std::string::npos);
}

TEST_F(Supervising, events_are_numbered_and_only_the_newest_are_kept) {
  policy.first_delay_us = policy.longest_delay_us = 0;
  begin({shell("core", "exit 1")});
  ASSERT_TRUE(until([&] { return events.size() > 250; }));
  const auto report = supervisor->report();
  EXPECT_EQ(report.events.size(), 200U);
  EXPECT_EQ(report.events.back().number, static_cast<std::int64_t>(events.size()));
}

}  // namespace
}  // namespace vl::supervise
