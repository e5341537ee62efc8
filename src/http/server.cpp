#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <vonglau/base/log.hpp>
#include <vonglau/http/server.hpp>

#include "connection.hpp"
#include "server_core.hpp"

namespace vl::http {
namespace {

using Acceptor = net::basic_socket_acceptor<tcp, Executor>;

/// An I/O context and its one thread.
class Loop {
 public:
  Loop() : context(1), guard_(net::make_work_guard(context)) {
    thread_ = std::thread([this] { context.run(); });
  }
  ~Loop() { stop(); }
  void stop() {
    context.stop();
    if (thread_.joinable()) thread_.join();
  }
  net::io_context context;

 private:
  net::executor_work_guard<Executor> guard_;
  std::thread thread_;
};

PeerAddress peer_of(const tcp::endpoint& endpoint, bool loopback_exempt) {
  net::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  PeerAddress peer{address.to_string(), address.to_string(), address.is_loopback()};
  if (address.is_v6()) {
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    peer.limit_by = net::ip::address_v6(bytes).to_string() + "/64";
  }
  if (peer.loopback && loopback_exempt) peer.limit_by.clear();
  return peer;
}

Result<void> check(const ServerOptions& o) {
  const auto positive = [](bool ok, const char* field) -> Result<void> {
    if (ok) return {};
    return fail(HttpError::bad_options, std::string(field) + " must be above 0", field);
  };
  VL_CHECK(positive(o.io_threads > 0, "io_threads"));
  VL_CHECK(positive(o.worker_threads > 0, "worker_threads"));
  VL_CHECK(positive(o.worker_queue > 0, "worker_queue"));
  VL_CHECK(positive(o.header_bytes >= 256, "header_bytes"));
  VL_CHECK(positive(o.connections > 0, "connections"));
  return {};
}

}  // namespace

ServerMetrics::ServerMetrics(Metrics* metrics) : metrics_(metrics) {
  if (metrics == nullptr) return;
  connections_ = metrics->gauge("vonglau_http_connections", "Open connections, WebSockets too.");
  queue_depth_ = metrics->gauge("vonglau_http_queue_depth", "Requests waiting for a worker.");
  refused_ = metrics->counter("vonglau_http_refused_connections_total",
                              "Connections closed at once because there was no room.");
}

void ServerMetrics::answered(const Route* route, Method method, int status, std::int64_t took_us) {
  if (metrics_ == nullptr) return;
  const std::string pattern = route != nullptr ? route->info.pattern : "other";
  const std::string status_class = fmt::format("{}xx", status / 100);
  const std::string key = fmt::format("{} {} {}", text_of(method), pattern, status_class);
  Histogram histogram;
  {
    const std::scoped_lock lock(mutex_);
    auto at = latency_.find(key);
    if (at == latency_.end())
      at = latency_
               .emplace(key, metrics_->histogram("vonglau_http_request_seconds",
                                                 "Time from header read to response ready.",
                                                 Metrics::latency_bounds_s(),
                                                 {{"route", pattern},
                                                  {"method", std::string(text_of(method))},
                                                  {"status", status_class}}))
               .first;
    histogram = at->second;
  }
  histogram.observe(static_cast<double>(took_us) / 1e6);
}

struct Server::Impl {
  Impl(ServerOptions options, Router router, const Clock& clock, Metrics* metrics)
      : core(std::move(options), std::move(router), clock, metrics) {}

