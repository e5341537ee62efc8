// The part of the doctor that is pure: facts in, findings out.
#include <algorithm>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "doctor.hpp"

namespace vl::app {
namespace {

std::string size_text(std::uint64_t bytes) {
  const double gib = static_cast<double>(bytes) / (1 << 30);
  return gib >= 10 ? fmt::format("{:.0f} GiB", gib) : fmt::format("{:.1f} GiB", gib);
}

// "fd00:0:0:0:0:0:0:5" and "fd00::5" are one address.
std::string canonical(const std::string& name) {
  in6_addr address{};
  char text[INET6_ADDRSTRLEN];
  if (::inet_pton(AF_INET6, name.c_str(), &address) != 1) return name;
  return ::inet_ntop(AF_INET6, &address, text, sizeof text);
}

}  // namespace

Finding judge_clock(const ClockFacts& facts, WallTime now) {
  constexpr std::int64_t tolerated_us = 2'000'000;
  if (facts.last_event && facts.last_event->us > now.us + tolerated_us) {
    return {"clock", Mark::fail,
            fmt::format("it is {} now, but the journal's last event is from {}: the clock has "
                        "gone back",
                        format_utc(now), format_utc(*facts.last_event)),
            "set the clock right before going on; events keep their order, but their times will "
            "contradict it"};
  }
  if (!facts.synchronised) {
    return {"clock", Mark::warn, "it is not synchronised with any time server",
            "install chrony or systemd-timesyncd and give it a time server of your network; "
            "`timedatectl` shows it"};
  }
  if (facts.largest_error_us > 1'000'000) {
    return {"clock", Mark::warn,
            fmt::format("it is synchronised, but may be wrong by {:.1f} s",
                        static_cast<double>(facts.largest_error_us) / 1e6),
            "look at the time server with `chronyc tracking` or `timedatectl timesync-status`"};
  }
  return {"clock",
          Mark::ok,
          fmt::format("synchronised, wrong by at most {} ms", facts.largest_error_us / 1000),
          {}};
}

Finding judge_disk(const DiskFacts& facts, std::int64_t reserve_bytes) {
  const std::string check = "disk of " + facts.what;
  if (!facts.error.empty()) {
    return {check, Mark::fail, fmt::format("{} {}", facts.folder, facts.error),
            "make the folder, mount its disk, or give it to the user that runs the centre"};
  }
  if (facts.in_memory) {
    return {check, Mark::warn,
            fmt::format("{} is in memory and gone at the next start", facts.folder),
            "choose a folder on a disk in vonglau.toml, [folders] or [store]"};
  }
  const auto reserve = static_cast<std::uint64_t>(reserve_bytes);
  if (facts.free_bytes < reserve) {
    return {check, Mark::fail,
            fmt::format("{} has {} free, less than the reserve of {}", facts.folder,
                        size_text(facts.free_bytes), size_text(reserve)),
            "free space there or move the folder to a larger disk; recording gives way first, "
            "but does not go below its locked footage"};
  }
  if (facts.free_bytes < 2 * reserve) {
    return {check, Mark::warn,
            fmt::format("{} has {} free; the reserve is {}", facts.folder,
                        size_text(facts.free_bytes), size_text(reserve)),
            "plan for more space"};
  }
  if (facts.sync_us > 200'000) {
    return {
        check, Mark::warn,
        fmt::format("writing 4 KiB durably to {} takes {} ms", facts.folder, facts.sync_us / 1000),
        "every command waits for such a write: use a faster disk, or look what else is busy "
        "on it"};
  }
  return {check,
          Mark::ok,
          fmt::format("{} has {} free, durable writes take {:.1f} ms", facts.folder,
                      size_text(facts.free_bytes), static_cast<double>(facts.sync_us) / 1000),
          {}};
}

Finding judge_archive(const ArchiveFacts& facts) {
  if (facts.error.empty())
    return {"archive", Mark::ok, fmt::format("{} lists its objects", facts.endpoint), ""};
  return {
      "archive", Mark::fail, facts.error,
      "footage waits in archive.folder until it is full; then the oldest is given up as without "
      "an archive"};
}

Finding judge_anchor_place(const DiskFacts& store, const DiskFacts& anchor) {
  if (store.device != anchor.device || store.device == 0)
    return {"anchor", Mark::ok, fmt::format("{} is on a disk of its own", anchor.folder), {}};
  return {"anchor", Mark::warn,
          fmt::format("{} is on the same disk as the data: whoever rewrites one can rewrite both",
                      anchor.folder),
          "put folders.anchor on another disk, another host or write-once storage"};
}

Finding judge_port(const PortFacts& facts, bool centre_runs) {
  const std::string check = "port of " + facts.server;
  const std::string where = fmt::format("{} port {}", facts.address, facts.port);
  if (facts.error.empty()) {
    if (!centre_runs) return {check, Mark::ok, where + " is free", {}};
    return {check, Mark::warn, fmt::format("{} is free though the centre runs", where),
            "see with `vonglau status` whether it has started"};
  }
  if (centre_runs) return {check, Mark::ok, where + " is in use by the running centre", {}};
  return {check, Mark::fail, fmt::format("{}: {}", where, facts.error),
          fmt::format("end what uses it (`ss -ltnp 'sport = :{}'` shows it) or choose another "
                      "port in vonglau.toml, [{}]",
                      facts.port, facts.server)};
}

Finding judge_certificate(const std::string& server, const Result<http::CertificateFacts>& facts,
                          const std::vector<std::string>& wanted_names, bool renews_itself,
                          WallTime now) {
  const std::string check = "certificate of " + server;
  if (!facts) {
    return {check, Mark::fail, facts.error().message,
            renews_itself ? "start the centre: it makes what is missing"
                          : "correct [certificates] in vonglau.toml"};
  }
  const int days = static_cast<int>(facts->days_left(now));
  const std::string renewal = renews_itself
                                  ? "restart the centre: it renews its certificates at start"
                                  : "put the renewed certificate in its place and restart";
  if (facts->not_after < now || now < facts->not_before) {
    return {check, Mark::fail,
            fmt::format("is valid from {} to {} only", format_utc(facts->not_before),
                        format_utc(facts->not_after)),
            renewal};
  }
  std::string missing;
  for (const auto& name : wanted_names)
    if (std::ranges::find(facts->names, canonical(name), canonical) == facts->names.end())
      missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty()) {
    return {check, Mark::fail, "is not for " + missing,
            renews_itself ? renewal : "ask for one that names it, or correct public_url"};
  }
  if (days < http::kRenewBelowDays)
    return {check, Mark::warn, fmt::format("ends in {} days", days), renewal};
  return {check, Mark::ok, fmt::format("by {}, ends in {} days", facts->issuer, days), {}};
}

