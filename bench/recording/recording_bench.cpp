// What recording costs: CPU seconds for each gigabyte that the cameras send, and memory, of
// several receivers in turn, each taking the same cameras in a process of its own:
//
//   discard     read from the sockets and forget: what the system's network costs
//   bare        take packets apart, append pictures to one file, one sync a second
//   bare-hash   the same, hashed
//   ours        the recorder node's code: everything
//   ours-null   the same up to the store, which forgets
//   ffmpeg      one `ffmpeg -c copy` a camera, for a few cameras
//
//   recording_bench [--cameras 1065] [--seconds 15] [--only ours,bare] [--ffmpeg 6]
//                   [--folder /var/tmp] [--disk-gb 6] [--slice-ms 40] [--pace-ms 250]
//                   [--kbit 2000] [--tape FILE]
//
// The cameras (farm.hpp) are a process too, whose CPU is not the receivers' and is told apart.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../figures.hpp"
#include "contenders.hpp"
#include "farm.hpp"

namespace vl::bench {

void raise_file_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void block_sigterm() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool sigterm_came() {
  sigset_t set;
  ::sigpending(&set);
  return ::sigismember(&set, SIGTERM) == 1;
}

void say_ready() {
  std::puts("ready");
  std::fflush(stdout);
}

namespace {

constexpr double longest_start_s = 60;

void rest(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// A program of ours or ffmpeg, and what it writes.
class Child {
 public:
  explicit Child(std::vector<std::string> words) {
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
  ~Child() {
    end();
    std::fclose(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::string line() {
    std::array<char, 1024> buffer{};
    if (std::fgets(buffer.data(), buffer.size(), output_) == nullptr) return {};
    std::string text(buffer.data());
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
  }
  double cpu_s() const { return family_cpu_s(pid_); }
  /// "VmRSS:" now, "VmHWM:" at most.
  double memory_mb(std::string_view which) const {
    std::ifstream file(fmt::format("/proc/{}/status", pid_));
    for (std::string text; std::getline(file, text);)
      if (text.starts_with(which)) return std::stod(text.substr(which.size())) / 1024;
    return 0;
  }

 private:
  pid_t pid_ = 0;
  FILE* output_ = nullptr;
};

struct Settings {
  std::size_t cameras;
  double seconds;
  double settle_s;
  std::string tape;
  std::string folder;
  std::int64_t disk_gb;
  std::int64_t slice_ms;
  std::int64_t pace_ms;
  std::int64_t kbit;
};

struct Cost {
  std::string name;
  std::size_t cameras = 0;
  double seconds = 0, gigabytes = 0, cpu_s = 0, farm_cpu_s = 0, memory_mb = 0, most_mb = 0;
  double latest_ms = 0;
  std::uint64_t skipped = 0;
  std::string words;
  double per_gb() const { return gigabytes > 0 ? cpu_s / gigabytes : 0; }
};

/// What a farm and who receives it do in a stretch of time.
template <class Cpu>
void measure(Cost& cost, const Settings& settings, FarmFigures& figures, const Child& farm,
             Cpu&& cpu) {
  rest(settings.settle_s);
  figures.latest_us = 0;
  const auto bytes = figures.bytes.load();
  const auto skipped = figures.skipped.load();
  const double from_s = now_s(), cpu_s = cpu(), farm_s = farm.cpu_s();
  rest(settings.seconds);
  cost.gigabytes = static_cast<double>(figures.bytes - bytes) / 1e9;
  cost.skipped = figures.skipped - skipped;
  cost.latest_ms = static_cast<double>(figures.latest_us) / 1000;
  cost.cpu_s = cpu() - cpu_s;
  cost.farm_cpu_s = farm.cpu_s() - farm_s;
  cost.seconds = now_s() - from_s;
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
  add("--slice-ms", settings.slice_ms);
  add("--pace-ms", settings.pace_ms);
  add("--kbit", settings.kbit);
  return words;
}

/// The farm, listening.
class RunningFarm {
 public:
  RunningFarm(const Settings& settings, const std::string& folder, std::size_t cameras)
      : figures_(map_figures(folder + "/figures")),
        child_(own_role("farm", settings, folder, cameras, 0)) {
    const double until_s = now_s() + longest_start_s;
    while (figures_.port == 0 && now_s() < until_s) rest(0.01);
  }
  FarmFigures& figures() { return figures_; }
  const Child& child() const { return child_; }

 private:
  FarmFigures& figures_;
  Child child_;
};

Cost run_receiver(const std::string& name, const Settings& settings) {
  const ScratchFolder folder(settings.folder);
  RunningFarm farm(settings, folder.path(), settings.cameras);
  Cost cost{.name = name, .cameras = settings.cameras};
  Child child(own_role(name, settings, folder.path(), settings.cameras, farm.figures().port));
  for (auto line = child.line(); line != "ready"; line = child.line()) {  // what it logs first
    if (!line.empty()) continue;
    cost.words = "did not start";
    return cost;
  }
  measure(cost, settings, farm.figures(), farm.child(), [&] { return child.cpu_s(); });
  cost.memory_mb = child.memory_mb("VmRSS:");
  cost.most_mb = child.memory_mb("VmHWM:");
  child.end();
  for (auto line = child.line(); !line.empty(); line = child.line()) {
    if (line.starts_with('[')) fmt::print(stderr, "{}\n", line);  // logged
    cost.words = line;
  }
  return cost;
}

Cost run_ffmpeg(std::size_t cameras, const Settings& settings) {
  const ScratchFolder folder(settings.folder);
  RunningFarm farm(settings, folder.path(), cameras);
  Cost cost{.name = "ffmpeg", .cameras = cameras};
  std::vector<std::unique_ptr<Child>> children;
  for (std::size_t i = 0; i < cameras; ++i)
    children.push_back(std::make_unique<Child>(std::vector<std::string>{
        "ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i",
        farm_url(farm.figures().port, i), "-c", "copy", "-f", "segment", "-segment_time", "10",
        "-segment_wrap", "4", "-reset_timestamps", "1",
        fmt::format("{}/{}-%d.mp4", folder.path(), i)}));
  const double until_s = now_s() + longest_start_s;
  while (farm.figures().playing < cameras && now_s() < until_s) rest(0.05);
  rest(6);  // it looks at the stream for a while before it begins
  measure(cost, settings, farm.figures(), farm.child(), [&] {
    double sum = 0;
    for (const auto& child : children) sum += child->cpu_s();
    return sum;
  });
  for (const auto& child : children) {
    cost.memory_mb += child->memory_mb("VmRSS:");
    cost.most_mb += child->memory_mb("VmHWM:");
  }
  return cost;
}

void print(const std::vector<Cost>& costs) {
  const auto find = [&](std::string_view name) {
    for (const auto& cost : costs)
      if (cost.name == name) return cost.per_gb();
    return 0.0;
  };
  const double ours = find("ours");
  std::vector<std::vector<std::string>> rows{{"receiver", "cameras", "Mb/s", "GB", "CPU-s/GB",
                                              "cores", "this / ours", "MB", "most MB",
                                              "MB / camera", "farm CPU-s/GB", "late ms"}};
  for (const auto& cost : costs) {
    if (cost.gigabytes <= 0) {
      rows.push_back({cost.name, cost.words});
      continue;
    }
    rows.push_back({cost.name, fmt::to_string(cost.cameras),
                    fmt::format("{:.0f}", cost.gigabytes * 8000 / cost.seconds),
                    fmt::format("{:.2f}", cost.gigabytes), fmt::format("{:.2f}", cost.per_gb()),
                    fmt::format("{:.2f}", cost.cpu_s / cost.seconds),
                    ours > 0 ? fmt::format("{:.2f}", cost.per_gb() / ours) : "",
                    fmt::format("{:.0f}", cost.memory_mb), fmt::format("{:.0f}", cost.most_mb),
                    fmt::format("{:.2f}", cost.memory_mb / static_cast<double>(cost.cameras)),
                    fmt::format("{:.2f}", cost.farm_cpu_s / cost.gigabytes),
                    fmt::format("{:.0f}", cost.latest_ms)});
  }
  fmt::print("\n{}\n", table(rows));
  for (const auto& cost : costs)
    fmt::print(
        "{}: {}{}\n", cost.name, cost.words,
        cost.skipped > 0 ? fmt::format("; {} PICTURES NOT TAKEN IN TIME", cost.skipped) : "");
}

int run_role(const std::string& role, const Arguments& arguments, const Settings& settings) {
  const ReceiverOptions options{
      static_cast<std::uint32_t>(arguments.number("port", 0)), settings.cameras, settings.folder,
      static_cast<std::uint64_t>(settings.disk_gb) << 30, settings.pace_ms};
  if (role == "farm") {
    const auto tape = make_tape(settings.tape, static_cast<int>(settings.kbit), 8);
    if (!tape) return 1;
    raise_file_limit();
    return run_farm(*tape, {settings.cameras, settings.slice_ms * 1000},
                    map_figures(settings.folder + "/figures"));
  }
  if (role == "discard") return receive_bare(options, BareWork::discard);
  if (role == "bare") return receive_bare(options, BareWork::write);
  if (role == "bare-hash") return receive_bare(options, BareWork::hash_write);
  if (role == "ours") return receive_ours(options);
  if (role == "ours-null") return receive_ours_without_disk(options);
  fmt::print(stderr, "no such receiver: {}\n", role);
  return 2;
}

int run(int argc, char** argv) {
  const Arguments arguments(argc, argv,
                            {"role", "port", "cameras", "seconds", "settle", "only", "ffmpeg",
                             "folder", "disk-gb", "slice-ms", "pace-ms", "kbit", "tape"});
  const auto temporary = std::filesystem::temp_directory_path().string();
  const Settings settings{static_cast<std::size_t>(arguments.number("cameras", 1065)),
                          static_cast<double>(arguments.number("seconds", 15)),
                          static_cast<double>(arguments.number("settle", 5)),
                          arguments.text("tape", temporary + "/vonglau-bench-tape"),
                          arguments.text("folder", temporary),
                          std::min<std::int64_t>(arguments.number("disk-gb", 6), 40),
                          arguments.number("slice-ms", 40),
                          arguments.number("pace-ms", 250),
                          arguments.number("kbit", 2000)};
  if (arguments.given("role")) return run_role(arguments.text("role", ""), arguments, settings);

  fmt::print("{}\n", machine(settings.folder));
  const auto tape = make_tape(settings.tape, static_cast<int>(settings.kbit), 8);
  if (!tape) {
    fmt::print(stderr, "{}\n", tape.error().message);
    return 1;
  }
  fmt::print("each camera 1280x720, {} pictures/s, {:.2f} Mb/s in {:.0f} packets/s\n", Tape::fps,
             static_cast<double>(tape->bytes()) * 8e-6 / tape->seconds(),
             static_cast<double>(tape->packets()) / tape->seconds());
  std::vector<Cost> costs;
  std::stringstream names(arguments.text("only", "discard,bare,bare-hash,ours-null,ours,ffmpeg"));
  for (std::string name; std::getline(names, name, ',');) {
    fmt::print("{} ...\n", name);
    std::fflush(stdout);
    costs.push_back(
        name == "ffmpeg"
            ? run_ffmpeg(static_cast<std::size_t>(arguments.number("ffmpeg", 6)), settings)
            : run_receiver(name, settings));
  }
  print(costs);
  return 0;
}

}  // namespace
}  // namespace vl::bench

int main(int argc, char** argv) {
  return vl::bench::run(argc, argv);
}
