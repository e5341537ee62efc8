// Acknowledged commands a second at the command interface (Journal::execute with the real
// receive_report), against the same rows written through bare SQLite and bare PostgreSQL, in one
// run: contenders take turns, several rounds, the median counts.
//
//   journal_bench [--seconds 3] [--rounds 3] [--folder /var/tmp] [--callers 256]
//                 [--store sqlite|postgresql] [--only journal|bare]
#include <atomic>
#include <functional>
#include <latch>
#include <thread>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <malloc.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/testing/private_postgres.hpp>

#include "contender.hpp"
#include "figures.hpp"

namespace vl::bench {
namespace {

struct Sample {
  double commands_per_s = 0;
  double cpu_s_per_1k = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

Sample measure(Contender& contender, int callers, double seconds) {
  std::atomic<bool> counting{false};
  std::atomic<bool> stopping{false};
  std::vector<std::vector<double>> times(static_cast<std::size_t>(callers));
  std::latch ready(callers + 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i)
    threads.emplace_back([&, i] {
      auto& mine = times[static_cast<std::size_t>(i)];
      ready.arrive_and_wait();
      while (!stopping) {
        const bool counts = counting;
        const double start = now_s();
        contender.execute(i);
        if (counts && counting) mine.push_back((now_s() - start) * 1000);
      }
    });
  ready.arrive_and_wait();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // caches fill, files grow
  const double cpu = contender.cpu_s();
  const double start = now_s();
  counting = true;
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  counting = false;
  const double took = now_s() - start;
  const double used = contender.cpu_s() - cpu;
  stopping = true;
  for (auto& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& mine : times) all.insert(all.end(), mine.begin(), mine.end());
  const auto done = static_cast<double>(all.size());
  return {done / took, used / done * 1'000, percentile(all, 0.5), percentile(all, 0.99)};
}

struct Entrant {
  std::string name;
  bool is_bare = false;
  std::function<std::unique_ptr<Contender>()> make;  // on fresh tables
};

Sample median_of(const std::vector<Sample>& samples) {
  const auto of = [&](double Sample::* member) {
    std::vector<double> values;
    for (const auto& sample : samples) values.push_back(sample.*member);
    return median(values);
  };
  return {of(&Sample::commands_per_s), of(&Sample::cpu_s_per_1k), of(&Sample::p50_ms),
          of(&Sample::p99_ms)};
}

void compare(const std::vector<Entrant>& entrants, int callers, std::int64_t rounds, double seconds,
             std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<Sample>> samples(entrants.size());
  for (std::int64_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < entrants.size(); ++i) {
      const auto contender = entrants[i].make();
      samples[i].push_back(measure(*contender, callers, seconds));
      fmt::print(stderr, "  {} callers, {}: {:.0f}/s\n", callers, entrants[i].name,
                 samples[i].back().commands_per_s);
    }
  const Sample ours = median_of(samples.front());
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    const Sample s = median_of(samples[i]);
    rows.push_back({entrants[i].name, std::to_string(callers),
                    fmt::format("{:.0f}", s.commands_per_s),
                    entrants[i].is_bare && !entrants.front().is_bare
                        ? fmt::format("{:.0f} %", 100 * ours.commands_per_s / s.commands_per_s)
                        : "",
                    fmt::format("{:.3f}", s.cpu_s_per_1k), fmt::format("{:.1f}", s.p50_ms),
                    fmt::format("{:.1f}", s.p99_ms)});
  }
}

/// The postmaster of a server, seen from one of its connections.
int postmaster_of(const std::string& conninfo) {
  PGconn* connection = PQconnectdb(conninfo.c_str());
  VL_ASSERT(PQstatus(connection) == CONNECTION_OK);
  const int pid = parent_of(PQbackendPID(connection));
  PQfinish(connection);
  return pid;
}

/// The product's address as libpq takes it.
std::string conninfo_of(std::string address, const std::string& schema) {
  const std::string key = "schema=" + schema;
  address.replace(address.find(key), key.size(), "options=-csearch_path%3D" + schema);
  return address;
}

class Field {
 public:
  Field(std::string folder, std::string only)
      : folder_(std::move(folder)), only_(std::move(only)) {}

