// What the journal benchmark compares: ways to make one received report durable. Every contender
// writes the same rows (event, report, idempotency record) into the same tables.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <vonglau/base/ids.hpp>

namespace vl::bench {

inline constexpr std::int64_t kProvince = 24;

/// The statements that the product prepares for one report, for those who write them by hand.
extern const char* const kInsertEvent;
extern const char* const kInsertReport;
extern const char* const kInsertReceipt;

class Contender {
 public:
  virtual ~Contender() = default;
  /// Returns when one more report is durable. Any thread; `caller` is its number.
  virtual void execute(int caller) = 0;
  /// CPU seconds so far, with the database's processes.
  virtual double cpu_s() const = 0;
};

/// The journal with its projection, as the centre runs it.
std::unique_ptr<Contender> journal_on(const std::string& address, int server_pid);
/// SQLite's C API: one writer that puts all that waits into a transaction, synchronous=FULL.
std::unique_ptr<Contender> bare_sqlite(const std::string& path);
/// libpq: a transaction a report, sent in one go, on this many connections.
std::unique_ptr<Contender> bare_postgres(const std::string& conninfo, int connections,
                                         int server_pid);
/// libpq: one connection in pipeline mode, one transaction for all that waits.
std::unique_ptr<Contender> bare_postgres_pipelined(const std::string& conninfo, int server_pid);

/// Makes the tables of the journal and of incidents.
void make_tables(const std::string& address);

/// The values of one report, the same for all.
struct ReportRows {
  Uuid id;
  Uuid key;
  Uuid actor;
  std::array<std::uint8_t, 32> hash{};
  std::int64_t at_us = 0;
  std::string reply;
  const std::string& body() const;
};
ReportRows next_rows();

}  // namespace vl::bench
