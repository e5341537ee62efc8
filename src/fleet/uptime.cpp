#include <algorithm>

#include <vonglau/fleet/uptime.hpp>

namespace vl::fleet {

std::optional<std::int64_t> Uptime::share() const {
  if (up_us + down_us == 0) return std::nullopt;
  return static_cast<std::int64_t>(static_cast<__int128>(up_us) * 10'000 / (up_us + down_us));
}

void Uptime::add(const Uptime& other) {
  up_us += other.up_us;
  down_us += other.down_us;
  planned_us += other.planned_us;
  unknown_us += other.unknown_us;
  outages += other.outages;
  longest_us = std::max(longest_us, other.longest_us);
}

namespace {

/// Sorted, cut to the span, none touching another.
std::vector<TimeSpan> merged(std::vector<TimeSpan> spans, TimeSpan within) {
  std::ranges::sort(spans, {}, &TimeSpan::start);
  std::vector<TimeSpan> out;
  for (auto span : spans) {
    span.start = std::max(span.start, within.start);
    span.end = std::min(span.end, within.end);
    if (span.start >= span.end) continue;
    if (!out.empty() && span.start <= out.back().end)
      out.back().end = std::max(out.back().end, span.end);
    else
      out.push_back(span);
  }
  return out;
}

std::int64_t common_us(TimeSpan span, const std::vector<TimeSpan>& sorted) {
  std::int64_t out = 0;
  for (const auto& other : sorted) {
    if (other.start >= span.end) break;
    out += std::max<std::int64_t>(
        0, std::min(span.end, other.end).us - std::max(span.start, other.start).us);
  }
  return out;
}

/// By time; what was told at one moment in the order told.
void in_order(std::vector<StateChange>& changes) {
  std::vector<std::pair<WallTime, std::size_t>> keys;
  for (std::size_t i = 0; i < changes.size(); ++i) keys.emplace_back(changes[i].at, i);
  std::ranges::sort(keys);
  std::vector<StateChange> out;
  for (const auto& [at, index] : keys) out.push_back(changes[index]);
  changes = std::move(out);
}

}  // namespace

Uptime uptime_of(std::vector<StateChange> changes, TimeSpan span, std::vector<TimeSpan> planned) {
  Uptime out;
  if (span.start >= span.end) return out;
  in_order(changes);
  const auto excluded = merged(std::move(planned), span);
  Heard state = Heard::unknown;
  WallTime since = span.start;
  std::int64_t outage_us = 0;
  const auto until = [&](WallTime end) {
    const std::int64_t whole = end.us - since.us;
    const std::int64_t left_out = common_us({since, end}, excluded);
    out.planned_us += left_out;
    const std::int64_t counted = whole - left_out;
    if (state == Heard::up) out.up_us += counted;
    if (state == Heard::unknown) out.unknown_us += counted;
    if (state == Heard::down) {
      out.down_us += counted;
      out.outages += outage_us == 0 && counted > 0 ? 1 : 0;
      outage_us += counted;
      out.longest_us = std::max(out.longest_us, outage_us);
    }
    since = end;
  };
  for (const auto& change : changes) {
    if (change.at >= span.end) break;
    if (change.at > since) until(change.at);
    if (change.state != Heard::down) outage_us = 0;
    state = change.state;
  }
  until(span.end);
  return out;
}

}  // namespace vl::fleet
