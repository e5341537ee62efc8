// Requests per second and address: a token bucket each, in at most `kMaxAddresses` buckets.
// Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include <vonglau/base/clock.hpp>

namespace vl::http {

class RateLimit {
 public:
  static constexpr std::size_t kMaxAddresses = 16 * 1024;

  RateLimit(double per_s, double burst, const Clock& clock)
      : per_s_(per_s), burst_(burst), clock_(clock) {}

  /// 0 when the request may pass; else how many seconds to wait.
  std::uint32_t take(const std::string& address);
  std::size_t addresses() const;

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t at_us = 0;
  };
  void refill(Bucket& bucket, std::int64_t now_us) const;
  void forget_full(std::int64_t now_us);

  const double per_s_;
  const double burst_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace vl::http
