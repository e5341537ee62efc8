// Fetches another recorder's part of an export, in pieces, so that what broke off goes on where it
// was (http/range.hpp). Blocks for as long as the network takes; one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <vonglau/evidence/footage_source.hpp>
#include <vonglau/node/protocol.hpp>

namespace vl::recorder {

/// Leaves the part in `folder` and opens it: every byte is then what the part's own manifest says,
/// and that manifest is the one the core was told of. `goes_on` is asked between pieces.
Result<std::unique_ptr<evidence::PartFootage>> fetch_part(const node::ExportPart& part,
                                                          const std::string& ca_file,
                                                          const std::string& folder,
                                                          const std::function<bool()>& goes_on);

}  // namespace vl::recorder
