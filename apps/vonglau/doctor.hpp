// `vonglau doctor`: what is not well with this site, and how to mend it.
//
// look_...() gathers facts from the machine; judge_...() makes findings of facts and is pure, so
// that every finding can be tested without breaking a machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/http/certificates.hpp>

#include "config.hpp"

namespace vl::app {

enum class Mark { ok, warn, fail };

struct Finding {
  std::string check;  // "clock", "disk", "port", "store", "certificate", "key", "version", ...
  Mark mark = Mark::ok;
  std::string text;
  std::string remedy;  // "" when all is well
};
using Findings = std::vector<Finding>;

struct ClockFacts {
  bool synchronised = false;
  std::int64_t largest_error_us = 0;   // the kernel's own estimate
  std::optional<WallTime> last_event;  // newest in the journal
};
ClockFacts look_at_clock();
Finding judge_clock(const ClockFacts& facts, WallTime now);

struct DiskFacts {
  std::string what;  // "store", "footage", "anchor"
  std::string folder;
  std::string error;  // "" when it could be looked at and written
  std::uint64_t free_bytes = 0;
  std::uint64_t device = 0;
  bool in_memory = false;    // tmpfs and the like: gone at the next start
  std::int64_t sync_us = 0;  // a small file, written and synced
};
DiskFacts look_at_disk(std::string what, std::string folder, const Clock& clock);
Finding judge_disk(const DiskFacts& facts, std::int64_t reserve_bytes);
/// Roots beside the journal they vouch for are lost and forged together.
Finding judge_anchor_place(const DiskFacts& store, const DiskFacts& anchor);

/// What the archive answered when it was asked for a list; "" when it was well.
struct ArchiveFacts {
  std::string endpoint;
  std::string error;
};
ArchiveFacts look_at_archive(const Config& config, const Clock& clock);
Finding judge_archive(const ArchiveFacts& facts);

struct PortFacts {
  std::string server;  // "core"
  std::string address;
  std::int64_t port = 0;
  std::string error;  // "" when it could be bound
};
PortFacts look_at_port(std::string server, std::string address, std::int64_t port);
Finding judge_port(const PortFacts& facts, bool centre_runs);

Finding judge_certificate(const std::string& server, const Result<http::CertificateFacts>& facts,
                          const std::vector<std::string>& wanted_names, bool renews_itself,
                          WallTime now);

struct FileModeFacts {
  std::string path;
  std::uint32_t mode = 0;
  bool ours = false;  // owned by whoever runs this
  bool folder = false;
};
std::vector<FileModeFacts> look_at_keys(const std::string& folder);
Findings judge_keys(const std::string& folder, const std::vector<FileModeFacts>& files);

struct NodeFacts {
  std::string name;
  std::string speaks;  // version of the nodes' protocol
};
Finding judge_node(const NodeFacts& node, std::string_view core_speaks);

struct RootFacts {
  std::int64_t roots = 0;
  std::optional<WallTime> newest;
  std::int64_t newest_sequence = 0;
  std::int64_t head_sequence = 0;
};
Finding judge_roots(const RootFacts& facts, bool centre_runs, WallTime now);

/// Everything of one site.
Findings examine(const Config& config, const Clock& clock);

Mark worst_of(const Findings& findings);
std::string text_of(const Findings& findings);
std::string json_of(const Findings& findings);

}  // namespace vl::app
