// From the commit to the watcher: 200 watchers over TLS WebSockets while 50 events a second are
// recorded by the real journal, told by the real WatchHub and sent by the real server. The
// watchers are a process of their own; both read the same monotonic clock.
//
//   watch_bench [--watchers 200] [--rate 50] [--seconds 20] [--folder /var/tmp]
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/http/certificates.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/http/server.hpp>
#include <vonglau/incidents/commands.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/routes/watch.hpp>

#include "figures.hpp"

namespace vl::bench {
namespace {

constexpr std::size_t kMostEvents = 200'000;

/// What both processes see. Zero at first, as new memory is.
struct Shared {
  std::atomic<int> port;
  std::atomic<bool> all_watch;
  std::atomic<std::int64_t> last;  // the last sequence; 0 while events are still being made
  std::array<std::atomic<double>, kMostEvents> committed_s;
  // The watchers' report.
  std::atomic<std::int64_t> deliveries;
  std::atomic<std::int64_t> out_of_order;
  double p50_ms, p99_ms, max_ms, cpu_s;
};

struct Plan {
  std::int64_t watchers, rate, seconds;
};

template <class T>
T must(Result<T> result) {
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  VL_ASSERT(result.has_value());
  return std::move(*result);
}

// ---- The watchers ---------------------------------------------------------------------------

class Watcher final : public http::WebSocketSession {
 public:
  explicit Watcher(Shared& shared) : shared_(shared) {}
  void on_open(http::WebSocketPeer) override {}
  void on_text(std::string_view text) override {
    const double now = now_s();
    constexpr std::string_view name = "\"sequence\":";
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
      std::int64_t sequence = 0;
      std::from_chars(text.data() + at + name.size(), text.data() + text.size(), sequence);
      if (sequence != seen_ + 1 && seen_ != 0) ++shared_.out_of_order;
      seen_ = sequence;
      // The answer to the one who asked is given after the commit: the event may overtake it.
      double committed = 0;
      while ((committed = shared_.committed_s[static_cast<std::size_t>(sequence)]) == 0)
        std::this_thread::yield();
      times_ms.push_back(std::max(0.0, now - committed) * 1000);
      ++shared_.deliveries;
    }
  }
  std::vector<double> times_ms;  // its client's thread; read when that is gone

