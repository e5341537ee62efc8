#include "restart_journal.hpp"

#include <algorithm>
#include <map>

#include <vonglau/journal/typed_event.hpp>

namespace vl::app {

BOOST_DESCRIBE_STRUCT(ProcessRestarted, (), (name, how, restarted_us, supervisor_since_us, number))

namespace {

// What of a process's restarts is recorded already.
struct RecordedRestarts {
  static constexpr std::string_view kStream = "process";
  WallTime supervisor;
  std::int64_t number = 0;
  void apply(const journal::Event& event) {
    journal::when<ProcessRestarted>(event, [&](const ProcessRestarted& restarted) {
      supervisor = restarted.supervisor_since_us;
      number = restarted.number;
    });
  }
  bool has(const ProcessRestarted& restarted) const {
    if (restarted.supervisor_since_us != supervisor)
      return restarted.supervisor_since_us < supervisor;
    return restarted.number <= number;
  }
};

// A process is known by its name: the same id in every run (a UUID of version 8, RFC 9562).
Uuid stream_of(const std::string& name) {
  const Digest digest = sha256(as_bytes("process:" + name));
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x80);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

journal::Command record_restart(ProcessRestarted restarted) {
  return {journal::Actor::system(), "processes.restarted", std::nullopt,
          [restarted = std::move(restarted)](journal::Decision& d) -> Result<std::string> {
            const Uuid id = stream_of(restarted.name);
            VL_TRY(const auto* recorded, d.state<RecordedRestarts>(id));
            if (!recorded->has(restarted))
              VL_CHECK(d.record(journal::draft_of(RecordedRestarts::kStream, id, restarted)));
            return std::string();
          }};
}

}  // namespace

std::vector<ProcessRestarted> restarts_in(const supervise::StatusReport& report) {
  using Kind = supervise::ProcessEventKind;
  std::vector<ProcessRestarted> restarts;
  std::map<std::string, std::string> ended;
  for (const auto& event : report.events) {
    if (event.kind == Kind::exited || event.kind == Kind::could_not_start) {
      ended[event.process] = event.detail;
    } else if (const auto end = ended.find(event.process);
               event.kind == Kind::started && end != ended.end()) {
      restarts.push_back({event.process, end->second, event.at_us, report.since_us, event.number});
      ended.erase(end);
    }
  }
  return restarts;
}

Result<void> RestartJournal::follow() {
  const auto report = supervise::read_report(socket_);
  return report ? record(*report) : Result<void>();
}

Result<void> RestartJournal::record(const supervise::StatusReport& report) {
  if (report.since_us != supervisor_) {
    supervisor_ = report.since_us;
    seen_ = 0;
  }
  for (auto& restarted : restarts_in(report)) {
    if (restarted.number <= seen_) continue;
    const std::int64_t number = restarted.number;
    VL_CHECK(journal_.execute(record_restart(std::move(restarted))));
    seen_ = number;
  }
  return {};
}

}  // namespace vl::app
