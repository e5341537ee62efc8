#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/node_link/node_link.hpp>

namespace vl::node_link {

namespace bj = boost::json;

namespace {

enum class LinkError { refused, token_refused, closed };
constexpr ErrorCode code_of(LinkError e) {
  switch (e) {
    case LinkError::token_refused:
      return {Category::unauthenticated, "node_link.token_refused"};
    case LinkError::closed:
      return {Category::unavailable, "node_link.closed"};
    case LinkError::refused:
      break;
  }
  return {Category::unavailable, "node_link.refused"};
}

/// As the core writes it: its province is an object.
struct RegisteredProvince {
  std::string id, name;
};
BOOST_DESCRIBE_STRUCT(RegisteredProvince, (), (id, name))
struct RegisteredBody {
  Uuid node_id;
  std::string token;
  Bytes ticket_key;
  RegisteredProvince province;
  std::int64_t heartbeat_s = 3;
};
BOOST_DESCRIBE_STRUCT(RegisteredBody, (), (node_id, token, ticket_key, province, heartbeat_s))

Result<node::Registered> registered_of(std::string_view text) {
  VL_TRY(auto body, json::read_text<RegisteredBody>(text, json::Unknown::ignore));
  return node::Registered{body.node_id,
                          std::move(body.token),
                          std::move(body.ticket_key),
                          {std::atoll(body.province.id.c_str())},
                          body.heartbeat_s};
}

}  // namespace

/// One work channel; tells the link when it ends.
class NodeLink::Channel final : public http::WebSocketSession,
                                public std::enable_shared_from_this<Channel> {
 public:
  explicit Channel(NodeLink& link) : link_(link) {}
  void on_open(http::WebSocketPeer peer) override { peer_ = std::move(peer); }
  void on_text(std::string_view text) override {
    auto value = json::parse(text);
    if (!value || !value->is_object()) return;
    if (value->as_object().contains("assignment")) {
      const auto message = json::read<node::AssignmentMessage>(*value, json::Unknown::ignore);
      if (message) link_.on_assignment_(message->assignment);
    } else if (value->as_object().contains("task")) {
      auto message = json::read<node::TaskMessage>(*value, json::Unknown::ignore);
      if (message && link_.on_task_)
        link_.on_task_(std::move(message->task), [self = shared_from_this()](node::TaskDone done) {
          static_cast<void>(self->peer_.send_text(json::write(node::TaskDoneMessage{done})));
        });
    } else if (const auto time = json::read<node::TimeMessage>(*value, json::Unknown::ignore)) {
      link_.took_time(time->time.wall_us, {sent_us_});
    }
  }
  void on_close(std::uint16_t, std::string_view) override {
    {
      const std::scoped_lock lock(link_.mutex_);
      closed_ = true;
    }
    link_.wake_.notify_all();
  }
  bool closed_ = false;                   // with the link's mutex
  std::atomic<std::int64_t> sent_us_{0};  // of the last heartbeat

 private:
  NodeLink& link_;
  http::WebSocketPeer peer_;
};

NodeLink::NodeLink(LinkOptions options, node::Spool& spool, const Clock& clock,
                   OnAssignment on_assignment, OnConnected on_connected, OnTask on_task)
    : options_(std::move(options)),
      spool_(spool),
      clock_(clock),
      on_assignment_(std::move(on_assignment)),
      on_connected_(std::move(on_connected)),
      on_task_(std::move(on_task)),
      client_(options_.core) {
  load_credential();
  link_ = std::thread([this] { keep_connected(); });
  sender_ = std::thread([this] { send_spool(); });
}

NodeLink::~NodeLink() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  client_.cancel();
  link_.join();
  sender_.join();
}

LinkState NodeLink::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

void NodeLink::spooled() {
  {
    const std::scoped_lock lock(mutex_);
    more_ = true;
  }
  wake_.notify_all();
}

void NodeLink::took_time(WallTime core, WallTime sent) {
  const WallTime now = clock_.wall();
  const std::scoped_lock lock(mutex_);
  // Half the round trip passed when the core read its clock.
  state_.clock_offset_us = (sent.us + now.us) / 2 - core.us;
}

void NodeLink::wait_ms(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return stopping_; });
}

