// HTTP Live Streaming for players that we did not write: a camera's present picture, or a span of
// its footage, as playlists and segments made from the store when they are asked for. Nothing is
// decoded, and nothing is kept but, for a camera that somebody watches, the list of its last
// segments, until nobody has asked for `forgotten_us`.
//
// Any thread. Limits: `most_players` at once (a player is an address and where it is asked from),
// `most_made` segments and `most_listed` playlists of footage made at the same time; each is told.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>

#include <vonglau/base/clock.hpp>
#include <vonglau/http/message.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "hls_playlist.hpp"

namespace vl::recorder {

class Hls {
 public:
  static constexpr std::size_t most_players = 64;
  static constexpr int most_made = 8;
  static constexpr int most_listed = 2;
  static constexpr std::int64_t forgotten_us = 60'000'000;
  static constexpr std::int64_t longest_span_us = 4LL * 3'600'000'000;

  Hls(const recording::FragmentStore& store, const Clock& clock);
  ~Hls();
  Hls(const Hls&) = delete;
  Hls& operator=(const Hls&) = delete;

  /// `ticket` is of purpose player_live or player_footage and has been checked.
  Result<http::Response> answer(const node::MediaTicket& ticket, const HlsName& name,
                                const http::Request& request);
  std::size_t players();

 private:
  class Window;
  Result<void> admit(const node::MediaTicket& ticket, const std::string& peer);
  void forget(MonoTime now);
  Result<std::string> live(const recording::CameraId& camera);
  Result<std::string> footage(const node::MediaTicket& ticket);

  const recording::FragmentStore& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<Uuid, std::string>, MonoTime> players_;  // when each last asked
  std::map<recording::CameraId, std::shared_ptr<Window>> windows_;
  std::counting_semaphore<> making_{most_made};
  std::counting_semaphore<> listing_{most_listed};
};

}  // namespace vl::recorder