Findings judge_keys(const std::string& folder, const std::vector<FileModeFacts>& files) {
  if (files.empty()) {
    return {{"keys", Mark::fail, fmt::format("there is no folder {}", folder),
             "restore it from the backup of the keys; a new one cannot open the old vault"}};
  }
  Findings findings;
  for (const auto& file : files) {
    const bool open_to_others = (file.mode & 0077U) != 0;
    const bool is_public = file.path.ends_with(".crt");  // certificates are meant to be read
    if (!file.ours) {
      findings.push_back({"keys", Mark::warn, fmt::format("{} belongs to another user", file.path),
                          "run the doctor as the user that runs the centre, or change its owner"});
    } else if (open_to_others && !is_public) {
      findings.push_back(
          {"keys", Mark::fail,
           fmt::format("{} has mode {:04o}: others may read it", file.path, file.mode),
           fmt::format("chmod {} {}", file.folder ? "700" : "600", file.path)});
    }
  }
  if (findings.empty())
    findings.push_back(
        {"keys", Mark::ok, fmt::format("{} and all in it are for their owner only", folder), {}});
  return findings;
}

Finding judge_node(const NodeFacts& node, std::string_view core_speaks) {
  const std::string check = "node " + node.name;
  if (node.speaks == core_speaks)
    return {check, Mark::ok, fmt::format("speaks version {} as the core does", node.speaks), {}};
  return {check, Mark::warn,
          fmt::format("speaks version {} of the nodes' protocol, the core {}", node.speaks,
                      core_speaks),
          "install the core's version of vonglau on its machine"};
}

Finding judge_roots(const RootFacts& facts, bool centre_runs, WallTime now) {
  constexpr std::int64_t oldest_us = 10'000'000;
  if (facts.head_sequence == 0) return {"roots", Mark::ok, "nothing to sign yet", {}};
  if (!facts.newest) {
    return {"roots", Mark::warn, "no root has been signed yet",
            "start the centre; it signs one every few seconds"};
  }
  const std::string text = fmt::format("{} roots, the newest signs event {} of {}", facts.roots,
                                       facts.newest_sequence, facts.head_sequence);
  if (facts.newest_sequence > facts.head_sequence) {
    return {"roots", Mark::fail, text + ": the journal has been cut off",
            "stop the centre and run `vonglau journal verify`"};
  }
  if (centre_runs && facts.newest_sequence < facts.head_sequence &&
      now.us - facts.newest->us > oldest_us) {
    return {"roots", Mark::fail,
            fmt::format("{}, and is {} s old", text, (now.us - facts.newest->us) / 1'000'000),
            "the core cannot write folders.anchor: look at its log and at that disk"};
  }
  return {"roots", Mark::ok, text, {}};
}

Mark worst_of(const Findings& findings) {
  Mark worst = Mark::ok;
  for (const auto& finding : findings) worst = std::max(worst, finding.mark);
  return worst;
}

}  // namespace vl::app