 private:
  Shared& shared_;
  std::int64_t seen_ = 0;
};

void watch(Shared& shared, const Plan& plan, const std::string& folder) {
  while (shared.port == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::vector<std::shared_ptr<Watcher>> watchers;
  std::vector<std::unique_ptr<http::WebSocketClient>> clients;
  for (std::int64_t i = 0; i < plan.watchers; ++i) {
    http::WebSocketClientOptions options;
    options.connection.base_url = fmt::format("wss://localhost:{}", shared.port.load());
    options.connection.trust.ca_file = folder + "/ca/authority.crt";
    options.connection.connect_timeout_ms = 60'000;
    options.target = "/watch";
    watchers.push_back(std::make_shared<Watcher>(shared));
    clients.push_back(must(http::WebSocketClient::connect(options, watchers.back())));
  }
  const double cpu = own_cpu_s();
  shared.all_watch = true;
  const auto all_there = [&] {
    return shared.last != 0 && shared.deliveries >= shared.last * plan.watchers;
  };
  for (double end = 0; !all_there(); std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    if (shared.last != 0 && end == 0) end = now_s() + 10;
    if (end != 0 && now_s() > end) break;  // what has not come by now is missing
  }
  shared.cpu_s = own_cpu_s() - cpu;
  clients.clear();
  std::vector<double> all;
  for (const auto& watcher : watchers)
    all.insert(all.end(), watcher->times_ms.begin(), watcher->times_ms.end());
  shared.p50_ms = percentile(all, 0.5);
  shared.p99_ms = percentile(all, 0.99);
  shared.max_ms = all.empty() ? 0 : all.back();
}

// ---- The core -------------------------------------------------------------------------------

/// Records reports at an even pace until the plan is done.
void record(journal::Journal& journal, IdSource& ids, Shared& shared, const Plan& plan) {
  incidents::ReportReceived report;
  report.point = GeoPoint{21.2734, 106.1946};
  report.unit_code = "07210";
  const journal::Actor actor = journal::Actor::person(ids.next());
  const auto events = plan.rate * plan.seconds;
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < events; ++i) {
    std::this_thread::sleep_until(start + std::chrono::microseconds(i * 1'000'000 / plan.rate));
    journal.submit(incidents::receive_report({actor, {}}, {ids.next()}, report, {}),
                   [&](const Result<journal::Receipt>& receipt) {
                     VL_ASSERT(receipt.has_value());
                     shared.committed_s[static_cast<std::size_t>(receipt->sequence)] = now_s();
                   });
  }
  while (journal.head().sequence < events)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  shared.last = events;
}

void serve(Shared& shared, const Plan& plan, const std::string& folder, pid_t watchers) {
  const SystemClock clock;
  SystemIdSource ids(clock);
  const auto authority = must(http::ensure_authority(folder + "/ca", "Benchmark", clock));
  const auto files =
      must(http::ensure_server_certificate(authority, folder, "server", {"localhost"}, clock));
  const auto database = must(store::open_database("sqlite:" + folder + "/province.db"));
  {
    const auto session = must(database->open_session());
    const store::MigrationSet sets[] = {journal::migrations(), incidents::migrations()};
    must(store::migrate(*session, sets, clock));
  }
  incidents::IncidentTables tables;
  const journal::Upcasters none;
  journal::JournalOptions options;
  options.writer.province = {24};
  const auto journal = must(journal::Journal::open(*database, clock, options, {&tables}, none));
  routes::WatchHub hub(journal->tail());
  http::Router router;
  router.add_websocket("/watch", [&](const http::Request&) -> http::WebSocketAccept {
    return hub.watcher(access::Roles::all(), 1);
  });
  http::ServerOptions server_options;
  server_options.tls = files;
  const auto server = must(http::Server::start(server_options, std::move(router), clock));
  shared.port = server->port();
  while (!shared.all_watch) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  const double cpu = own_cpu_s();
  const double start = now_s();
  record(*journal, ids, shared, plan);
  ::waitpid(watchers, nullptr, 0);
  const double took = static_cast<double>(plan.seconds);
  const std::int64_t expected = plan.rate * plan.seconds * plan.watchers;
  fmt::print(
      "{}", table({{"watchers", "events/s", "deliveries", "missing", "out of order", "p50 ms",
                    "p99 ms", "max ms", "core CPU", "watchers' CPU"},
                   {std::to_string(plan.watchers), std::to_string(plan.rate),
                    std::to_string(shared.deliveries), std::to_string(expected - shared.deliveries),
                    std::to_string(shared.out_of_order), fmt::format("{:.1f}", shared.p50_ms),
                    fmt::format("{:.1f}", shared.p99_ms), fmt::format("{:.1f}", shared.max_ms),
                    fmt::format("{:.0f} %", 100 * (own_cpu_s() - cpu) / (now_s() - start)),
                    fmt::format("{:.0f} %", 100 * shared.cpu_s / took)}}));
}

int run(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"watchers", "rate", "seconds", "folder"});
  const Plan plan{arguments.number("watchers", 200), arguments.number("rate", 50),
                  arguments.number("seconds", 20)};
  VL_ASSERT(plan.rate * plan.seconds < static_cast<std::int64_t>(kMostEvents));
  const ScratchFolder scratch(arguments.text("folder", "/var/tmp"));
  fmt::print("{}\n\n", machine(scratch.path()));
  std::fflush(stdout);
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  VL_ASSERT(memory != MAP_FAILED);
  auto& shared = *new (memory) Shared;
  // Before there is any thread.
  const pid_t child = ::fork();
  if (child == 0) {
    watch(shared, plan, scratch.path());
    std::_Exit(0);
  }
  serve(shared, plan, scratch.path(), child);
  return 0;
}

}  // namespace
}  // namespace vl::bench

int main(int argc, char** argv) {
  return vl::bench::run(argc, argv);
}
