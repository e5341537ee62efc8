// The simulated province: units that patrol and answer, reports that come in, and a desk that
// deals with those nobody else takes. It drives the centre through its real API and knows
// nothing that a client could not know. Seeded: the same seed and answers give the same run.
//
// One thread calls step(), about once a second of simulated time at speed 1.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/geo.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/places/gazetteer.hpp>
#include <vonglau/places/roads.hpp>

namespace vl::sim {

/// The centre's API as the province uses it: JSON in, JSON out.
class CentreApi {
 public:
  virtual ~CentreApi() = default;
  virtual Result<boost::json::object> get(const std::string& path) = 0;
  virtual Result<boost::json::object> post(const std::string& path,
                                           const boost::json::object& body) = 0;
  /// A table (CSV) in, JSON out.
  virtual Result<boost::json::object> post_table(const std::string& path,
                                                 const std::string& text) = 0;
};

struct ProvinceOptions {
  std::uint64_t seed = 1;
  double speed = 1;             // of events and units; recorded time stays real
  double report_every_s = 75;   // simulated, on average
  double desk_patience_s = 60;  // a report older than this is taken by the simulated desk
  int units = 24;
  /// Unmoving things to register at the first start: what, code, where to stream from.
  struct Camera {
    std::string code, main_url, sub_url, login, password;
    std::string onvif_address;  // "": it is registered by its streams alone
  };
  std::vector<Camera> cameras;
  std::string topology;  // of them, for POST /fleet/import; "": none
};

class SimulatedProvince {
 public:
  SimulatedProvince(ProvinceOptions options, CentreApi& api,
                    std::shared_ptr<const places::Gazetteer> gazetteer,
                    std::shared_ptr<const places::RoadNetwork> roads, const Clock& clock);

  /// Registers units and cameras where the centre has none yet, and takes up what it has.
  Result<void> prepare();
  /// Moves units, sends positions, brings reports, plays the desk. Errors of single requests are
  /// passed over (a person was quicker, the core restarts); one that says the centre is away ends
  /// the step.
  Result<void> step();

 private:
  struct MovingUnit {
    std::string id;
    std::string kind;
    std::string status;
    std::string incident_id;
    GeoPoint at;
    std::vector<GeoPoint> way;  // what is left of the route
    double heading_deg = 0;
    double speed_kmh = 0;
    double wait_s = 0;  // at the scene, or before the next patrol
  };
  struct Desk {
    std::string report_id;
    double until_s = 0;  // when the simulated operator decides
  };

  Result<void> register_units();
  Result<void> register_cameras();
  Result<void> enrol_cameras();
  Result<void> refresh();
  void move(MovingUnit& unit, double seconds);
  void plan(MovingUnit& unit, GeoPoint to);
  void patrol(MovingUnit& unit);
  Result<void> send_positions();
  Result<void> bring_report();
  Result<void> play_desk();
  void answer_report(const boost::json::object& report);
  Result<void> send_units(const boost::json::object& incident);
  Result<void> close_quiet_incidents();
  Result<void> reached(MovingUnit& unit, const std::string& status);
  double chance() { return std::uniform_real_distribution<>(0, 1)(random_); }
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  GeoPoint place_near_people();

  const ProvinceOptions options_;
  CentreApi& api_;
  std::shared_ptr<const places::Gazetteer> gazetteer_;
  std::shared_ptr<const places::RoadNetwork> roads_;
  const Clock& clock_;
  std::mt19937_64 random_;
  std::vector<const places::AdministrativeUnit*> communes_;
  std::map<std::string, MovingUnit> units_;
  std::map<std::string, std::string> to_enrol_;  // ONVIF address by camera id
  std::int64_t next_enrolment_us_ = 0;
  std::map<std::string, boost::json::object> open_;  // incidents
  std::map<std::string, double> incident_age_s_;
  std::optional<MonoTime> last_;
  double now_s_ = 0;  // simulated, since prepare
  double next_report_s_ = 5;
  double next_positions_s_ = 0;
  double next_refresh_s_ = 0;
};

}  // namespace vl::sim
