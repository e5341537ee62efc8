// What the recorder does for exports: holds their footage, makes their folders, completes them
// with the core's signature and a timestamp, packs them, and deletes them when they are over. The
// core says what is to be done (node::ExportAssignment), always all of it; what was done already
// is seen on disk, so a recorder that was killed goes on where it was.
//
// FOLDER/<export>/ while it is made, FOLDER/<export>.zip when it can be fetched. One thread of its
// own, at low priority; assign() and archive() from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <vonglau/evidence/export_writer.hpp>
#include <vonglau/recorder/recorder.hpp>

#include "core_reports.hpp"

namespace vl::recorder {

class ExportWork {
 public:
  ExportWork(ExportOptions options, std::uint64_t reserve_bytes, recording::FragmentStore& store,
             CoreReports& reports, const Clock& clock);
  ~ExportWork();
  ExportWork(const ExportWork&) = delete;
  ExportWork& operator=(const ExportWork&) = delete;

  void assign(std::vector<node::ExportAssignment> exports);

  struct Archive {
    std::string path;
    std::string name;  // to be saved as
  };
  Result<Archive> archive(const Uuid& id) const;

 private:
  using Wanted = std::map<Uuid, node::ExportAssignment>;
  void run();
  void turn(const Wanted& wanted);
  void let_go(const Wanted& wanted);
  Result<void> hold(const node::ExportAssignment& one);
  Result<void> make(const node::ExportAssignment& one);
  Result<void> complete(const node::ExportAssignment& one);
  Result<void> tell_made(const Uuid& id);
  node::ExportReadyItem ready_item(const Uuid& id) const;
  /// Still to be done: not stopping, and still in the newest assignment.
  bool goes_on(const Uuid& id) const;
  std::string folder_of(const Uuid& id) const { return options_.folder + "/" + id.text(); }
  std::string archive_of(const Uuid& id) const { return folder_of(id) + ".zip"; }

  const ExportOptions options_;
  const std::uint64_t reserve_bytes_;
  recording::FragmentStore& store_;
  CoreReports& reports_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Wanted> wanted_;
  bool fresh_ = false;
  bool stopping_ = false;
  // The thread's own: what the core was told since this recorder started.
  std::set<Uuid> told_locked_;
  std::set<Uuid> told_made_;
  std::set<Uuid> told_ready_;
  std::set<Uuid> failed_;
  std::thread thread_;
};

/// The authority's answer over this digest: a TimeStampResp that answers our request.
Result<Bytes> fetch_timestamp(const std::string& url, const std::string& ca_file,
                              const Digest& digest);

}  // namespace vl::recorder
