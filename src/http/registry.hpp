// The open connections: how many in all and per address, and how to end them. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace vl::http {

/// Something that holds a connection open.
class Live {
 public:
  virtual ~Live() = default;
  /// Any thread. Ends it when what it is doing is done, or at once.
  virtual void stop(bool at_once) = 0;
};

class Registry;

/// One connection's place; given back when the last owner lets go.
class Admission {
 public:
  Admission(Registry& registry, std::string address)
      : registry_(registry), address_(std::move(address)) {}
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  void set_owner(std::weak_ptr<Live> owner);

 private:
  friend class Registry;
  Registry& registry_;
  const std::string address_;
  std::weak_ptr<Live> owner_;  // guarded by the registry's mutex
};

class Registry {
 public:
  Registry(std::size_t limit, std::size_t limit_per_address)
      : limit_(limit), limit_per_address_(limit_per_address) {}

  /// Null when there is no room, or when closed. An empty address has no limit of its own.
  std::shared_ptr<Admission> admit(const std::string& address);
  std::size_t size() const;
  /// Admits nobody any more.
  void close();
  void stop_all(bool at_once);
  /// False when connections are left after that time.
  bool wait_until_empty(std::chrono::milliseconds timeout);

 private:
  friend class Admission;
  void leave(Admission& admission);

  const std::size_t limit_;
  const std::size_t limit_per_address_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_set<Admission*> admitted_;
  std::unordered_map<std::string, std::size_t> per_address_;
  bool closed_ = false;
  bool stopping_ = false;  // stop_all() was called
};

}  // namespace vl::http
