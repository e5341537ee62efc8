// The topology from a table (CSV): what hangs on what, as exported from a spreadsheet. Pure.
//
// A head line, then one line each:
//     kind,code,name,hangs_on,service_level
//     provider,VNPT,VNPT Bắc Ninh,,
//     line,LINE-03,Tuyến Tân Yên,VNPT,99.5
//     network_switch,SW-017,Tủ ngã tư Cao Thượng,LINE-03;EVN-TY,
//     camera,BN-0877,,SW-017;TTC,
// Columns may stand in any order; those not known are refused. `hangs_on` lists codes between
// semicolons. UTF-8, with or without its mark; commas or semicolons or tabs between the columns
// as the head line has them (then `hangs_on` is divided by spaces or '|' too).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vonglau/fleet/asset.hpp>

namespace vl::fleet {

constexpr std::size_t most_import_bytes = 4 * 1024 * 1024;
constexpr std::size_t most_import_rows = 30'000;

struct ImportRow {
  std::int64_t line = 0;          // in the file, from 1
  std::optional<AssetKind> kind;  // none: a camera
  std::string code;
  std::string name;
  std::vector<std::string> hangs_on;
  std::optional<std::int64_t> service_level;
};

/// Refuses with the number of the line at fault.
Result<std::vector<ImportRow>> read_topology(std::string_view text);

}  // namespace vl::fleet