  std::vector<Entrant> on_sqlite() {
    const auto fresh = [this] {
      const std::string path = fmt::format("{}/{}.db", folder_, ++made_);
      make_tables("sqlite:" + path);
      return path;
    };
    return wanted(
        {{"journal on SQLite", false, [fresh] { return journal_on("sqlite:" + fresh(), 0); }},
         {"bare SQLite", true, [fresh] { return bare_sqlite(fresh()); }}});
  }
  std::vector<Entrant> on_postgres() {
    if (!server_) {
      server_ = std::make_unique<store::testing::PrivatePostgres>();
      make_tables(server_->address("first"));
      server_pid_ = postmaster_of(conninfo_of(server_->address("first"), "first"));
    }
    const auto fresh = [this] {
      const std::string schema = fmt::format("bench_{}", ++made_);
      make_tables(server_->address(schema));
      return schema;
    };
    const auto bare = [this, fresh](int connections) {
      return [=, this] {
        const std::string schema = fresh();
        return bare_postgres(conninfo_of(server_->address(schema), schema), connections,
                             server_pid_);
      };
    };
    return wanted({{"journal on PostgreSQL", false,
                    [=, this] { return journal_on(server_->address(fresh()), server_pid_); }},
                   {"bare PostgreSQL, 16 connections", true, bare(16)},
                   {"bare PostgreSQL, 32 connections", true, bare(32)},
                   {"bare PostgreSQL, one, pipelined", true, [=, this] {
                      const std::string schema = fresh();
                      return bare_postgres_pipelined(conninfo_of(server_->address(schema), schema),
                                                     server_pid_);
                    }}});
  }

 private:
  std::vector<Entrant> wanted(std::vector<Entrant> all) const {
    if (!only_.empty())
      std::erase_if(all, [&](const Entrant& e) { return e.is_bare != (only_ == "bare"); });
    return all;
  }
  std::string folder_;
  std::string only_;
  std::unique_ptr<store::testing::PrivatePostgres> server_;
  int server_pid_ = 0;
  int made_ = 0;
};

int run(int argc, char** argv) {
  const Arguments arguments(argc, argv,
                            {"seconds", "rounds", "folder", "callers", "store", "only"});
  const auto seconds = static_cast<double>(arguments.number("seconds", 3));
  const auto rounds = arguments.number("rounds", 3);
  const auto store = arguments.text("store", "");
  const ScratchFolder scratch(arguments.text("folder", "/var/tmp"));
  ::setenv("TMPDIR", scratch.path().c_str(), 1);  // the server's data lies there too
  std::vector<int> callers{1, 16, 256};
  if (arguments.given("callers")) callers = {static_cast<int>(arguments.number("callers", 256))};
  fmt::print("{}\n\n", machine(scratch.path()));
  Field field(scratch.path(), arguments.text("only", ""));
  std::vector<std::vector<std::string>> rows{{"one report made durable by", "callers", "commands/s",
                                              "journal / this", "CPU-s / 1k", "p50 ms", "p99 ms"}};
  for (const int count : callers) {
    if (store != "postgresql") compare(field.on_sqlite(), count, rounds, seconds, rows);
    if (store == "sqlite") continue;
    if (const auto why = store::testing::PrivatePostgres::missing())
      fmt::print("without PostgreSQL: {}\n", *why);
    else
      compare(field.on_postgres(), count, rounds, seconds, rows);
  }
  fmt::print("{}", table(rows));
  return 0;
}

}  // namespace
}  // namespace vl::bench

int main(int argc, char** argv) {
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);  // as the core does; for all contenders
  return vl::bench::run(argc, argv);
}
