// One HTTP connection on the thread of its I/O context: reads a request, has a worker answer it,
// writes the response, and so on until one side closes. Requests that arrive together are
// answered one after the other, in order. A WebSocket upgrade hands the stream to a Channel.
// Kept alive by its pending operations.
#pragma once

#include <memory>

#include "registry.hpp"
#include "server_core.hpp"
#include "stream.hpp"

namespace vl::http {

/// `context` is the one I/O thread's that `tcp` belongs to. Call on that thread.
void serve_connection(ServerCore& core, net::io_context& context, TcpStream tcp, PeerAddress peer,
                      std::shared_ptr<Admission> admission);

}  // namespace vl::http
