#include <algorithm>
#include <cmath>

#include <vonglau/base/geo.hpp>
#include <vonglau/incidents/queries.hpp>

namespace vl::incidents {
namespace {

constexpr double kNear_m = 500;
constexpr std::int64_t kRecent_s = 30 * 60;
constexpr double kEnough = 0.45;
constexpr std::size_t kMost = 5;

/// Categories that callers mix up when they describe one event.
bool akin(std::string_view a, std::string_view b) {
  const auto either = [&](std::string_view x, std::string_view y) {
    return (a == x && b == y) || (a == y && b == x);
  };
  return a == b || either("fire", "explosion") || either("traffic_accident", "minor_collision") ||
         either("traffic_accident", "congestion") || either("violence", "public_disorder") ||
         either("traffic_accident", "medical_emergency") || either("fire", "rescue");
}

}  // namespace

std::vector<DuplicateCandidate> duplicates_of(const ReportRow& report,
                                              const std::vector<IncidentRow>& open,
                                              const std::vector<IncidentId>& same_number,
                                              WallTime now) {
  std::vector<DuplicateCandidate> out;
  for (const auto& incident : open) {
    DuplicateCandidate c{incident.id,
                         incident.number,
                         incident.category,
                         {},
                         (now.us - incident.opened_us.us) / 1'000'000,
                         0,
                         {}};
    if (report.lat && report.lon && incident.lat && incident.lon) {
      c.distance_m =
          std::round(distance_m({*report.lat, *report.lon}, {*incident.lat, *incident.lon}));
      if (*c.distance_m <= 2 * kNear_m) {
        c.score += 0.5 * std::max(0.0, 1 - *c.distance_m / (2 * kNear_m));
        if (*c.distance_m <= kNear_m) c.why.emplace_back("near");
      } else {
        c.score -= 0.4;  // far apart: only the same telephone number can still make it likely
      }
    } else if (report.unit_code && report.unit_code == incident.unit_code) {
      c.score += 0.2;
      c.why.emplace_back("near");
    }
    if (akin(report.category, incident.category)) {
      c.score += report.category == incident.category ? 0.25 : 0.15;
      c.why.emplace_back("same_category");
    }
    if (c.age_s <= kRecent_s) {
      c.score += 0.2;
      c.why.emplace_back("recent");
    }
    if (std::ranges::find(same_number, incident.id) != same_number.end()) {
      c.score += 0.5;
      c.why.emplace_back("same_number");
    }
    c.score = std::clamp(c.score, 0.0, 1.0);
    if (c.score >= kEnough) out.push_back(std::move(c));
  }
  std::ranges::sort(out, [](const auto& a, const auto& b) { return a.score > b.score; });
  if (out.size() > kMost) out.resize(kMost);
  return out;
}

}  // namespace vl::incidents
