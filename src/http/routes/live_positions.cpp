#include <vonglau/base/log.hpp>
#include <vonglau/routes/live_positions.hpp>

namespace vl::routes {

using dispatch::Position;

LivePositions::LivePositions(store::Database& telemetry, ProvinceId province,
                             std::function<void(std::span<const Position>)> told,
                             std::size_t queue_limit)
    : telemetry_(telemetry),
      province_(province),
      told_(std::move(told)),
      queue_limit_(queue_limit),
      thread_([this] { write(); }) {}

LivePositions::~LivePositions() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  more_.notify_all();
  thread_.join();
}

Result<void> LivePositions::load(std::span<const dispatch::UnitId> units, WallTime now) {
  VL_TRY(auto session, telemetry_.open_reader());
  VL_TRY(const auto positions,
         dispatch::positions_at(*session, province_, units, now, now.plus_us(-3'600'000'000)));
  const std::scoped_lock lock(mutex_);
  for (const auto& p : positions) last_.try_emplace(p.unit_id, p);
  return {};
}

void LivePositions::take(std::vector<Position> positions) {
  if (told_) told_(positions);
  {
    const std::scoped_lock lock(mutex_);
    for (auto& p : positions) {
      auto& last = last_[p.unit_id];
      if (p.at_us >= last.at_us) last = p;
      queue_.push_back(std::move(p));
    }
    for (; queue_.size() > queue_limit_; ++dropped_) queue_.pop_front();
  }
  more_.notify_one();
}

std::vector<Position> LivePositions::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Position> out;
  out.reserve(last_.size());
  for (const auto& [id, p] : last_) out.push_back(p);
  return out;
}

std::int64_t LivePositions::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

void LivePositions::write() {
  std::unique_ptr<store::Session> session;
  std::vector<Position> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch.assign(queue_.begin(), queue_.end());
      queue_.clear();
    }
    Result<void> written;
    if (!session) {
      auto opened = telemetry_.open_session();
      if (opened)
        session = std::move(*opened);
      else
        written = fail(std::move(opened).error());
    }
    if (session) written = dispatch::write_positions(*session, province_, batch);
    if (!written) {
      log::warn("positions.not_written",
                {{"why", written.error().message}, {"count", std::to_string(batch.size())}});
      session.reset();
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      dropped_ += static_cast<std::int64_t>(batch.size());
    }
    // A second's batch costs one commit, however many units report.
    std::unique_lock lock(mutex_);
    more_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
  }
}

}  // namespace vl::routes
