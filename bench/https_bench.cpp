// Reports a second through the whole centre: `vonglau core` as a process of its own with TLS,
// sign-in, CSRF, the route table, the vault (four sealed texts a report) and the journal, asked
// over kept-alive connections from another process.
//
//   https_bench [--program build/release/bin/vonglau] [--seconds 10] [--folder /var/tmp]
#include <atomic>
#include <csignal>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/http/client.hpp>

#include "demonstration_people.hpp"
#include "figures.hpp"
#include "site.hpp"

namespace vl::bench {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  VL_ASSERT(result.has_value());
  return std::move(*result);
}

constexpr const char* kReport =
    R"({"channel":"phone","service":"fire","category":"fire","severity":"critical",)"
    R"("lat":21.2734,"lon":106.1946,"place_text":"gần chợ Thương","caller_name":"Nguyễn Thị Hoa",)"
    R"("caller_number":"0912 345 678","narrative":"cháy ở bếp, có hai người trong nhà"})";

/// The core of a demonstration site in a scratch folder.
class Core {
 public:
  Core(const std::string& program, const std::string& folder) {
    app::Config settings;
    settings.demonstration.enabled = true;
    settings.store.address = "sqlite:province.db";
    settings.folders.data = ".";
    settings.core.port = app::free_port_from(20'000);
    const auto site = must(app::create_site(folder, settings, SystemClock()));
    options_.base_url = fmt::format("https://localhost:{}", site.config.core.port);
    options_.trust.ca_file = site.authority_certificate;
    std::vector<std::string> words{program, "--config", site.config.file, "core"};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    VL_ASSERT(::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, argv.data(), environ) == 0);
    http::HttpsClient client(options_);
    for (int tries = 0; !client.get("/healthz"); ++tries) {
      VL_ASSERT(tries < 600);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  ~Core() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  const http::ClientOptions& options() const { return options_; }
  double cpu_s() const { return family_cpu_s(pid_); }

 private:
  http::ClientOptions options_;
  pid_t pid_ = -1;
};

/// Signs in once; every connection uses the session.
http::Fields signed_in(const Core& core) {
  const auto& person = app::simulator_person().sign_in;
  http::HttpsClient client(core.options());
  const auto response = must(client.post_json(
      "/api/v1/session", boost::json::serialize(boost::json::object{
                             {"login", person.login}, {"password", person.password}})));
  VL_ASSERT(response.status < 300);
  const auto cookie = response.headers.get("Set-Cookie");
  const auto body = boost::json::parse(response.body_text());
  http::Fields fields;
  fields.set("Cookie", std::string(cookie.substr(0, cookie.find(';'))));
  fields.set("X-CSRF-Token", std::string(body.at("csrf_token").as_string()));
  return fields;
}

std::vector<std::string> measure(const Core& core, const http::Fields& session, int connections,
                                 double seconds) {
  std::atomic<bool> counting{false};
  std::atomic<bool> stopping{false};
  std::atomic<std::int64_t> refused{0};
  std::vector<std::vector<double>> times(static_cast<std::size_t>(connections));
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i)
    threads.emplace_back([&, i] {
      http::HttpsClient client(core.options());
      while (!stopping) {
        const bool counts = counting;
        const double start = now_s();
        const auto response = client.post_json("/api/v1/reports", kReport, session);
        if (!response || response->status >= 300)
          ++refused;
        else if (counts && counting)
          times[static_cast<std::size_t>(i)].push_back((now_s() - start) * 1000);
      }
    });
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const double own = own_cpu_s();
  const double cpu = core.cpu_s();
  const double start = now_s();
  counting = true;
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  counting = false;
  const double took = now_s() - start;
  const double core_used = core.cpu_s() - cpu;
  const double own_used = own_cpu_s() - own;
  stopping = true;
  for (auto& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& mine : times) all.insert(all.end(), mine.begin(), mine.end());
  const auto done = static_cast<double>(all.size());
  return {std::to_string(connections),
          fmt::format("{:.0f}", done / took),
          std::to_string(refused),
          fmt::format("{:.1f}", percentile(all, 0.5)),
          fmt::format("{:.1f}", percentile(all, 0.99)),
          fmt::format("{:.3f}", core_used / done * 1'000),
          fmt::format("{:.3f}", own_used / done * 1'000)};
}

int run(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"program", "seconds", "folder"});
  const ScratchFolder scratch(arguments.text("folder", "/var/tmp"));
  fmt::print("{}\n\n", machine(scratch.path()));
  const Core core(arguments.text("program", "build/release/bin/vonglau"), scratch.path());
  const auto session = signed_in(core);
  std::vector<std::vector<std::string>> rows{{"connections", "reports/s", "refused", "p50 ms",
                                              "p99 ms", "core CPU-s / 1k", "client CPU-s / 1k"}};
  for (const int connections : {1, 16, 64})
    rows.push_back(
        measure(core, session, connections, static_cast<double>(arguments.number("seconds", 10))));
  fmt::print("{}", table(rows));
  return 0;
}

}  // namespace
}  // namespace vl::bench

int main(int argc, char** argv) {
  return vl::bench::run(argc, argv);
}