bool NodeLink::load_credential() {
  if (options_.credential_file.empty()) return false;
  std::ifstream in(options_.credential_file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto known = json::read_text<node::Registered>(text, json::Unknown::ignore);
  if (!known) return false;
  state_.node_id = known->node_id;
  state_.ticket_key = known->ticket_key;
  registered_ = std::move(*known);
  return true;
}

void NodeLink::save_credential() const {
  if (options_.credential_file.empty()) return;
  const std::string text = registered_ ? json::write(*registered_) : "";
  const int fd =
      ::open(options_.credential_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool ok =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) ::close(fd);
  if (!ok) log::warn("node.credential_not_kept");  // it will register anew after a restart
}

Result<void> NodeLink::enrol() {
  VL_TRY(const auto response,
         client_.post_json("/api/v1/nodes/register", json::write(options_.registration)));
  if (response.status != 200)
    return fail(LinkError::refused,
                fmt::format("the core refuses the registration ({}): {}", response.status,
                            response.body_text().substr(0, 300)));
  VL_TRY(auto fresh, registered_of(response.body_text()));
  {
    const std::scoped_lock lock(mutex_);
    state_.node_id = fresh.node_id;
    state_.ticket_key = fresh.ticket_key;
    registered_ = std::move(fresh);
  }
  save_credential();
  return {};
}

Result<void> NodeLink::connect_once() {
  if (!registered_) VL_CHECK(enrol());
  auto channel = std::make_shared<Channel>(*this);
  http::WebSocketClientOptions options;
  options.connection = options_.core;
  options.target = "/api/v1/nodes/" + registered_->node_id.text() + "/work";
  options.headers.set("Authorization", "Bearer " + registered_->token);
  auto socket = http::WebSocketClient::connect(options, channel);
  if (!socket) {
    const bool token = socket.error().message.find("401") != std::string::npos;
    if (token) {
      const std::scoped_lock lock(mutex_);
      registered_.reset();
    }
    return fail(std::move(socket).error());
  }
  {
    const std::scoped_lock lock(mutex_);
    state_.connected = true;
    state_.last_error.clear();
    more_ = true;
  }
  log::info("node.connected");
  if (on_connected_) on_connected_();
  wake_.notify_all();
  for (;;) {
    channel->sent_us_ = clock_.wall().us;
    const auto sent = (*socket)->peer().send_text(
        json::write(node::HeartbeatMessage{{clock_.wall(), spool_.waiting()}}));
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds(registered_->heartbeat_s),
                   [&] { return stopping_ || channel->closed_; });
    if (stopping_) break;
    if (channel->closed_ || sent == http::Sent::closed) {
      state_.connected = false;
      return fail(LinkError::closed, "the core closed the work channel");
    }
  }
  return {};
}

void NodeLink::keep_connected() {
  std::int64_t wait = options_.first_wait_ms;
  for (;;) {
    const auto began = clock_.mono();
    auto done = connect_once();
    {
      const std::scoped_lock lock(mutex_);
      state_.connected = false;
      if (stopping_) return;
      if (!done) {
        if (state_.last_error != done.error().message)
          log::warn("node.core_away", {{"why", done.error().message}});
        state_.last_error = done.error().message;
      }
    }
    // A connection that held begins the waiting anew.
    if (clock_.mono().us - began.us > 10'000'000) wait = options_.first_wait_ms;
    wait_ms(wait / 2 + static_cast<std::int64_t>(jitter_() % static_cast<std::uint64_t>(wait)));
    wait = std::min(wait * 2, options_.longest_wait_ms);
  }
}

Result<bool> NodeLink::send_one_batch() {
  node::Registered registered;
  {
    const std::scoped_lock lock(mutex_);
    if (!state_.connected || !registered_) return false;
    registered = *registered_;
  }
  VL_TRY(const auto batch, spool_.next());
  if (!batch) return false;
  http::Fields headers;
  headers.set("Authorization", "Bearer " + registered.token);
  VL_TRY(const auto response,
         client_.post_json("/api/v1/nodes/" + registered.node_id.text() + "/batches",
                           json::write(*batch), std::move(headers)));
  if (response.status >= 500 || response.status == 401 || response.status == 429)
    return fail(LinkError::refused, fmt::format("batch answered {}", response.status));
  if (response.status != 200) {
    // A batch that this core will never take would hold up all that follow: said, and let go.
    log::error("node.batch_refused", {{"status", std::to_string(response.status)},
                                      {"items", std::to_string(batch->items.size())},
                                      {"why", std::string(response.body_text().substr(0, 200))}});
  }
  VL_CHECK(spool_.acknowledged(batch->batch_id));
  return true;
}

void NodeLink::send_spool() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds(1),
                     [&] { return stopping_ || (more_ && state_.connected); });
      if (stopping_) return;
      more_ = false;
    }
    for (;;) {
      auto sent = send_one_batch();
      if (!sent) {
        log::warn("node.batch_not_sent", {{"why", sent.error().message}});
        wait_ms(options_.first_wait_ms);
        break;
      }
      if (!*sent) break;
    }
  }
}

}  // namespace vl::node_link
