// The thread that signs the journal's head into the second place at least every `interval`.
// A place that cannot be written is tried again and said in `last_error`; the journal goes on.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <vonglau/journal/roots.hpp>

namespace vl::journal {

class RootKeeper {
 public:
  struct Status {
    std::optional<Root> last;
    std::string last_error;  // "" while the place can be written
  };
  /// `head` is asked from this thread.
  RootKeeper(RootLog log, SigningKey key, const Clock& clock, std::function<Head()> head,
             std::int64_t interval_us = 5'000'000);
  ~RootKeeper();
  Status status() const;
  /// Signs the present head now if it has moved. Any thread.
  void sign_now();

 private:
  void sign_once();
  RootLog log_;
  SigningKey key_;
  const Clock& clock_;
  std::function<Head()> head_;
  const std::int64_t interval_us_;
  std::mutex log_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace vl::journal
