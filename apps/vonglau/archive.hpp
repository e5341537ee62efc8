// The disks of a site's recorder, with the archive behind them where one is named.
#pragma once

#include <memory>

#include <vonglau/recording/archive_disk.hpp>

#include "config.hpp"

namespace vl::app {

struct FootageDisks {
  std::unique_ptr<recording::Disk> below;
  std::unique_ptr<recording::ObjectStore> objects;
  std::unique_ptr<recording::ArchiveDisk> archive;
  recording::Disk& disk() { return archive ? static_cast<recording::Disk&>(*archive) : *below; }
};

/// Of an archive that cannot be spoken to, all that is asked answers why: recording goes on.
/// `clock` must outlive it.
FootageDisks footage_disks(const Config& config, const Clock& clock);

/// The store of archive.endpoint, or why there can be none.
Result<std::unique_ptr<recording::ObjectStore>> archive_objects(const Config& config,
                                                                const Clock& clock);
/// Of its objects' names.
std::string archive_prefix(const Config& config);

}  // namespace vl::app
