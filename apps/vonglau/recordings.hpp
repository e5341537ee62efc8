// `vonglau recordings`: the recorder's disks, looked after while it is stopped.
#pragma once

#include <cstdio>

#include <vonglau/recording/fragment_store.hpp>

#include "config.hpp"

namespace vl::app {

/// Where a site's recorder keeps footage, and how much.
recording::StoreOptions footage_options(const Config& config);

struct RecordingsCheckOptions {
  bool content = false;
  bool repair = false;
  bool rebuild_index = false;
  bool json = false;
};
/// An exit status of subcommands.hpp.
int recordings_check(const Config& config, const RecordingsCheckOptions& options, std::FILE* out);

}  // namespace vl::app
