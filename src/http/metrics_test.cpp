#include <vonglau/http/metrics.hpp>

#include "test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

TEST(Metrics, are_written_in_prometheus_text) {
  Metrics metrics;
  metrics.counter("vonglau_reports_total", "Reports received.", {{"channel", "phone"}}).add(2);
  metrics.counter("vonglau_reports_total", "Reports received.", {{"channel", "phone"}}).add();
  metrics.gauge("vonglau_queue", "Waiting.").set(7);
  auto latency = metrics.histogram("vonglau_seconds", "Took.", {0.1, 1});
  latency.observe(0.05);
  latency.observe(0.5);
  const std::string text = metrics.text();
  for (const char* line :
       {"# HELP vonglau_reports_total Reports received.", "# TYPE vonglau_reports_total counter",
        "vonglau_reports_total{channel=\"phone\"} 3", "vonglau_queue 7",
        "vonglau_seconds_bucket{le=\"0.1\"} 1", "vonglau_seconds_bucket{le=\"1\"} 2",
        "vonglau_seconds_bucket{le=\"+Inf\"} 2", "vonglau_seconds_count 2"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  EXPECT_EQ(metrics.response().headers.get("Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
}

TEST(Metrics, handles_without_a_registry_do_nothing) {
  Counter().add();
  Gauge().set(1);
  Gauge().add(1);
  Histogram().observe(1);
}

TEST(Metrics, of_the_server_count_requests_by_pattern_and_never_by_path) {
  Metrics metrics;
  Router router;
  router.add(Method::get, "/reports/{id}", [](const Request&) { return Response::text("r"); });
  const auto server = serve(std::move(router), small_server(), &metrics);
  RawPeer peer(server->port());
  peer.get("/reports/0912345678?name=secret");
  peer.get("/reports/2");
  peer.get("/nowhere/0912345678");
  const std::string text = metrics.text();
  EXPECT_NE(text.find("vonglau_http_request_seconds_count{method=\"GET\",route=\"/reports/{id}\","
                      "status=\"2xx\"} 2"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("route=\"other\",status=\"4xx\"} 1"), std::string::npos);
  EXPECT_NE(text.find("vonglau_http_connections 1"), std::string::npos);
  EXPECT_EQ(text.find("0912345678"), std::string::npos);
}

}  // namespace
}  // namespace vl::http
