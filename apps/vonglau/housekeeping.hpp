// What the core does every second beside answering: origins of nodes for the pages' policy,
// names of cameras for the search, the fleet's alarms, snapshots of the situation, sessions' times
// of use, sweeps, gauges. Called from one thread; nothing here may be needed for a call to be
// answered.
#pragma once

#include <vonglau/http/metrics.hpp>
#include <vonglau/http/server.hpp>
#include <vonglau/routes/core.hpp>
#include <vonglau/routes/fleet_watch.hpp>
#include <vonglau/routes/wall_watch.hpp>

#include "centre.hpp"
#include "disk_pressure.hpp"
#include "restart_journal.hpp"

namespace vl::app {

class Housekeeping {
 public:
  Housekeeping(Centre& centre, routes::Core& core, http::Metrics& metrics);
  void turn(http::Server& server);
  /// Where pages may fetch pictures: the registered nodes, and this site's own recorder before it
  /// has ever registered, because a page keeps the policy that it was loaded with.
  Result<std::vector<std::string>> media_origins() const;

 private:
  Result<void> follow_changes(http::Server& server);
  Result<void> now_and_then();
  Result<void> expire_exports();
  Result<void> give_up_absent_parts();
  Centre& centre_;
  routes::Core& core_;
  http::Gauge head_, waiting_, watchers_, healthy_, sessions_, positions_dropped_;
  routes::FleetWatch fleet_;
  routes::WallWatch walls_;
  RestartJournal restarts_;
  DiskPressure pressure_;
  std::int64_t seen_ = -1;
  std::int64_t turns_ = 0;
};

}  // namespace vl::app
