// What the recorder serves, each opened by a ticket of the core (`?ticket=`): live and recorded
// pictures as fMP4 over WebSocket, and what is recorded. api/openapi.yaml has the messages.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include <vonglau/http/router.hpp>
#include <vonglau/node/ticket.hpp>

#include "export_work.hpp"
#include "hls.hpp"
#include "motion_log.hpp"
#include "play_loop.hpp"
#include "stations.hpp"

namespace vl::recorder {

/// Any thread. The key comes with the registration at the core.
class TicketGate {
 public:
  TicketGate(ProvinceId province, const Clock& clock) : province_(province), clock_(clock) {}
  void set_key(Bytes key);
  /// Signature, age, province and purpose; the error is ready to be sent.
  Result<node::MediaTicket> check(const http::Request& request, node::MediaPurpose purpose) const;
  /// Of an address for a player, which has its ticket in the path: not ended, and of either of its
  /// purposes.
  Result<node::MediaTicket> check_player(const http::Request& request) const;
  /// Addresses that are over before they expire. What was said before is forgotten.
  void set_ended(const std::vector<Uuid>& addresses);

 private:
  Result<node::MediaTicket> read(std::string_view text) const;

  const ProvinceId province_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Bytes key_;
  std::set<Uuid> ended_;
};

struct MediaParts {
  TicketGate& tickets;
  Stations& stations;
  PlayLoop& players;
  recording::FragmentStore& store;
  ExportWork* exports;  // null: none are made here
  Hls& hls;
  const MotionLog* motion;  // null: cameras are not asked
};
/// `parts` outlives the router.
void add_media_routes(http::Router& router, MediaParts& parts);

}  // namespace vl::recorder
