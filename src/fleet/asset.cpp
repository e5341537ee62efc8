#include <algorithm>

#include <vonglau/fleet/asset.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {

using journal::when;

void Asset::apply(const journal::Event& event) {
  when<AssetRegistered>(event,
                        [&](const AssetRegistered& e) {
                          exists = true;
                          description = e.asset;
                        }) ||
      when<AssetChanged>(event, [&](const AssetChanged& e) { description = e.asset; }) ||
      when<AssetRetired>(event, [&](const AssetRetired&) { exists = false; });
}

void CameraLinks::apply(const journal::Event& event) {
  when<CameraLinked>(event, [&](const CameraLinked& e) { hangs_on = e.hangs_on; });
}

void CameraPicture::apply(const journal::Event& event) {
  when<PictureChanged>(event, [&](const PictureChanged& e) { picture = e.picture; });
}

void PlannedWork::apply(const journal::Event& event) {
  when<WorkPlanned>(event,
                    [&](const WorkPlanned& e) {
                      exists = true;
                      plan = e;
                    }) ||
      when<WorkEnded>(event, [&](const WorkEnded&) { ended = true; });
}

Result<void> check(const AssetDescription& a) {
  const bool code_fits =
      a.code.size() >= 2 && a.code.size() <= 32 && std::ranges::all_of(a.code, [](char ch) {
        return (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '-';
      });
  if (!code_fits)
    return fail(FleetError::bad_code, "a code has 2 to 32 of A-Z, 0-9 and '-'", "code");
  if (a.name.empty() || a.name.size() > 200)
    return fail(FleetError::bad_name, "a name has 1 to 200 bytes", "name");
  if (a.hangs_on.size() > most_links)
    return fail(FleetError::bad_link, "an asset hangs on at most 16 others", "hangs_on");
  if (a.service_level && (*a.service_level < 1 || *a.service_level > 10'000))
    return fail(FleetError::bad_level,
                "a service level is 1 to 10000, in 1/100 of a percent (9950 is 99.50 %)",
                "service_level");
  return {};
}

Result<void> check(const WorkPlanned& work, WallTime now) {
  constexpr std::int64_t day_us = 86'400'000'000;
  if (work.asset_id.has_value() == work.camera_id.has_value())
    return fail(FleetError::bad_link, "planned work is on one asset or on one camera", "asset_id");
  if (work.start_us >= work.end_us || work.end_us.us - work.start_us.us > 30 * day_us)
    return fail(FleetError::bad_span, "planned work ends after it starts, within 30 days",
                "end_us");
  // What was not planned beforehand is an outage: figures are not mended afterwards.
  if (work.start_us.us < now.us - 60 * 1'000'000LL || work.start_us.us > now.us + 366 * day_us)
    return fail(FleetError::bad_span,
                "planned work starts from now on (a minute ago at most), within a year",
                "start_us");
  return {};
}

}  // namespace vl::fleet
