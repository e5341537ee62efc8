#include <vonglau/base/json.hpp>
#include <vonglau/node/spool.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::node {
namespace {

store::MigrationSet spool_migrations() {
  // One node's own file, so no province here: the whole file belongs to one.
  return {"spool",
          {{1, "items", R"(
CREATE TABLE spool_items (
  number {integer} NOT NULL PRIMARY KEY,
  kind {text} NOT NULL,
  at_us {integer} NOT NULL,
  body {text} NOT NULL,
  batch_id {bytes}
){strict};
CREATE INDEX spool_items_by_batch ON spool_items (batch_id);
)",
            "", ""}}};
}

}  // namespace

Spool::Spool(std::unique_ptr<store::Database> database, std::unique_ptr<store::Session> session,
             IdSource& ids, std::int64_t most_items)
    : database_(std::move(database)),
      session_(std::move(session)),
      ids_(ids),
      most_items_(most_items) {}

Result<std::unique_ptr<Spool>> Spool::open(const std::string& path, const Clock& clock,
                                           IdSource& ids, std::int64_t most_items) {
  auto database = store::sqlite_database({.path = path});
  VL_TRY(auto session, database->open_session());
  const store::MigrationSet sets[] = {spool_migrations()};
  VL_CHECK(store::migrate(*session, sets, clock));
  std::unique_ptr<Spool> spool(new Spool(std::move(database), std::move(session), ids, most_items));
  VL_TRY(const auto waiting, spool->session_->query_integer("SELECT count(*) FROM spool_items"));
  spool->waiting_ = waiting.value_or(0);
  return spool;
}

Result<void> Spool::put(const BatchItem& item) {
  const std::scoped_lock lock(mutex_);
  VL_CHECK(
      session_->execute("INSERT INTO spool_items (number, kind, at_us, body) VALUES"
                        " ((SELECT coalesce(max(number), 0) + 1 FROM spool_items), $1, $2, $3)",
                        {item.kind, item.at_us, json::text_of(item.body)}));
  if (++waiting_ > most_items_) {
    VL_TRY(const auto gone,
           session_->execute("DELETE FROM spool_items WHERE number IN (SELECT number FROM"
                             " spool_items ORDER BY number LIMIT $1)",
                             {waiting_ - most_items_}));
    waiting_ -= gone;
    dropped_ += gone;
  }
  return {};
}

namespace {
// The core takes 1 MiB in one request (node_routes).
constexpr std::size_t most_batch_bytes = 768 * 1024;
constexpr std::size_t most_item_head_bytes = 100;  // kind, time and what divides them
}  // namespace

Result<std::optional<Batch>> Spool::next(std::size_t most_items) {
  const std::scoped_lock lock(mutex_);
  if (waiting_ == 0) return std::nullopt;
  std::optional<Uuid> open;
  VL_CHECK(
      session_->query("SELECT batch_id FROM spool_items WHERE batch_id IS NOT NULL"
                      " ORDER BY number LIMIT 1",
                      {}, [&](const store::Row& row) {
                        open = row.uuid(0);
                        return false;
                      }));
  Batch batch;
  batch.batch_id = open.value_or(Uuid{});
  if (!open) {
    batch.batch_id = ids_.next();
    // As many as fit into one request; the first in any case.
    std::size_t bytes = 0;
    std::int64_t last = 0;
    VL_CHECK(session_->query("SELECT number, body FROM spool_items ORDER BY number LIMIT $1",
                             {static_cast<std::int64_t>(most_items)}, [&](const store::Row& row) {
                               bytes += row.text(1).size() + most_item_head_bytes;
                               if (last != 0 && bytes > most_batch_bytes) return false;
                               last = row.integer(0);
                               return true;
                             }));
    VL_CHECK(session_->execute("UPDATE spool_items SET batch_id = $1 WHERE number <= $2",
                               {batch.batch_id, last}));
  }
  Result<void> readable;
  VL_CHECK(session_->query(
      "SELECT kind, at_us, body FROM spool_items WHERE batch_id = $1 ORDER BY number",
      {batch.batch_id}, [&](const store::Row& row) {
        auto body = json::parse(row.text(2));
        if (!body) {
          readable = fail(std::move(body).error());
          return false;
        }
        batch.items.push_back({std::string(row.text(0)), {row.integer(1)}, std::move(*body)});
        return true;
      }));
  VL_CHECK(readable);
  return batch;
}

Result<void> Spool::acknowledged(const Uuid& batch_id) {
  const std::scoped_lock lock(mutex_);
  VL_TRY(const auto gone,
         session_->execute("DELETE FROM spool_items WHERE batch_id = $1", {batch_id}));
  waiting_ -= gone;
  return {};
}

std::int64_t Spool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

std::int64_t Spool::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace vl::node
