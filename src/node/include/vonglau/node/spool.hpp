// What a node has to tell the core, kept on the node's own disk until the core has it: the node
// goes on while the core is away and replays in order when it is back.
//
// SQLite, synchronous=FULL: an item is durable when put() returns. A batch keeps its id until it
// is acknowledged, so sending it again after a cut is taken once. Bounded by `most_items`: beyond
// it the oldest are dropped and counted (`dropped`), and the next batch says so. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <vonglau/base/clock.hpp>
#include <vonglau/node/error.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/store/session.hpp>

namespace vl::node {

class Spool {
 public:
  static Result<std::unique_ptr<Spool>> open(const std::string& path, const Clock& clock,
                                             IdSource& ids, std::int64_t most_items = 1'000'000);

  Result<void> put(const BatchItem& item);
  /// The oldest unacknowledged batch, of at most 768 KiB; the same one until it is acknowledged.
  /// Nothing to send: nothing.
  Result<std::optional<Batch>> next(std::size_t most_items = 500);
  Result<void> acknowledged(const Uuid& batch_id);
  std::int64_t waiting() const;
  std::int64_t dropped() const;

 private:
  Spool(std::unique_ptr<store::Database> database, std::unique_ptr<store::Session> session,
        IdSource& ids, std::int64_t most_items);
  mutable std::mutex mutex_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Session> session_;
  IdSource& ids_;
  const std::int64_t most_items_;
  std::int64_t waiting_ = 0;
  std::int64_t dropped_ = 0;
};

}  // namespace vl::node
