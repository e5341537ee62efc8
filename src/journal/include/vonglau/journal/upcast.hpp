// Events are never rewritten: an old version's body is lifted when it is read. An upcaster
// takes the body of (type, version) to version + 1; they are chained until none applies.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include <vonglau/base/result.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::journal {

class Upcasters {
 public:
  using Lift = std::function<Result<std::string>(const std::string& body)>;

  void add(std::string type, std::uint32_t from_version, Lift lift) {
    lifts_[{std::move(type), from_version}] = std::move(lift);
  }
  /// The event as the newest version; the stored one keeps its hash and body.
  Result<Event> lift(Event event) const;
  bool empty() const { return lifts_.empty(); }

 private:
  std::map<std::pair<std::string, std::uint32_t>, Lift> lifts_;
};

}  // namespace vl::journal
