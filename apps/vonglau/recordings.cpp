#include "recordings.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

#include <boost/describe.hpp>
#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/recorder/recorder.hpp>

#include "archive.hpp"
#include "subcommands.hpp"

namespace vl::app {

using namespace recording;

namespace {

struct CheckFinding {
  std::string kind;
  std::string camera;
  std::string stream;
  std::int64_t sequence = 0;  // 0: about a whole file
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(CheckFinding, (), (kind, camera, stream, sequence, detail))

struct CheckOutcome {
  bool ok = false;
  bool content_checked = false;
  std::int64_t fragments = 0;
  std::int64_t bytes = 0;
  std::int64_t torn_bytes = 0;  // left by a crash, cut off at the start
  std::int64_t problems = 0;
  std::int64_t given_up = 0;  // unreadable fragments that are gaps now
  std::vector<CheckFinding> findings;
};
BOOST_DESCRIBE_STRUCT(CheckOutcome, (),
                      (ok, content_checked, fragments, bytes, torn_bytes, problems, given_up,
                       findings))

struct TornEnds final : StoreObserver {
  std::uint64_t bytes = 0;
  void on_torn_tail(const StreamKey&, std::uint64_t torn) override { bytes += torn; }
};

CheckOutcome check_outcome_of(const CheckReport& report, const RecordingsCheckOptions& options) {
  CheckOutcome out{report.problems == 0,
                   options.content,
                   static_cast<std::int64_t>(report.fragments),
                   static_cast<std::int64_t>(report.bytes),
                   0,
                   static_cast<std::int64_t>(report.problems),
                   0,
                   {}};
  for (const auto& finding : report.findings) {
    const bool of_stream = !finding.fragment.stream.camera.value.is_nil();
    out.findings.push_back({std::string(name_of(finding.kind)),
                            of_stream ? finding.fragment.stream.camera.text() : "",
                            of_stream ? std::string(name_of(finding.fragment.stream.kind)) : "",
                            static_cast<std::int64_t>(finding.fragment.sequence), finding.detail});
  }
  return out;
}

void print(std::FILE* out, const Config& config, const CheckOutcome& found) {
  fmt::print(out, "Footage in {}\n", config.folders.footage);
  fmt::print(out, "  fragments  {}, {:.1f} GB, {}\n", found.fragments,
             static_cast<double>(found.bytes) / 1e9,
             found.content_checked ? "every one read and its hash compared"
                                   : "present, in place and in order; content not read");
  if (found.torn_bytes > 0)
    fmt::print(out, "  repaired   {} bytes that a crash had left unfinished were cut off\n",
               found.torn_bytes);
  for (const auto& finding : found.findings)
    fmt::print(out, "  PROBLEM    {}{}: {}\n", finding.kind,
               finding.sequence == 0 ? ""
                                     : fmt::format(", camera {} {}, fragment {}", finding.camera,
                                                   finding.stream, finding.sequence),
               finding.detail);
  if (found.problems > static_cast<std::int64_t>(found.findings.size()))
    fmt::print(out, "  and {} more\n",
               found.problems - static_cast<std::int64_t>(found.findings.size()));
  if (found.given_up > 0)
    fmt::print(out,
               "  repaired   {} unreadable fragments are no longer looked for; their time is a gap "
               "with the cause disk_failed\n",
               found.given_up);
  if (found.ok) {
    fmt::print(out, "All is well.\n");
  } else if (found.given_up == 0) {
    fmt::print(out,
               "Keep this disk as it is if the footage may be evidence. --repair gives up what "
               "cannot be read; what was altered stays, and is told of at every check.\n");
  }
}

/// The index alone: it is made again from the logs when the store opens.
Result<void> remove_index(const StoreOptions& options) {
  for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"}) {
    std::error_code error;
    std::filesystem::remove(options.folder + name, error);
    if (error)
      return fail(RecordingError::disk_failed,
                  fmt::format("cannot remove {}{}: {}", options.folder, name, error.message()));
  }
  return {};
}

}  // namespace

StoreOptions footage_options(const Config& config) {
  StoreOptions out;
  const auto reserve_bytes = static_cast<std::uint64_t>(config.limits.journal_reserve_mib) << 20;
  const auto most_bytes = static_cast<std::uint64_t>(config.limits.footage_gib) << 30;
  out.folder = config.folders.footage;
  out.reserve_bytes = reserve_bytes;
  out.most_bytes = most_bytes;
  out.default_retention.most_age_s = config.limits.retention_days * 86'400;
  const auto& [further, slow] =
      std::tie(config.folders.footage_disks, config.folders.slow_footage_disks);
  const bool has_archive = !config.archive.endpoint.empty();
  if (further.empty() && slow.empty() && !has_archive) return out;
  out.disks.push_back({out.folder, reserve_bytes, most_bytes});
  for (const auto& folder : further) out.disks.push_back({folder, reserve_bytes, most_bytes});
  // Of a slow disk all is for footage.
  for (const auto& folder : slow)
    out.disks.push_back({.folder = folder, .reserve_bytes = reserve_bytes, .tier = Tier::slow});
  if (has_archive)
    out.disks.push_back({.folder = config.archive.folder,
                         .reserve_bytes = 0,
                         .most_bytes = static_cast<std::uint64_t>(config.archive.most_gib) << 30,
                         .tier = Tier::archive});
  return out;
}

int recordings_check(const Config& config, const RecordingsCheckOptions& options, std::FILE* out) {
  const auto footage = footage_options(config);
  if (!std::filesystem::exists(footage.folder + "/footage.db") && !options.rebuild_index)
    return complain(fail(RecordingError::not_found,
                         fmt::format("no recorder has written to {}; with --rebuild-index its "
                                     "index is made again from the logs",
                                     footage.folder))
                        .error());
  SystemClock clock;
  SystemIdSource ids(clock);
  TornEnds torn;
  auto disks = footage_disks(config, clock);
  if (options.rebuild_index) {
    // Only while no recorder has it open.
    auto lock = FolderLock::take(footage.folder);
    if (!lock) return complain(lock.error());
    if (auto removed = remove_index(footage); !removed) return complain(removed.error());
  }
  const auto store = open_fragment_store(footage, disks.disk(), clock, ids, torn);
  if (!store) return complain(store.error());
  const auto report = (*store)->check(options.content);
  if (!report) return complain(report.error());
  auto found = check_outcome_of(*report, options);
  found.torn_bytes = static_cast<std::int64_t>(torn.bytes);
  if (options.repair && !report->unreadable.empty()) {
    if (auto done = (*store)->give_up(report->unreadable); !done) return complain(done.error());
    found.given_up = static_cast<std::int64_t>(report->unreadable.size());
  }
  // For the recorder to tell, so that whoever looks at a screen knows that somebody looked.
  std::ofstream(footage.folder + "/" + recorder::last_check_file, std::ios::trunc)
      << json::write(node::StorageCheck{clock.wall().us, found.ok, found.content_checked,
                                        found.fragments, found.problems});
  if (options.json)
    fmt::print(out, "{}\n", json::write(found));
  else
    print(out, config, found);
  return found.ok ? exit_ok : exit_problems;
}

void add_recordings(Subcommand app, const Invocation& call) {
  auto recordings = app.add("recordings", "Look after footage on disk");
  recordings.only_by_parts();
  auto options = std::make_shared<RecordingsCheckOptions>();
  auto check = recordings.add(
      "check", "Is all footage there, whole, in order? The recorder must be stopped");
  check.flag("--content", options->content, "Read every byte and compare its hash");
  check.flag("--repair", options->repair, "Give up what cannot be read; its time becomes a gap");
  check.flag("--rebuild-index", options->rebuild_index, "Make the index again from the logs first");
  check.flag("--json", options->json, "As JSON");
  check.does([&call, options] {
    const auto config = call.config();
    if (!config) return complain(config.error(), exit_config);
    return recordings_check(*config, *options, stdout);
  });
}

}  // namespace vl::app
