// What the recorder does for exports: holds their footage, makes their folders, completes them
// with the core's signature and a timestamp, packs them, and deletes them when they are over. Of an
// export over several recorders each makes a part, and one of them fetches the others' and makes
// the whole. A timestamp that the authority did not give is asked for again and added. The core
// says what is to be done (node::ExportAssignment), always all of it; what was done already is seen
// on disk, so a recorder that was killed goes on where it was.
//
// FOLDER/<export>/ while it is made, FOLDER/<export>.zip when it can be fetched;
// FOLDER/<export>.part/ is a part for another recorder, FOLDER/<export>.parts/<recorder>/ one of
// another. One thread of its own, at low priority; assign(), archive(), part_file() and delivered()
// from any thread.
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
#include "deliveries.hpp"

namespace vl::recorder {

class ExportWork {
 public:
  ExportWork(ExportOptions options, std::uint64_t reserve_bytes, recording::FragmentStore& store,
             CoreReports& reports, const Clock& clock, IdSource& ids);
  ~ExportWork();
  ExportWork(const ExportWork&) = delete;
  ExportWork& operator=(const ExportWork&) = delete;

  void assign(std::vector<node::ExportAssignment> exports);

  struct Archive {
    std::string path;
    std::string name;  // to be saved as
    std::string etag;  // strong: another one whenever a byte is
  };
  Result<Archive> archive(const Uuid& id) const;
  /// A file of the part that was made here, by its name in the part's manifest.
  Result<std::string> part_file(const Uuid& id, std::string_view name) const;
  /// So many bytes of the archive, from `first` on, went to this person.
  void delivered(const Uuid& id, const Uuid& person, const Archive& archive, std::uint64_t size,
                 std::uint64_t first, std::uint64_t bytes);

 private:
  using Wanted = std::map<Uuid, node::ExportAssignment>;
  void run();
  void turn(const Wanted& wanted);
  void let_go(const Wanted& wanted);
  Result<void> hold(const node::ExportAssignment& one);
  Result<void> step(const node::ExportAssignment& one);
  Result<void> make_part(const node::ExportAssignment& one);
  Result<void> make(const node::ExportAssignment& one);
  /// False: not all are here yet, and it is tried again.
  Result<bool> fetch_parts(const node::ExportAssignment& one);
  Result<evidence::ExportOrder> order_of(const node::ExportAssignment& one) const;
  evidence::ExportOptions how_to_make(const node::ExportAssignment& one, std::string folder);
  Result<void> complete(const node::ExportAssignment& one);
  Result<void> pack(const node::ExportAssignment& one);
  /// After the export was completed without; what does not go is tried again later.
  void stamp_later(const node::ExportAssignment& one);
  Result<void> add_stamp(const node::ExportAssignment& one);
  Result<void> tell_part(const Uuid& id);
  Result<void> tell_made(const Uuid& id);
  std::int64_t wait_ms() const;
  node::ExportReadyItem ready_item(const Uuid& id) const;
  /// Still to be done: not stopping, and still in the newest assignment.
  bool goes_on(const Uuid& id) const;
  std::string folder_of(const Uuid& id) const { return options_.folder + "/" + id.text(); }
  std::string archive_of(const Uuid& id) const { return folder_of(id) + ".zip"; }
  std::string part_of(const Uuid& id) const { return folder_of(id) + ".part"; }
  std::string parts_of(const Uuid& id) const { return folder_of(id) + ".parts"; }

  const ExportOptions options_;
  const std::uint64_t reserve_bytes_;
  recording::FragmentStore& store_;
  CoreReports& reports_;
  const Clock& clock_;
  IdSource& ids_;
  Deliveries deliveries_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Wanted> wanted_;
  bool fresh_ = false;
  bool stopping_ = false;
  // The thread's own: what the core was told since this recorder started.
  std::set<Uuid> told_locked_;
  std::set<Uuid> told_part_;
  std::set<Uuid> told_made_;
  std::set<Uuid> told_ready_;
  std::set<Uuid> failed_;
  using OfPart = std::pair<Uuid, Uuid>;  // export and recorder
  std::map<OfPart, std::unique_ptr<evidence::PartFootage>> parts_;
  std::map<OfPart, int> part_tries_;
  struct Stamping {
    std::int64_t due_us = 0;
    std::int64_t wait_us = 0;
  };
  std::map<Uuid, Stamping> stamping_;
  std::set<Uuid> told_stamped_;
  std::thread thread_;
};

}  // namespace vl::recorder
