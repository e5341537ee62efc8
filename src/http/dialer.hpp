// Opens a stream to a server: name, TCP, TLS, with one deadline. Blocking in the sense that it
// runs the given context until done; that context must have no thread of its own yet.
#pragma once

#include <chrono>

#include <vonglau/http/client.hpp>

#include "stream.hpp"
#include "tls.hpp"
#include "url.hpp"

namespace vl::http {

Result<Stream> dial(net::io_context& context, const Url& url, const ClientOptions& options,
                    const TlsContext& tls);

/// Runs the context until `done` is set by a handler; false when the time is over first.
bool run_until(net::io_context& context, const bool& done,
               std::chrono::steady_clock::time_point deadline);

}  // namespace vl::http
