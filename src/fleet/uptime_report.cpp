#include <algorithm>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/uptime_report.hpp>

namespace vl::fleet {
namespace {

struct Group {
  Uptime uptime;
  std::int64_t cameras = 0;
  std::int64_t below_level = 0;
};

UptimeRow row_of(const Group& group, std::int64_t level) {
  UptimeRow row;
  row.cameras = group.cameras;
  row.share = group.uptime.share();
  row.level = level;
  row.below_level = group.below_level;
  row.up_us = group.uptime.up_us;
  row.down_us = group.uptime.down_us;
  row.planned_us = group.uptime.planned_us;
  row.unknown_us = group.uptime.unknown_us;
  row.outages = group.uptime.outages;
  row.longest_us = group.uptime.longest_us;
  return row;
}

class Report {
 public:
  Report(store::Session& session, ProvinceId province) : session_(session), province_(province) {}

  Result<UptimeReport> run(TimeSpan span, std::optional<WallTime> as_of) {
    VL_TRY(topology_, topology(session_, province_));
    VL_TRY(const auto assets, assets_by_index());
    VL_TRY(auto links, camera_links(session_, province_));
    VL_TRY(const auto work, planned_work(session_, province_, span));
    VL_TRY(auto changes, state_changes(session_, province_, span, as_of));
    VL_TRY(const auto cameras, cameras::cameras(session_, province_));
    for (const auto& camera : cameras) {
      const auto above = topology_.above(links[camera.id]);
      Group one;
      one.uptime = uptime_of(std::move(changes[camera.id]), span, planned(work, camera.id, above));
      one.cameras = 1;
      std::optional<std::int64_t> level;
      for (const auto at : above)
        if (assets[at]->service_level) level = std::max(level, assets[at]->service_level);
      auto row = row_of(one, level.value_or(default_service_level));
      one.below_level = row.below_level = row.share && *row.share < row.level ? 1 : 0;
      row.camera_id = camera.id;
      out_.cameras.push_back(std::move(row));
      add(all_, one);
      for (const auto at : above) add(by_asset_[at], one);
      if (camera.unit_code) add(by_unit_[*camera.unit_code], one);
    }
    give_groups(assets);
    return std::move(out_);
  }

 private:
  Result<std::vector<const AssetRow*>> assets_by_index() {
    VL_TRY(rows_, fleet::assets(session_, province_));
    std::vector<const AssetRow*> out(topology_.size());
    for (const auto& row : rows_)
      if (const auto at = topology_.index_of(row.id)) out[*at] = &row;
    return out;
  }

  std::vector<TimeSpan> planned(const std::vector<WorkRow>& work, CameraId camera,
                                const std::vector<std::size_t>& above) const {
    std::vector<TimeSpan> out;
    for (const auto& one : work) {
      bool mine = one.camera_id == camera;
      if (one.asset_id)
        for (const auto at : above) mine |= topology_.node(at).id == *one.asset_id;
      if (mine) out.push_back({one.start_us, one.end_us});
    }
    return out;
  }

  static void add(Group& group, const Group& one) {
    group.uptime.add(one.uptime);
    group.cameras += one.cameras;
    group.below_level += one.below_level;
  }

  void give_groups(const std::vector<const AssetRow*>& assets) {
    for (const auto& [at, group] : by_asset_) {
      const auto kind = topology_.node(at).kind;
      if (kind != AssetKind::line && kind != AssetKind::contractor) continue;
      auto row = row_of(group, assets[at]->service_level.value_or(default_service_level));
      row.asset_id = topology_.node(at).id;
      (kind == AssetKind::line ? out_.lines : out_.contractors).push_back(std::move(row));
    }
    for (const auto& [code, group] : by_unit_) {
      auto row = row_of(group, default_service_level);
      row.unit_code = code;
      out_.localities.push_back(std::move(row));
    }
    out_.all = row_of(all_, default_service_level);
  }

  store::Session& session_;
  const ProvinceId province_;
  Topology topology_;
  std::vector<AssetRow> rows_;
  Group all_;
  std::map<std::size_t, Group> by_asset_;
  std::map<std::string, Group> by_unit_;
  UptimeReport out_;
};

}  // namespace

Result<UptimeReport> uptime_report(store::Session& session, ProvinceId province, TimeSpan span,
                                   std::optional<WallTime> as_of) {
  return Report(session, province).run(span, as_of);
}

}  // namespace vl::fleet
