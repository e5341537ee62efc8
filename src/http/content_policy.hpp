// The Content-Security-Policy of every response. The origins of registered nodes change at run
// time. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <vonglau/base/result.hpp>

namespace vl::http {

class ContentPolicy {
 public:
  ContentPolicy();
  /// Each "wss://host[:port]" or "https://host[:port]"; at most 256. On error nothing changes.
  Result<void> set_connect_origins(const std::vector<std::string>& origins);
  std::shared_ptr<const std::string> text() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::string> text_;
};

}  // namespace vl::http
