// Counters, gauges and histograms in Prometheus' text format. Owned by the composition root,
// which serves `text()` at /metrics. Any thread. Labels must come from a bounded set (a route's
// pattern, never a path): each new combination is kept for good.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/http/message.hpp>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace vl::http {

using Labels = std::map<std::string, std::string>;

/// Handles: cheap to copy, valid as long as the Metrics they came from.
class Counter {
 public:
  explicit Counter(prometheus::Counter* counter = nullptr) : counter_(counter) {}
  void add(double amount = 1);

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge* gauge = nullptr) : gauge_(gauge) {}
  void set(double value);
  void add(double amount);

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram* histogram = nullptr) : histogram_(histogram) {}
  void observe(double value);

 private:
  prometheus::Histogram* histogram_;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name and labels again give the same metric. A name of one kind cannot be another's.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram histogram(const std::string& name, const std::string& help,
                      const std::vector<double>& bounds, const Labels& labels = {});

  std::string text() const;
  Response response() const;  // for the handler of /metrics

  /// 1 ms to 10 s.
  static const std::vector<double>& latency_bounds_s();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vl::http
