// What all connections of one server share. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <vonglau/http/metrics.hpp>
#include <vonglau/http/server.hpp>

#include "content_policy.hpp"
#include "rate_limit.hpp"
#include "registry.hpp"
#include "tls.hpp"
#include "worker_pool.hpp"

namespace vl::http {

/// What the server counts. Does nothing without a Metrics. Any thread.
class ServerMetrics {
 public:
  explicit ServerMetrics(Metrics* metrics);
  void answered(const Route* route, Method method, int status, std::int64_t took_us);
  void refused_connection() { refused_.add(); }
  void set_connections(std::size_t count) { connections_.set(static_cast<double>(count)); }
  void set_queue_depth(std::size_t count) { queue_depth_.set(static_cast<double>(count)); }

 private:
  Metrics* metrics_;
  Gauge connections_;
  Gauge queue_depth_;
  Counter refused_;
  std::mutex mutex_;
  std::unordered_map<std::string, Histogram> latency_;  // by method and pattern
};

struct ServerCore {
  ServerCore(ServerOptions o, Router r, const Clock& c, Metrics* m)
      : options(std::move(o)),
        router(std::move(r)),
        clock(c),
        metrics(m),
        rate(options.requests_per_s, options.request_burst, c),
        registry(options.connections, options.connections_per_address),
        workers(options.worker_threads, options.worker_queue) {}

  TlsContext tls() const {
    const std::scoped_lock lock(tls_mutex);
    return tls_context;
  }

  const ServerOptions options;
  const Router router;
  const Clock& clock;
  ServerMetrics metrics;
  RateLimit rate;
  ContentPolicy policy;
  Registry registry;
  mutable std::mutex tls_mutex;
  TlsContext tls_context;  // null: plain HTTP
  WorkerPool workers;
};

/// Who is at the other end.
struct PeerAddress {
  std::string text;      // for handlers: without port, IPv4-mapped as IPv4
  std::string limit_by;  // for limits: an IPv6 /64 counts as one; "" when exempt
  bool loopback = false;
};

}  // namespace vl::http
