// A program that a test runs beside itself. It is killed when this ends.
#pragma once

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace vl::interop {

class PeerProcess {
 public:
  explicit PeerProcess(std::vector<std::string> words) {
    std::array<int, 2> in{}, out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) std::abort();
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    is_running_ =
        ::posix_spawnp(&id_, arguments[0], &files, nullptr, arguments.data(), environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = ::fdopen(out[0], "r");
  }
  ~PeerProcess() {
    kill();
    ::close(to_);
    std::fclose(from_);
  }
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  /// Its next line; "" when it has ended.
  std::string line() {
    std::array<char, 512> buffer{};
    if (std::fgets(buffer.data(), buffer.size(), from_) == nullptr) return {};
    std::string text = buffer.data();
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  void tell(std::string line) {
    line += '\n';
    [[maybe_unused]] const auto told = ::write(to_, line.data(), line.size());
  }
  /// By itself.
  bool has_ended() {
    int status = 0;
    if (is_running_ && ::waitpid(id_, &status, WNOHANG) == id_) is_running_ = false;
    return !is_running_;
  }
  void kill() {
    if (!is_running_) return;
    is_running_ = false;
    ::kill(id_, SIGKILL);
    int status = 0;
    ::waitpid(id_, &status, 0);
  }

 private:
  pid_t id_ = -1;
  bool is_running_ = false;
  int to_ = -1;
  std::FILE* from_ = nullptr;
};

}  // namespace vl::interop
