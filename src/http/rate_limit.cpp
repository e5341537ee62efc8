#include "rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace vl::http {

void RateLimit::refill(Bucket& bucket, std::int64_t now_us) const {
  const double elapsed_s = static_cast<double>(now_us - bucket.at_us) / 1e6;
  bucket.tokens = std::min(burst_, bucket.tokens + std::max(0.0, elapsed_s) * per_s_);
  bucket.at_us = now_us;
}

void RateLimit::forget_full(std::int64_t now_us) {
  std::erase_if(buckets_, [&](const auto& item) {
    Bucket bucket = item.second;
    refill(bucket, now_us);
    return bucket.tokens >= burst_;
  });
}

std::uint32_t RateLimit::take(const std::string& address) {
  if (per_s_ <= 0) return 0;
  const std::int64_t now_us = clock_.mono().us;
  const std::scoped_lock lock(mutex_);
  auto at = buckets_.find(address);
  if (at == buckets_.end()) {
    if (buckets_.size() >= kMaxAddresses) forget_full(now_us);
    // So many busy addresses at once are one attacker: the rest of them share one bucket.
    const std::string& key = buckets_.size() >= kMaxAddresses ? std::string("*") : address;
    at = buckets_.try_emplace(key, Bucket{burst_, now_us}).first;
  }
  refill(at->second, now_us);
  if (at->second.tokens >= 1) {
    at->second.tokens -= 1;
    return 0;
  }
  return static_cast<std::uint32_t>(std::max(1.0, std::ceil((1 - at->second.tokens) / per_s_)));
}

std::size_t RateLimit::addresses() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

}  // namespace vl::http
