// Puts events on the walls that accept them: an incident that is opened near cameras, a camera
// whose picture fails; and takes them off when the cause is over or their time is. turn() is the
// housekeeper's, about once a second. What happened before the core started opens nothing.
#pragma once

#include <optional>

#include <vonglau/base/geo.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/routes/readers.hpp>
#include <vonglau/walls/commands.hpp>

namespace vl::routes {

class WallWatch {
 public:
  WallWatch(ProvinceId province, const Clock& clock, IdSource& ids, journal::Journal& journal,
            Readers& readers)
      : province_(province), clock_(clock), ids_(ids), journal_(journal), readers_(readers) {}

  Result<void> turn();

 private:
  Result<void> follow(const journal::Event& event);
  Result<void> show(walls::EventCause cause, Uuid id, std::vector<walls::CameraId> cameras,
                    std::int64_t for_us);
  Result<std::vector<walls::CameraId>> near(const GeoPoint& point);
  Result<bool> anybody_accepts();

  const ProvinceId province_;
  const Clock& clock_;
  IdSource& ids_;
  journal::Journal& journal_;
  Readers& readers_;
  std::optional<std::int64_t> seen_;  // none: not looked yet
  std::optional<WallTime> due_ = WallTime{0};
};

}  // namespace vl::routes
