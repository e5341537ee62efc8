// One camera's connection, kept up for ever: attempts, one after the other, with waits between
// them, and what its listener hears of it. Lives on the thread of Shared::io; only state() may
// be called from others. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <vonglau/rtsp/connections.hpp>

#include "attempt.hpp"
#include "url.hpp"

namespace vl::rtsp {

class Connection final : public AttemptOwner {
 public:
  Connection(Shared& shared, Url url, std::optional<Credentials> credentials, Listener& listener,
             std::int64_t first_try_us);
  ~Connection() override;
  void tick(WallTime wall, MonoTime mono);
  /// Between ticks, for who is in no haste.
  void gather();
  void postpone(std::int64_t by_us);
  /// The listener is not called after it.
  void close();
  ConnectionState state() const;

 private:
  void begin(const Url& url, std::optional<Challenge> challenge);
  void on_playing(const SessionDescription& description) override;
  void on_ended(const Ending& ending) override;
  void stop(const Failure& failure);
  std::int64_t draw_wait_us(StopCause cause);
  void publish();

  Shared& shared_;
  const Url url_;
  const std::optional<Credentials> credentials_;
  Listener& listener_;
  std::shared_ptr<Attempt> attempt_;
  Url attempted_;  // url_, or where it was redirected to
  int redirects_ = 0;
  std::int64_t due_us_;  // of the next attempt, when there is none
  bool playing_ = false;
  unsigned ticks_ = 0;
  std::int64_t playing_since_us_ = 0;
  int failures_ = 0;  // in a row
  std::optional<StopCause> told_;
  std::uint64_t attempts_ = 0;
  TrackCounters of_earlier_;

  mutable std::mutex state_mutex_;
  ConnectionState state_;
};

}  // namespace vl::rtsp
