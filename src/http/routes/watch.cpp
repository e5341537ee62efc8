#include <algorithm>

#include <vonglau/routes/event_json.hpp>
#include <vonglau/routes/watch.hpp>

namespace vl::routes {
namespace {

constexpr std::size_t kEventsAMessage = 200;
constexpr std::size_t kQueuedBytesBeforeWaiting = 256 * 1024;
constexpr std::size_t kTextsKept = 4096;
// How soon a watcher whose queue was full is looked at again.
constexpr auto kLookAgain = std::chrono::milliseconds(100);

}  // namespace

bool may_watch(access::Roles roles, std::string_view kind) {
  using enum access::Role;
  if (kind == "report") return roles.meets({duty_officer, call_taker, dispatcher, auditor});
  if (kind == "incident" || kind == "unit")
    return roles.meets({duty_officer, call_taker, dispatcher, auditor});
  if (kind == "camera" || kind == "fleet_alarm" || kind == "asset" || kind == "camera_links" ||
      kind == "camera_picture" || kind == "camera_device" || kind == "contribution" ||
      kind == "planned_work" || kind == "wall" || kind == "wall_layout")
    return roles.meets({duty_officer, call_taker, dispatcher, auditor, engineer});
  if (kind == "export" || kind == "case")
    return roles.meets({duty_officer, dispatcher, auditor, administrator});
  if (kind == "node" || kind == "process" || kind == "storage")
    return roles.meets({engineer, administrator, duty_officer, auditor});
  if (kind == "person" || kind == "approval" || kind == "place")
    return roles.meets({administrator, auditor});
  if (kind == "vault") return roles.meets({auditor});
  return false;
}

class WatchHub::Watcher final : public http::WebSocketSession,
                                public std::enable_shared_from_this<Watcher> {
 public:
  Watcher(WatchHub& hub, access::Roles roles, std::int64_t from)
      : hub_(hub), roles_(roles), next_(from) {}

  void on_open(http::WebSocketPeer peer) override {
    peer_ = std::move(peer);
    hub_.join(shared_from_this());
  }
  void on_close(std::uint16_t, std::string_view) override { closed_ = true; }
  http::Overflow on_overflow(http::Queued) override { return http::Overflow::drop_message; }

  WatchHub& hub_;
  const access::Roles roles_;
  std::int64_t next_;  // hub's thread only, once joined
  http::WebSocketPeer peer_;
  std::atomic<bool> closed_{false};
};

WatchHub::WatchHub(journal::Tail& tail, std::int64_t backlog_limit)
    : tail_(tail), backlog_limit_(backlog_limit) {
  tail_watch_ = tail_.watch([this](std::int64_t) {
    {
      const std::scoped_lock lock(mutex_);
      more_ = true;
    }
    wake_.notify_one();
  });
  thread_ = std::thread([this] { work(); });
}

WatchHub::~WatchHub() {
  tail_watch_ = {};
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::shared_ptr<http::WebSocketSession> WatchHub::watcher(access::Roles roles, std::int64_t from) {
  return std::make_shared<Watcher>(*this, roles, from > 0 ? from : tail_.head() + 1);
}

void WatchHub::join(std::shared_ptr<Watcher> watcher) {
  {
    const std::scoped_lock lock(mutex_);
    watchers_.push_back(watcher);
    more_ = true;
  }
  wake_.notify_one();
}

std::size_t WatchHub::watchers() const {
  const std::scoped_lock lock(mutex_);
  return watchers_.size();
}

void WatchHub::tell_all(std::string_view stream_kind, std::shared_ptr<const std::string> text) {
  std::vector<std::shared_ptr<Watcher>> live;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& weak : watchers_)
      if (auto watcher = weak.lock()) live.push_back(std::move(watcher));
  }
  for (const auto& watcher : live)
    // What is not sequenced is not worth a queue: the next one says it better.
    if (!watcher->closed_ && may_watch(watcher->roles_, stream_kind) &&
        watcher->peer_.bytes_queued() < kQueuedBytesBeforeWaiting)
      static_cast<void>(watcher->peer_.send_text(text));
}

std::shared_ptr<const std::string> WatchHub::text_of(const journal::EventPtr& event) {
  if (!texts_.empty() && event->sequence >= texts_.front().first &&
      event->sequence <= texts_.back().first)
    return texts_[static_cast<std::size_t>(event->sequence - texts_.front().first)].second;
  auto text = std::make_shared<const std::string>(watch_text(*event));
  if (texts_.empty() || event->sequence == texts_.back().first + 1) {
    texts_.emplace_back(event->sequence, text);
    if (texts_.size() > kTextsKept) texts_.pop_front();
  } else if (event->sequence > texts_.back().first) {
    texts_.clear();
    texts_.emplace_back(event->sequence, text);
  }
  return text;
}

/// Sends what is due; true when the watcher's queue was full before the end was reached.
bool WatchHub::advance(Watcher& watcher) {
  for (;;) {
    if (watcher.closed_) return false;
    const std::int64_t head = tail_.head();
    if (watcher.next_ > head + 1) {  // it knows of events that we do not: another history
      static_cast<void>(
          watcher.peer_.send_text("{\"reset\":{\"head\":" + std::to_string(head) + "}}"));
      watcher.next_ = head + 1;
    }
    if (watcher.next_ > head) return false;
    if (watcher.peer_.bytes_queued() > kQueuedBytesBeforeWaiting) return true;
    const auto events = head - watcher.next_ < backlog_limit_
                            ? tail_.read(watcher.next_, kEventsAMessage)
                            : std::nullopt;
    if (!events) {
      static_cast<void>(
          watcher.peer_.send_text("{\"reset\":{\"head\":" + std::to_string(head) + "}}"));
      watcher.next_ = head + 1;
      continue;
    }
    std::string message;
    for (const auto& event : *events)
      if (may_watch(watcher.roles_, event->stream.kind)) {
        message += message.empty() ? "{\"events\":[" : ",";
        message += *text_of(event);
      }
    if (!message.empty() && watcher.peer_.send_text(message + "]}") != http::Sent::queued)
      return true;  // dropped whole: the cursor stays and it is sent again
    watcher.next_ = events->back()->sequence + 1;
  }
}

void WatchHub::work() {
  bool somebody_waits = false;
  for (;;) {
    std::vector<std::shared_ptr<Watcher>> live;
    {
      std::unique_lock lock(mutex_);
      const auto woken = [&] { return more_ || stopping_; };
      if (somebody_waits)
        wake_.wait_for(lock, kLookAgain, woken);
      else
        wake_.wait(lock, woken);
      if (stopping_) return;
      more_ = false;
      std::erase_if(watchers_, [&](const std::weak_ptr<Watcher>& weak) {
        auto watcher = weak.lock();
        if (!watcher || watcher->closed_) return true;
        live.push_back(std::move(watcher));
        return false;
      });
    }
    somebody_waits = false;
    for (const auto& watcher : live) somebody_waits |= advance(*watcher);
  }
}

}  // namespace vl::routes
