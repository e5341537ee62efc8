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
//                   [--folder /var/tmp] [--disk-gb 6] [--slow-disk-gb 0] [--slice-ms 40]
//                   [--pace-ms 250] [--kbit 2000] [--tape FILE]
//   recording_bench --soak MINUTES [--disk-gb 6] …
//
// A soak (soak.hpp) runs the recorder only, for minutes, and fails where footage is missing.
//
// The cameras (farm.hpp) are a process too, whose CPU is not the receivers' and is told apart.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "../figures.hpp"
#include "contenders.hpp"
#include "farm.hpp"
#include "processes.hpp"
#include "soak.hpp"

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

Cost run_receiver(const std::string& name, const Settings& settings) {
  const ScratchFolder folder(settings.folder);
  RunningFarm farm(settings, folder.path(), settings.cameras);
  Cost cost{.name = name, .cameras = settings.cameras};
  Child child(own_role(name, settings, folder.path(), settings.cameras, farm.figures().port));
  if (!wait_until_ready(child)) {
    cost.words = "did not start";
    return cost;
  }
  LineReader said(child);
  measure(cost, settings, farm.figures(), farm.child(), [&] { return child.cpu_s(); });
  cost.memory_mb = child.memory_mb("VmRSS:");
  cost.most_mb = child.memory_mb("VmHWM:");
  child.end();
  cost.words = said.last();
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
  const ReceiverOptions options{static_cast<std::uint32_t>(arguments.number("port", 0)),
                                settings.cameras,
                                settings.folder,
                                static_cast<std::uint64_t>(settings.disk_gb) << 30,
                                static_cast<std::uint64_t>(settings.slow_disk_gb) << 30,
                                settings.pace_ms};
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
  const Arguments arguments(
      argc, argv,
      {"role", "port", "cameras", "seconds", "settle", "only", "ffmpeg", "folder", "disk-gb",
       "slow-disk-gb", "slice-ms", "pace-ms", "kbit", "tape", "soak"});
  const auto temporary = std::filesystem::temp_directory_path().string();
  const Settings settings{static_cast<std::size_t>(arguments.number("cameras", 1065)),
                          static_cast<double>(arguments.number("seconds", 15)),
                          static_cast<double>(arguments.number("settle", 5)),
                          arguments.text("tape", temporary + "/vonglau-bench-tape"),
                          arguments.text("folder", temporary),
                          std::min<std::int64_t>(arguments.number("disk-gb", 6), 40),
                          arguments.number("slow-disk-gb", 0),
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
  if (arguments.given("soak"))
    return soak(settings, static_cast<double>(arguments.number("soak", 30)));
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
