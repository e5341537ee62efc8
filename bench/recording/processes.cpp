#include "processes.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../figures.hpp"

namespace vl::bench {

void rest(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

Child::Child(std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    std::perror(argv[0]);
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ::fdopen(ends[0], "r");
}

Child::~Child() {
  end();
  std::fclose(output_);
}

std::string Child::line() {
  std::array<char, 1024> buffer{};
  if (std::fgets(buffer.data(), buffer.size(), output_) == nullptr) return {};
  std::string text(buffer.data());
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

void Child::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
}

double Child::cpu_s() const {
  return family_cpu_s(pid_);
}

double Child::memory_mb(std::string_view which) const {
  std::ifstream file(fmt::format("/proc/{}/status", pid_));
  for (std::string text; std::getline(file, text);)
    if (text.starts_with(which)) return std::stod(text.substr(which.size())) / 1024;
  return 0;
}

std::vector<std::string> own_role(const std::string& role, const Settings& settings,
                                  const std::string& folder, std::size_t cameras,
                                  std::uint32_t port) {
  std::vector<std::string> words{std::filesystem::read_symlink("/proc/self/exe").string(),
                                 "--role",
                                 role,
                                 "--folder",
                                 folder,
                                 "--tape",
                                 settings.tape};
  const auto add = [&](const char* name, auto value) {
    words.push_back(name);
    words.push_back(fmt::to_string(value));
  };
  add("--cameras", cameras);
  add("--port", port);
  add("--disk-gb", settings.disk_gb);
  add("--slow-disk-gb", settings.slow_disk_gb);
  add("--slice-ms", settings.slice_ms);
  add("--pace-ms", settings.pace_ms);
  add("--kbit", settings.kbit);
  return words;
}

RunningFarm::RunningFarm(const Settings& settings, const std::string& folder, std::size_t cameras)
    : figures_(map_figures(folder + "/figures")),
      child_(own_role("farm", settings, folder, cameras, 0)) {
  const double until_s = now_s() + longest_start_s;
  while (figures_.port == 0 && now_s() < until_s) rest(0.01);
}

bool wait_until_ready(Child& child) {
  auto line = child.line();
  while (!line.empty() && line != "ready") line = child.line();  // what it logs first
  return line == "ready";
}

LineReader::LineReader(Child& child)
    : thread_([this, &child] {
        for (auto line = child.line(); !line.empty(); line = child.line()) {
          if (line.starts_with('[')) fmt::print(stderr, "{}\n", line);  // logged
          last_ = line;
        }
      }) {}

std::string LineReader::last() {
  thread_.join();
  return last_;
}

}  // namespace vl::bench
