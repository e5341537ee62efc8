// What receiving costs: CPU seconds of the client's one thread for a gigabyte of RTP, from so
// many cameras of our simulator at once.
//
//   rtsp_receive [CAMERAS [SECONDS]]      100 cameras for 20 s if not said
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <vonglau/rtsp/connections.hpp>
#include <vonglau/sim/cameras.hpp>

namespace {

using namespace vl;
using namespace std::chrono_literals;

double thread_cpu_s() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::atomic<double> cpu_s = 0;

/// Throws the samples away; called on the client's thread, whose time it reads.
struct Counter final : rtsp::Listener {
  void on_sample(media::Sample&&) override {}
  void on_problem(const rtsp::Problem&) override {}
  void on_playing(const rtsp::SessionDescription&) override {}
  void on_stopped(rtsp::StopCause, const std::string& detail) override {
    std::fprintf(stderr, "stopped: %s\n", detail.c_str());
  }
  void on_tick(WallTime, MonoTime) override { cpu_s = thread_cpu_s(); }
};

struct Totals {
  double bytes = 0, samples = 0, cpu = 0;
  std::size_t playing = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto cameras = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 100);
  const auto seconds = argc > 2 ? std::atoi(argv[2]) : 20;
  SystemClock clock;
  std::string folder = (std::filesystem::temp_directory_path() / "rtsp-receive-XXXXXX").string();
  auto config = sim::demonstration_cameras(cameras, 0, 1, "u", "p");
  config.clip_folder = ::mkdtemp(folder.data());
  config.scenes = {{sim::Layout::straight_road, sim::Light::day, 5, 4}};
  for (auto& camera : config.cameras) camera.clip = 0;
  sim::CameraSimulator simulator(std::move(config), clock);
  if (const auto started = simulator.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  while (simulator.whole_clips() < 1) std::this_thread::sleep_for(200ms);

  std::vector<std::unique_ptr<Counter>> counters;
  std::vector<rtsp::Connections::Id> ids;
  rtsp::Connections connections(clock);
  for (const auto& camera : simulator.config().cameras)
    ids.push_back(connections
                      .open({simulator.main_url(camera.code), rtsp::Credentials{"u", "p"}},
                            *counters.emplace_back(std::make_unique<Counter>()), 2000)
                      .value());
  const auto totals = [&] {
    Totals out;
    out.cpu = cpu_s;
    for (const auto id : ids) {
      const auto state = connections.state(id);
      out.bytes += static_cast<double>(state->video.bytes);
      out.samples += static_cast<double>(state->video.samples);
      out.playing += state->playing ? 1 : 0;
    }
    return out;
  };
  while (totals().playing < cameras) std::this_thread::sleep_for(100ms);
  const auto before = totals();
  const auto from = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const auto after = totals();
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  const double gigabytes = (after.bytes - before.bytes) / 1e9;
  std::printf(
      "%zu cameras, %.1f s: %.3f GB, %.1f Mb/s, %.0f pictures/s; client's thread %.2f s, "
      "%.1f %% of a core, %.2f CPU-s/GB, playing %zu\n",
      cameras, took, gigabytes, gigabytes * 8000 / took, (after.samples - before.samples) / took,
      after.cpu - before.cpu, (after.cpu - before.cpu) / took * 100,
      (after.cpu - before.cpu) / gigabytes, after.playing);
  std::filesystem::remove_all(folder);
}
