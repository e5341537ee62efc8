// From an HTTP connection to a WebSocket.
#pragma once

#include <memory>
#include <optional>

#include <vonglau/http/websocket.hpp>

#include "channel.hpp"
#include "registry.hpp"
#include "request_reader.hpp"
#include "server_core.hpp"
#include "stream.hpp"

namespace vl::http {

/// Nothing when this is an upgrade we take; else what to answer. Pure.
std::optional<Response> check_upgrade(const RequestHeader& header, const Request& request,
                                      const WebSocketOptions& options);

/// On the connection's thread. `stopping`: the server stops already; it is closed at once.
void open_websocket(ServerCore& core, net::io_context& context, Stream stream,
                    std::shared_ptr<Admission> admission, const WebSocketOptions& options,
                    std::shared_ptr<WebSocketSession> session, const UpgradeRequest& upgrade,
                    bool stopping);

}  // namespace vl::http
