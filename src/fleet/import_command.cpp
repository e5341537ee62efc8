// The import of a topology: checked whole against what is known, then recorded whole.
#include <map>
#include <set>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/commands.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

std::unexpected<Error> at_line(const ImportRow& row, std::string_view what) {
  return fail(FleetError::bad_import, fmt::format("line {} ({}): {}", row.line, row.code, what),
              fmt::format("line {}", row.line));
}

class Import {
 public:
  Import(Decision& d, const std::vector<ImportRow>& rows, const std::vector<AssetId>& fresh)
      : d_(d), rows_(rows), fresh_(fresh) {}

  Result<std::string> run() {
    VL_CHECK(read_known());
    VL_CHECK(name_new());
    for (const auto& row : rows_)
      if (row.kind) VL_CHECK(take_asset(row));
    VL_CHECK(check_whole());
    for (const auto& [id, asset] : changed_) {
      const bool is_new = !known_.contains(id);
      VL_CHECK(is_new ? d_.record(draft_of(Asset::kStream, id.value, AssetRegistered{asset}))
                      : d_.record(draft_of(Asset::kStream, id.value, AssetChanged{asset})));
      ++(is_new ? added_ : altered_);
    }
    for (const auto& row : rows_)
      if (!row.kind) VL_CHECK(take_camera(row));
    return fmt::format(
        R"({{"assets_added":{},"assets_changed":{},"cameras_linked":{},"unchanged":{}}})", added_,
        altered_, linked_, unchanged_);
  }

 private:
  Result<void> read_known() {
    VL_TRY(const auto assets, assets_now());
    for (const auto& asset : assets) {
      by_code_[asset.code] = asset.id;
      VL_TRY(const auto* state, d_.state<Asset>(asset.id.value));
      known_[asset.id] = state->description;
    }
    VL_TRY(const auto cameras, cameras::cameras(d_.tables(), d_.province()));
    for (const auto& camera : cameras) cameras_[camera.code] = camera.id;
    VL_TRY(links_, camera_links(d_.tables(), d_.province()));
    return {};
  }
  Result<std::vector<AssetRow>> assets_now() { return assets(d_.tables(), d_.province()); }

  Result<void> name_new() {
    std::size_t next = 0;
    for (const auto& row : rows_) {
      if (!row.kind || by_code_.contains(row.code)) continue;
      VL_ASSERT(next < fresh_.size());
      by_code_[row.code] = fresh_[next++];
    }
    return {};
  }

  Result<std::vector<AssetId>> ids_of(const ImportRow& row) const {
    std::vector<AssetId> out;
    for (const auto& code : row.hangs_on) {
      const auto found = by_code_.find(code);
      if (found == by_code_.end())
        return at_line(row, "it hangs on " + code.substr(0, 40) + ", which is not known");
      out.push_back(found->second);
    }
    return out;
  }

  Result<void> take_asset(const ImportRow& row) {
    const AssetId id = by_code_.at(row.code);
    const auto known = known_.find(id);
    VL_TRY(auto hangs_on, ids_of(row));
    std::string name = row.name;
    if (name.empty()) name = known != known_.end() ? known->second.name : row.code;
    AssetDescription asset{*row.kind, row.code, std::move(name), std::move(hangs_on),
                           row.service_level};
    if (auto fits = check(asset); !fits) return at_line(row, fits.error().message);
    if (known != known_.end() && known->second == asset) {
      ++unchanged_;
      return {};
    }
    changed_.emplace_back(id, std::move(asset));
    return {};
  }

  Result<void> check_whole() const {
    std::map<AssetId, const AssetDescription*> next;
    for (const auto& [id, asset] : known_) next[id] = &asset;
    for (const auto& [id, asset] : changed_) next[id] = &asset;
    std::vector<Topology::Node> nodes;
    for (const auto& [id, asset] : next)
      nodes.push_back({id, asset->kind, asset->hangs_on, asset->code});
    auto made = Topology::make(std::move(nodes));
    if (!made) return fail(FleetError::bad_import, made.error().message, "hangs_on");
    return {};
  }

  Result<void> take_camera(const ImportRow& row) {
    const auto found = cameras_.find(row.code);
    if (found == cameras_.end())
      return at_line(row, "there is no camera of this code: register it first");
    VL_TRY(auto hangs_on, ids_of(row));
    if (links_[found->second] == hangs_on) {
      ++unchanged_;
      return {};
    }
    ++linked_;
    return d_.record(
        draft_of(CameraLinks::kStream, found->second.value, CameraLinked{std::move(hangs_on)}));
  }

  Decision& d_;
  const std::vector<ImportRow>& rows_;
  const std::vector<AssetId>& fresh_;
  std::map<std::string, AssetId> by_code_;
  std::map<AssetId, AssetDescription> known_;
  std::map<std::string, CameraId> cameras_;
  LinksOfCameras links_;
  std::vector<std::pair<AssetId, AssetDescription>> changed_;
  std::size_t added_ = 0, altered_ = 0, linked_ = 0, unchanged_ = 0;
};

}  // namespace

Command import_topology(Request request, std::vector<ImportRow> rows, std::vector<AssetId> fresh) {
  return {request.actor, "fleet.import", request.idempotency_key,
          [rows = std::move(rows), fresh = std::move(fresh)](Decision& d) -> Result<std::string> {
            return Import(d, rows, fresh).run();
          }};
}

}  // namespace vl::fleet
