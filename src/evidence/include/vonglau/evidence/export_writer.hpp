// Makes the folder of an export from what a recorder has stored (docs/design/export.md).
//
// Runs on a thread of its own for as long as reading the footage twice takes; memory: one
// fragment and the tables of the videos. What is there when it returns is durable and lacks the
// signature, which the centre gives for the manifest's hash; a folder that was cut off by a crash
// is begun anew.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/evidence/footage_source.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/recording/fragment_store.hpp>

namespace vl::evidence {

struct ExportCamera {
  Uuid id;
  std::string code;
  std::string name;
  std::string recorder;  // its name; "" where an export is of one recorder alone
  /// Null: its recorder did not hand it over, and the export goes without it and says so.
  const FootageSource* source = nullptr;
  std::vector<MaskRegion> masks;
};

/// One video to be painted over, `from_us` and `to_us` of its regions in the video's own time.
struct MaskJob {
  std::string from;
  std::string to;
  std::vector<MaskRegion> regions;
};

struct ExportOrder {
  Uuid export_id;
  std::string made_by;
  ExportCentre centre;
  ExportRequest request;
  JournalAnchor journal;
  std::vector<ExportCamera> cameras;
};

struct ExportProgress {
  std::uint64_t done_bytes = 0;
  std::uint64_t all_bytes = 0;  // both turns
};

struct ExportOptions {
  std::string folder;  // to be made; what is there of that name is replaced
  /// To be left free on its disk.
  std::uint64_t reserve_bytes = 0;
  /// Footage and manifest alone, for who puts several recorders' parts together; a part may be
  /// empty.
  bool is_part = false;
  std::size_t file_bytes = 64 * 1024 * 1024;  // of a file of footage, about
  /// Makes masked copies; where one is wanted and cannot be made, there is no export: whoever asked
  /// for it must not be left with the original alone, unaware.
  std::function<Result<void>(const MaskJob&)> mask;
  /// Called after each fragment; false ends the work with `stopped`.
  std::function<bool(const ExportProgress&)> on_progress;
};

struct MadeExport {
  Manifest manifest;
  Digest manifest_sha256{};
  std::uint64_t bytes = 0;  // of the whole folder
};

/// From the cameras' sources. `nothing` when no camera has footage of that time; `too_much` beyond
/// the limits of a manifest or the room on the disk.
Result<MadeExport> write_export(const ExportOrder& order, const Clock& clock,
                                const ExportOptions& options);
/// All cameras from one store.
Result<MadeExport> write_export(ExportOrder order, const recording::FragmentStore& store,
                                const Clock& clock, const ExportOptions& options);

/// Beside the manifest, durable.
Result<void> write_signature(const std::string& folder, const ExportSignature& signature);
Result<void> write_timestamp(const std::string& folder, ByteView response);

}  // namespace vl::evidence