  Result<void> listen() {
    for (int i = 0; i < core.options.io_threads; ++i) loops.push_back(std::make_unique<Loop>());
    error_code ec;
    const auto address = net::ip::make_address(core.options.address, ec);
    if (ec)
      return fail(HttpError::bad_options, core.options.address + " is not an address", "address");
    const tcp::endpoint endpoint(address, core.options.port);
    acceptor = std::make_unique<Acceptor>(loops[0]->context);
    acceptor->open(endpoint.protocol(), ec);
    if (!ec) acceptor->set_option(net::socket_base::reuse_address(true), ec);
    if (!ec && address.is_v6()) acceptor->set_option(net::ip::v6_only(false), ec);
    if (!ec) acceptor->bind(endpoint, ec);
    if (!ec) acceptor->listen(net::socket_base::max_listen_connections, ec);
    if (ec)
      return fail(HttpError::bad_options,
                  fmt::format("cannot listen on {} port {}: {}", core.options.address,
                              core.options.port, ec.message()),
                  "port");
    port = acceptor->local_endpoint().port();
    retry = std::make_unique<net::steady_timer>(loops[0]->context);
    net::post(loops[0]->context, [this] { accept(); });
    return {};
  }

  // Connections go round the loops; each stays on the one it was given.
  void accept() {
    Loop& loop = *loops[next_loop++ % loops.size()];
    acceptor->async_accept(loop.context, [this, &loop](error_code ec, auto socket) {
      if (ec == net::error::operation_aborted || !acceptor->is_open()) return;
      if (ec) return accept_later(ec);
      admit(loop, TcpStream(std::move(socket)));
      accept();
    });
  }

  void accept_later(error_code ec) {  // no descriptors left, most likely
    log::warn("http.accept_failed", {{"why", ec.message()}});
    retry->expires_after(std::chrono::milliseconds(100));
    retry->async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  }

  void admit(Loop& loop, TcpStream stream) {
    error_code ec;
    const auto endpoint = stream.socket().remote_endpoint(ec);
    if (ec) return;
    PeerAddress peer = peer_of(endpoint, core.options.loopback_exempt);
    auto admission = core.registry.admit(peer.limit_by);
    if (!admission) return core.metrics.refused_connection();
    net::post(loop.context, [this, &loop, stream = std::move(stream), peer = std::move(peer),
                             admission = std::move(admission)]() mutable {
      serve_connection(core, loop.context, std::move(stream), std::move(peer),
                       std::move(admission));
    });
  }

  void stop(std::uint32_t grace_ms) {
    if (stopped.exchange(true) || loops.empty()) return;
    core.registry.close();
    net::post(loops[0]->context, [this] {
      error_code ec;
      if (acceptor) acceptor->close(ec);
      if (retry) retry->cancel();
    });
    core.registry.stop_all(false);
    if (!core.registry.wait_until_empty(std::chrono::milliseconds(grace_ms))) {
      core.registry.stop_all(true);
      core.registry.wait_until_empty(std::chrono::milliseconds(1'000));
    }
    core.workers.stop();
    for (auto& loop : loops) loop->stop();
  }

  ServerCore core;
  std::vector<std::unique_ptr<Loop>> loops;  // destroyed before the core that their work refers to
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<net::steady_timer> retry;
  std::size_t next_loop = 0;
  std::uint16_t port = 0;
  std::atomic<bool> stopped{false};
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router,
                                              const Clock& clock, Metrics* metrics) {
  VL_CHECK(check(options));
  const auto tls = options.tls;
  auto origins = options.connect_origins;
  auto impl = std::make_unique<Impl>(std::move(options), std::move(router), clock, metrics);
  VL_CHECK(impl->core.policy.set_connect_origins(origins));
  if (tls) {
    VL_TRY(impl->core.tls_context, server_tls(*tls));
  }
  VL_CHECK(impl->listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
  return impl_->port;
}
const Router& Server::router() const {
  return impl_->core.router;
}
std::size_t Server::connections() const {
  return impl_->core.registry.size();
}

Result<void> Server::reload_tls(const TlsFiles& files) {
  VL_TRY(TlsContext context, server_tls(files));
  const std::scoped_lock lock(impl_->core.tls_mutex);
  impl_->core.tls_context = std::move(context);
  return {};
}

Result<void> Server::set_connect_origins(std::vector<std::string> origins) {
  return impl_->core.policy.set_connect_origins(origins);
}

void Server::stop(std::uint32_t grace_ms) {
  impl_->stop(grace_ms);
}

}  // namespace vl::http
