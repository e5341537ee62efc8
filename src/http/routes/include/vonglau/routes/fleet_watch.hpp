// Asks for a review of the fleet's alarms whenever something it depends on has changed, and when
// time alone may change the answer. turn() is the housekeeper's, about once a second; after a
// storm it is one command, not one for each camera.
#pragma once

#include <optional>

#include <vonglau/fleet/commands.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/routes/readers.hpp>

namespace vl::routes {

class FleetWatch {
 public:
  FleetWatch(ProvinceId province, const Clock& clock, IdSource& ids, journal::Journal& journal,
             Readers& readers)
      : province_(province), clock_(clock), ids_(ids), journal_(journal), readers_(readers) {}

  Result<void> turn();

 private:
  bool is_due();
  Result<std::string> review();

  const ProvinceId province_;
  const Clock& clock_;
  IdSource& ids_;
  journal::Journal& journal_;
  Readers& readers_;
  std::int64_t seen_ = -1;  // -1: not looked yet
  bool must_look_ = true;
  std::optional<WallTime> look_again_;
};

}  // namespace vl::routes
