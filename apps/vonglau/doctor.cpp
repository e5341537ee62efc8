// `vonglau doctor`: all of it together, printed.
#include "doctor.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/roots.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "composition.hpp"
#include "site.hpp"
#include "site_store.hpp"
#include "subcommands.hpp"
#include "version.hpp"

namespace vl::app {

BOOST_DESCRIBE_ENUM(Mark, ok, warn, fail)
BOOST_DESCRIBE_STRUCT(Finding, (), (check, mark, text, remedy))

namespace {

struct Report {
  std::string worst;
  Findings findings;
};
BOOST_DESCRIBE_STRUCT(Report, (), (worst, findings))

std::string_view name_of(Mark mark) {
  return mark == Mark::ok ? "ok" : mark == Mark::warn ? "warn" : "FAIL";
}

// What the store tells: itself, and for the other checks the last event, roots and nodes.
struct StoreFacts {
  std::optional<WallTime> last_event;
  RootFacts roots;
  std::vector<NodeFacts> nodes;
};

Result<void> look_into_store(store::Session& session, const Config& config, StoreFacts& facts) {
  VL_TRY(const auto head, journal::read_head(session, config.province_id()));
  facts.roots.head_sequence = head.sequence;
  journal::EventRange last;
  last.newest_first = true;
  last.limit = 1;
  VL_CHECK(journal::read_events(session, config.province_id(), last, nullptr,
                                [&](journal::Event&& event) {
                                  facts.last_event = event.wall;
                                  return true;
                                }));
  VL_TRY(const auto nodes, node::nodes(session, config.province_id()));
  for (const auto& node : nodes) facts.nodes.push_back({node.name, node.version});
  return {};
}

Finding examine_store(const Config& config, StoreFacts& facts) {
  const std::string& address = config.store.address;
  if (address.starts_with("sqlite:") && !std::filesystem::exists(address.substr(7))) {
    return {"store", Mark::warn, address.substr(7) + " is not there yet",
            "on a new site the core makes it at its first start; else restore the backup"};
  }
  const auto look = [&]() -> Result<std::string> {
    VL_TRY(const auto database, open_existing_store(config));
    VL_TRY(const auto session, open_checked_reader(*database));
    VL_CHECK(look_into_store(*session, config, facts));
    return fmt::format("reachable, its tables are those of version {}, {} events", version,
                       facts.roots.head_sequence);
  };
  auto text = look();
  if (text) return {"store", Mark::ok, std::move(*text), {}};
  const bool schema = text.error().code == code_of(store::StoreError::schema);
  return {"store", Mark::fail, text.error().message,
          schema ? "an older database is brought up to date when the core starts; for a newer one "
                   "install that version"
                 : "see that the database runs and that store.address is right"};
}

Findings examine_certificates(const Config& config, const Clock& clock) {
  Findings findings;
  const bool own = !config.certificates.certificate.empty();
  for (const std::string server : {"core", "recorder"}) {
    if (std::ranges::find(config.serve.processes, server) == config.serve.processes.end()) continue;
    const std::string file = own ? config.certificates.certificate
                                 : fmt::format("{}/{}.crt", config.certificate_folder(), server);
    const auto facts = http::read_certificate(file);
    // As a browser sees it: only what people type has to be named.
    const std::string url = server == "core" ? config.core_url() : config.recorder_url();
    findings.push_back(judge_certificate(server, facts, {host_of(url)}, !own, clock.wall()));
  }
  if (!own) {
    findings.push_back(judge_certificate(
        "authority", http::read_certificate(config.authority_folder() + "/authority.crt"), {}, true,
        clock.wall()));
  }
  return findings;
}

void look_at_roots(const Config& config, RootFacts& facts) {
  if (!std::filesystem::exists(config.signing_key_file())) return;
  const auto key = SigningKey::load_or_create(config.signing_key_file());
  if (!key) return;
  const auto roots = journal::read_roots(config.folders.anchor, key->public_key());
  if (!roots || roots->empty()) return;
  facts.roots = static_cast<std::int64_t>(roots->size());
  facts.newest = roots->back().at;
  facts.newest_sequence = roots->back().sequence;
}

Findings examine_limits(const Config& config) {
  Findings findings;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto needed = static_cast<rlim_t>(config.limits.connections + 1024);
  if (files.rlim_max < needed) {
    findings.push_back({"limits", Mark::warn,
                        fmt::format("at most {} open files, {} may be needed",
                                    static_cast<std::uint64_t>(files.rlim_max),
                                    static_cast<std::uint64_t>(needed)),
                        "raise LimitNOFILE in the systemd unit, or lower limits.connections"});
  } else {
    findings.push_back({"limits",
                        Mark::ok,
                        fmt::format("{} open files", static_cast<std::uint64_t>(files.rlim_max)),
                        {}});
  }
  return findings;
}

Finding versions() {
  utsname system{};
  ::uname(&system);
  return {"version",
          Mark::ok,
          fmt::format("vonglau {}, {}, Linux {}", version, OpenSSL_version(OPENSSL_VERSION),
                      system.release),
          {}};
}

}  // namespace

Findings examine(const Config& config, const Clock& clock) {
  Findings findings;
  const auto append = [&](Findings more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  };
  const bool runs = supervise::read_report(supervise::socket_path(config.run_folder())).has_value();
  findings.push_back(versions());
  StoreFacts store_facts;
  Finding store_finding = examine_store(config, store_facts);

  ClockFacts clock_facts = look_at_clock();
  clock_facts.last_event = store_facts.last_event;
  findings.push_back(judge_clock(clock_facts, clock.wall()));

  const std::int64_t reserve_bytes = config.limits.journal_reserve_mib << 20;
  const auto data = look_at_disk("data", config.folders.data, clock);
  const auto anchor = look_at_disk("anchor", config.folders.anchor, clock);
  findings.push_back(judge_disk(data, reserve_bytes));
  findings.push_back(
      judge_disk(look_at_disk("footage", config.folders.footage, clock), reserve_bytes));
  for (const auto& folder : config.folders.footage_disks)
    findings.push_back(judge_disk(look_at_disk("footage " + folder, folder, clock), reserve_bytes));
  for (const auto& folder : config.folders.slow_footage_disks)
    findings.push_back(judge_disk(look_at_disk("footage " + folder, folder, clock), reserve_bytes));
  if (!config.archive.endpoint.empty()) {
    findings.push_back(
        judge_disk(look_at_disk("archive's waiting", config.archive.folder, clock), reserve_bytes));
    findings.push_back(judge_archive(look_at_archive(config, clock)));
  }
  findings.push_back(judge_disk(anchor, 1 << 20));
  if (anchor.error.empty()) findings.push_back(judge_anchor_place(data, anchor));

  for (const auto& process : config.serve.processes) {
    const bool core = process == "core";
    findings.push_back(
        judge_port(look_at_port(process, core ? config.core.listen : config.recorder.listen,
                                core ? config.core.port : config.recorder.port),
                   runs));
  }
  findings.push_back(std::move(store_finding));
  look_at_roots(config, store_facts.roots);
  findings.push_back(judge_roots(store_facts.roots, runs, clock.wall()));
  append(examine_certificates(config, clock));
  append(judge_keys(config.folders.keys, look_at_keys(config.folders.keys)));
  for (const auto& node : store_facts.nodes)
    findings.push_back(judge_node(node, node::kProtocolVersion));
  append(examine_limits(config));
  return findings;
}

std::string text_of(const Findings& findings) {
  std::string text;
  for (const auto& finding : findings) {
    text += fmt::format("{:<5} {}: {}\n", name_of(finding.mark), finding.check, finding.text);
    if (!finding.remedy.empty()) text += fmt::format("      -> {}\n", finding.remedy);
  }
  return text;
}

std::string json_of(const Findings& findings) {
  const Mark worst = worst_of(findings);
  return json::write(Report{worst == Mark::ok     ? "ok"
                            : worst == Mark::warn ? "warn"
                                                  : "fail",
                            findings});
}

void add_doctor(Subcommand app, const Invocation& call) {
  auto doctor = app.add("doctor", "Look what is not well with this site");
  auto as_json = std::make_shared<bool>(false);
  doctor.flag("--json", *as_json, "As JSON");
  doctor.does([&call, as_json] {
    const auto config = call.config();
    if (!config) return complain(config.error(), exit_config);
    const auto findings = examine(*config, SystemClock());
    fmt::print("{}", *as_json ? json_of(findings) + "\n" : text_of(findings));
    return worst_of(findings) == Mark::fail ? exit_problems : exit_ok;
  });
}

}  // namespace vl::app
