#include "upgrade.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <vonglau/http/errors.hpp>

namespace vl::http {
namespace {
namespace bhttp = beast::http;

bool is_origin_allowed(const Request& request, const WebSocketOptions& options) {
  const std::string origin(request.header("Origin"));
  if (origin.empty() || options.any_origin) return true;
  const std::string scheme = request.secure ? "https://" : "http://";
  if (origin == scheme + std::string(request.header("Host"))) return true;
  return std::ranges::find(options.origins, origin) != options.origins.end();
}

/// Keeps the place of a connection that has become a WebSocket, and ends it when told.
class OpenWebSocket final : public Live {
 public:
  OpenWebSocket(ServerCore& core, net::io_context& context, std::shared_ptr<Admission> admission)
      : core_(core), context_(context), admission_(std::move(admission)) {}
  ~OpenWebSocket() override {
    admission_.reset();
    core_.metrics.set_connections(core_.registry.size());
  }
  void set_channel(const std::shared_ptr<Channel>& channel) { channel_ = channel; }

  void stop(bool at_once) override {
    net::post(context_, [weak = channel_, at_once] {
      const auto channel = weak.lock();
      if (!channel) return;
      if (at_once)
        channel->cut();
      else
        channel->outbox()->close(close_code::going_away, "the server stops");
    });
  }

 private:
  ServerCore& core_;
  net::io_context& context_;
  std::shared_ptr<Admission> admission_;
  std::weak_ptr<Channel> channel_;
};

}  // namespace

std::optional<Response> check_upgrade(const RequestHeader& header, const Request& request,
                                      const WebSocketOptions& options) {
  const bool asks = bhttp::token_list(header[bhttp::field::connection]).exists("upgrade") &&
                    bhttp::token_list(header[bhttp::field::upgrade]).exists("websocket");
  if (!asks || header[bhttp::field::sec_websocket_version] != "13" ||
      header[bhttp::field::sec_websocket_key].empty())
    return error_response(Error(code_of(HttpError::upgrade_required),
                                "This address speaks WebSocket, version 13: open it with wss://."),
                          426)
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13");
  if (!is_origin_allowed(request, options))
    return error_response(Error(code_of(HttpError::origin_refused),
                                "Pages of this origin may not open this address."));
  return std::nullopt;
}

void open_websocket(ServerCore& core, net::io_context& context, Stream stream,
                    std::shared_ptr<Admission> admission, const WebSocketOptions& options,
                    std::shared_ptr<WebSocketSession> session, const UpgradeRequest& upgrade,
                    bool stopping) {
  const auto open = std::make_shared<OpenWebSocket>(core, context, admission);
  const auto runner = std::make_shared<SerialRunner>(core.workers);
  const auto channel = Channel::create(
      std::move(stream), options, std::move(session),
      [runner](Task task) { runner->run(std::move(task)); }, open);
  open->set_channel(channel);
  admission->set_owner(open);
  channel->accept(upgrade);
  if (stopping) open->stop(false);
}

}  // namespace vl::http
