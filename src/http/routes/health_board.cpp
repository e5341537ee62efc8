#include <vonglau/routes/health_board.hpp>

namespace vl::routes {
namespace {

// A recorder that was away sends its past; nobody sends a day of it for 100,000 cameras.
constexpr std::size_t kMostSums = 200'000;
constexpr std::int64_t kForgetEvery_us = 3600LL * 1'000'000;
// Reports of a quarter-hour come up to a batch after its end.
constexpr std::int64_t kLate_us = 30'000'000;

}  // namespace

HealthBoard::HealthBoard(store::Database& telemetry, ProvinceId province, const Clock& clock,
                         Told told)
    : telemetry_(telemetry), province_(province), clock_(clock), told_(std::move(told)) {}

void HealthBoard::add(Sums& sums, const node::CameraHealth& h) {
  ++sums.readings;
  if (!h.streams) return;
  ++sums.streams;
  sums.bit_rate_kbps += h.bit_rate_kbps;
  sums.frame_rate_mhz += h.frame_rate_mhz;
  sums.lost_ppm += h.lost_ppm;
  if (h.key_interval_ms) sums.key_interval_ms += *h.key_interval_ms, ++sums.keys;
  if (h.clock_offset_ms) sums.clock_offset_ms += *h.clock_offset_ms, ++sums.clocks;
}

fleet::HealthRow HealthBoard::Sums::row(const Uuid& camera, WallTime start) const {
  fleet::HealthRow out{fleet::CameraId{camera}, start, streams * 1000 / readings, 0, 0, 0, {}, {}};
  if (streams > 0) {
    out.bit_rate_kbps = bit_rate_kbps / streams;
    out.frame_rate_mhz = frame_rate_mhz / streams;
    out.lost_ppm = lost_ppm / streams;
  }
  if (keys > 0) out.key_interval_ms = key_interval_ms / keys;
  if (clocks > 0) out.clock_offset_ms = clock_offset_ms / clocks;
  return out;
}

void HealthBoard::take(const node::CameraHealthItem& item, WallTime at) {
  // A node's clock is not ours: what says it is of the future is of now.
  at = std::min(at, clock_.wall());
  if (told_) told_(at, item.cameras);
  const WallTime start{at.us - at.us % fleet::health_bucket_us};
  const std::scoped_lock lock(mutex_);
  for (const auto& health : item.cameras) {
    auto& latest = latest_[health.camera_id];
    if (at >= latest.at_us) latest = {at, health};
    // Only the readings that come every minute: changes alone would weigh more than calm.
    if (!item.all || (sums_.size() >= kMostSums && !sums_.contains({start, health.camera_id})))
      continue;
    add(sums_[{start, health.camera_id}], health);
  }
}

std::vector<HealthNow> HealthBoard::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<HealthNow> out;
  out.reserve(latest_.size());
  for (const auto& [id, latest] : latest_) out.push_back(latest);
  return out;
}

std::optional<HealthNow> HealthBoard::of(const Uuid& camera) const {
  const std::scoped_lock lock(mutex_);
  const auto found = latest_.find(camera);
  if (found == latest_.end()) return std::nullopt;
  return found->second;
}

Result<void> HealthBoard::turn() {
  const auto now = clock_.wall();
  std::vector<fleet::HealthRow> rows;
  {
    const std::scoped_lock lock(mutex_);
    while (!sums_.empty()) {
      const auto& [key, sums] = *sums_.begin();
      if (key.first.us + fleet::health_bucket_us + kLate_us > now.us) break;
      rows.push_back(sums.row(key.second, key.first));
      sums_.erase(sums_.begin());
    }
  }
  const bool forget = now.us >= next_forget_us_;
  if (rows.empty() && !forget) return {};
  // What cannot be written while the store is away is left out of history.
  VL_TRY(auto session, telemetry_.open_session());
  if (!rows.empty()) VL_CHECK(fleet::write_health(*session, province_, rows));
  if (!forget) return {};
  next_forget_us_ = now.us + kForgetEvery_us;
  VL_CHECK(fleet::forget_health(*session, province_, now.plus_us(-fleet::keep_health_us)));
  return {};
}

}  // namespace vl::routes
