// Hands cameras back that somebody took and no longer moves. Moving is no event, so who was
// active last is in memory; after a restart everybody has the whole time again. Any thread;
// turn() is the housekeeper's, about once a second.
#pragma once

#include <map>
#include <mutex>

#include <vonglau/journal/journal.hpp>
#include <vonglau/routes/readers.hpp>

namespace vl::routes {

class ControlDesk {
 public:
  static constexpr std::int64_t idle_us = 60'000'000;

  ControlDesk(ProvinceId province, const Clock& clock, journal::Journal& journal, Readers& readers)
      : province_(province), clock_(clock), journal_(journal), readers_(readers) {}

  /// Whoever holds this camera did something with it.
  void note(const Uuid& camera);
  Result<void> turn();

 private:
  const ProvinceId province_;
  const Clock& clock_;
  journal::Journal& journal_;
  Readers& readers_;
  std::mutex mutex_;
  std::map<Uuid, MonoTime> active_;
};

}  // namespace vl::routes
