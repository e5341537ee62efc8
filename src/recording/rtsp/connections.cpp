#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/connections.hpp>

#include "attempt.hpp"
#include "connection.hpp"

namespace vl::rtsp {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto turn_interval = 25ms;
constexpr std::uint64_t turns_of_tick = 4;
/// The thread was away, its listeners busy: time that no camera is to blame for.
constexpr auto late_after = 500ms;
/// For TEARDOWN to arrive, when all is closed at once.
constexpr auto longest_goodbye = 500ms;
constexpr std::size_t least_receive_bytes = 4096;

std::uint64_t seed_or_random(std::uint64_t seed) {
  if (seed != 0) return seed;
  std::random_device system;
  return std::uint64_t{system()} << 32 | system();
}

}  // namespace

class Connections::Inside {
 public:
  Inside(const Clock& clock, ConnectionOptions options)
      : options_(options),
        shared_{io_,
                clock,
                options_,
                Bytes(std::max(options.receive_bytes, least_receive_bytes)),
                std::mt19937_64(seed_or_random(options.seed)),
                {},
                0},
        timer_(io_) {
    next_turn_ = std::chrono::steady_clock::now();
    arm();
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Inside() {
    on_thread([this] {
      for (const auto& [id, connection] : connections_) connection->close();
      goodbye_until_ = std::chrono::steady_clock::now() + longest_goodbye;
      timer_.cancel();
      say_goodbye();
    });
    thread_.join();
  }

  Id open(Url url, std::optional<Credentials> credentials, Listener& listener,
          std::int64_t spread_ms) {
    Id id = 0;
    on_thread([&] {
      std::int64_t first_us = shared_.clock.mono().us;
      if (spread_ms > 0)
        first_us +=
            std::uniform_int_distribution<std::int64_t>(0, spread_ms * 1000)(shared_.chance);
      auto connection = std::make_shared<Connection>(shared_, std::move(url),
                                                     std::move(credentials), listener, first_us);
      const std::lock_guard lock(mutex_);
      id = ++last_id_;
      in_turn_.emplace_back(id, connection.get());
      connections_.emplace(id, std::move(connection));
    });
    return id;
  }

  void close(Id id) {
    on_thread([&] {
      const auto found = connections_.find(id);
      if (found == connections_.end()) return;
      found->second->close();
      std::erase_if(in_turn_, [&](const auto& one) { return one.first == id; });
      const std::lock_guard lock(mutex_);
      connections_.erase(found);
    });
  }

  std::optional<ConnectionState> state(Id id) const {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(id);
    if (found == connections_.end()) return std::nullopt;
    return found->second->state();
  }

 private:
  /// Runs it on the thread and waits for it.
  template <class Work>
  void on_thread(Work&& work) {
    VL_ASSERT(std::this_thread::get_id() != thread_.get_id());  // a listener must not call back
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  void arm() {
    next_turn_ += turn_interval;
    timer_.expires_at(next_turn_);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled && !goodbye_until_) turn();
    });
  }

  /// Reads its share of the connections that are in no haste, and ticks its share of all: one
  /// after the other, so that each is looked at once.
  void turn() {
    ++turn_;
    excuse_lateness();
    const WallTime wall = shared_.clock.wall();
    const MonoTime mono = shared_.clock.mono();
    const auto shares = static_cast<std::uint64_t>(
        std::max<std::int64_t>(options_.gather_ms / turn_interval.count(), 1));
    for (const auto& [id, connection] : in_turn_) {
      if (id % shares == turn_ % shares) connection->gather();
      if (id % turns_of_tick == turn_ % turns_of_tick) connection->tick(wall, mono);
    }
    if (turn_ % turns_of_tick == 0) tick_leaving(mono);
    arm();
  }

  void excuse_lateness() {
    const auto late = std::chrono::steady_clock::now() - next_turn_;
    if (late <= late_after) return;
    const auto late_us = std::chrono::duration_cast<std::chrono::microseconds>(late).count();
    for (const auto& [id, connection] : in_turn_) connection->postpone(late_us);
    next_turn_ += late;
  }

  void tick_leaving(MonoTime mono) {
    for (const auto& attempt : shared_.leaving) attempt->tick(mono.us);
    std::erase_if(shared_.leaving, [](const auto& attempt) { return attempt->is_gone(); });
  }

  void say_goodbye() {
    tick_leaving(shared_.clock.mono());
    const auto now = std::chrono::steady_clock::now();
    if (shared_.leaving.empty() || now >= *goodbye_until_) {
      for (const auto& attempt : shared_.leaving) attempt->drop();
      io_.stop();
      return;
    }
    timer_.expires_at(now + 5ms);
    timer_.async_wait([this](const boost::system::error_code&) { say_goodbye(); });
  }

  const ConnectionOptions options_;
  boost::asio::io_context io_{1};
  Shared shared_;
  boost::asio::steady_timer timer_;
  SteadyTime next_turn_;
  std::uint64_t turn_ = 0;
  std::optional<SteadyTime> goodbye_until_;
  mutable std::mutex mutex_;  // of the map; the thread alone changes it, and reads it freely
  std::map<Id, std::shared_ptr<Connection>> connections_;
  std::vector<std::pair<Id, Connection*>> in_turn_;  // the same, quicker to walk through
  Id last_id_ = 0;
  std::thread thread_;
};

Connections::Connections(const Clock& clock, ConnectionOptions options)
    : inside_(std::make_unique<Inside>(clock, options)) {}
Connections::~Connections() = default;

Result<Connections::Id> Connections::open(Source source, Listener& listener,
                                          std::int64_t spread_ms) {
  VL_TRY(auto url, parse_url(source.url));
  auto credentials = source.credentials ? std::move(source.credentials) : url.credentials;
  url.credentials.reset();
  return inside_->open(std::move(url), std::move(credentials), listener, spread_ms);
}

void Connections::close(Id id) {
  inside_->close(id);
}

std::optional<ConnectionState> Connections::state(Id id) const {
  return inside_->state(id);
}

}  // namespace vl::rtsp
