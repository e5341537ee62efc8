// The single writer of one province's journal: takes commands in batches, decides, appends
// events and read-table rows in one transaction, and answers only after the commit.
//
// Owned by one Journal, used by one thread at a time. Writer epochs fence: opening a writer
// raises the epoch in the store, every batch checks it, and an older writer gets `fenced` for
// ever after. Synchronous, so that tests and simulation can drive it step by step.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <vonglau/journal/error.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/journal/state.hpp>
#include <vonglau/journal/upcast.hpp>

namespace vl::journal {

class Decision;

/// `decide` runs on the writer's thread, must be quick and repeatable (it runs again when its
/// batch fails for another command's fault or for want of room) and gives the reply that a retry
/// gets again.
struct Command {
  Actor actor;
  std::string name;                     // "incidents.open", part of the idempotency record
  std::optional<Uuid> idempotency_key;  // the same key and name give the first reply again
  std::function<Result<std::string>(Decision&)> decide;
};

struct Receipt {
  std::int64_t sequence = 0;  // of the last event this command recorded, or the head if none
  std::string reply;
  bool repeated = false;  // answered from the idempotency record; nothing was done again
};

struct WriterOptions {
  ProvinceId province;
  std::size_t cached_streams = 20'000;
  std::int64_t snapshot_every = 256;  // events of a stream between its snapshots
  std::int64_t keep_receipts_us = 48LL * 3600 * 1'000'000;
  /// Asked when the store is full: true when there is more room now, and the batch is tried again.
  std::function<bool()> make_room;
};

class Writer {
 public:
  /// Takes the writer's epoch. The database must have the journal's and the projections'
  /// migrations. All references must outlive the writer.
  static Result<std::unique_ptr<Writer>> open(store::Database& database, const Clock& clock,
                                              WriterOptions options,
                                              std::vector<Projection*> projections,
                                              const Upcasters& upcasters);

  struct Outcome {
    std::vector<Result<Receipt>> answers;  // one a command, in order
    /// Committed and not given out before, in order of sequence and without holes: those of
    /// this batch, and before them those of a commit whose outcome was uncertain.
    std::vector<EventPtr> events;
    bool store_failed = false;  // away, full, uncertain or fenced
  };
  /// One transaction for the whole batch; a command that is refused leaves no trace and does
  /// not disturb the others. When the store fails, every command of the batch gets the error;
  /// nothing of it is recorded, or (`store.uncertain`) perhaps all of it. An empty batch asks
  /// whether the store is there.
  Outcome run(std::span<const Command> commands);

  /// The last event known to be committed.
  Head head() const { return committed_; }
  bool fenced() const { return fenced_; }
  std::int64_t epoch() const { return epoch_; }

 private:
  friend class Decision;
  struct Stream {
    std::int64_t version = 0;
    std::vector<std::pair<std::type_index, std::unique_ptr<AnyState>>> states;
    std::list<StreamKey>::iterator age;
  };

  Writer(const Clock& clock, WriterOptions options, std::vector<Projection*> projections,
         const Upcasters& upcasters)
      : clock_(clock),
        options_(std::move(options)),
        projections_(std::move(projections)),
        upcasters_(upcasters) {}

  /// Hardly any command is a retry: a batch takes its keys for new, and the receipts' own key
  /// refuses those that are not. Then the batch is run again, looking them up first.
  enum class Keys { taken_for_new, looked_up };
  Result<Outcome> attempt(std::span<const Command> commands, Keys keys);
  Result<Receipt> run_one(const Command& command, std::vector<EventPtr>& events,
                          std::vector<std::optional<Error>>& store_errors);
  Result<std::optional<Receipt>> known_receipt(const Command& command);
  Result<void> load_receipts(std::span<const Command> commands);
  Result<void> write_event(const Event& event);
  Result<void> load_head();
  Result<void> read_untold(std::vector<EventPtr>& events);
  Result<Stream*> stream(const StreamKey& key, bool is_new);
  Result<AnyState*> state(const StreamKey& key, std::type_index type,
                          std::unique_ptr<AnyState> (*make)(), bool is_new,
                          std::span<const std::shared_ptr<Event>> unwritten);
  Result<void> save_snapshots(const Event& event, Stream& stream);
  void forget(const StreamKey& key);
  void forget_all();
  void trim();

  const Clock& clock_;
  WriterOptions options_;
  std::vector<Projection*> projections_;
  const Upcasters& upcasters_;
  std::unique_ptr<store::Session> session_;
  std::int64_t epoch_ = 0;
  bool fenced_ = false;
  bool head_known_ = false;
  Head head_;                   // with what the open transaction has recorded
  Head committed_;              // without
  std::int64_t given_out_ = 0;  // the last sequence in an Outcome
  std::unordered_map<StreamKey, Stream> streams_;
  std::list<StreamKey> by_age_;  // front: used last
  struct Known {
    std::string name;
    Receipt receipt;
  };
  std::unordered_map<Uuid, Known> receipts_;  // of this batch's keys only
  std::int64_t last_receipt_sweep_us_ = 0;
};

/// What a command's decide function sees: folded states, read tables inside the transaction,
/// and the events it has recorded so far.
class Decision {
 public:
  const Actor& actor() const { return actor_; }
  WallTime now() const { return now_; }

  /// The state of a stream with everything recorded before, this command's own events
  /// included. The reference is good until the next call on this Decision.
  template <StateOf S>
  Result<const S*> state(const Uuid& id) {
    return typed<S>(id, false);
  }
  /// Likewise for a stream whose id was made for this command: the store is not asked.
  template <StateOf S>
  Result<const S*> fresh(const Uuid& id) {
    return typed<S>(id, true);
  }
  Result<std::int64_t> version(const StreamKey& key);
  /// Refuses with version_conflict when the stream is not at `version`.
  Result<void> expect(const StreamKey& key, std::int64_t version);

  /// Records an event; states see it at once.
  Result<void> record(Draft draft);
  /// Rows that are not event-derived but must be there if and only if the events are (vault
  /// items, secrets). Runs after the events are appended, in the same transaction.
  void also_write(std::function<Result<void>(store::Session&)> write) {
    also_.push_back(std::move(write));
  }
  /// For questions to the read tables, inside the transaction. Do not write through it.
  store::Session& tables() { return *writer_.session_; }
  ProvinceId province() const { return writer_.options_.province; }

 private:
  friend class Writer;
  Decision(Writer& writer, const Actor& actor, WallTime now, MonoTime mono, Head head)
      : writer_(writer), actor_(actor), now_(now), mono_(mono), head_(head) {}

  template <StateOf S>
  Result<const S*> typed(const Uuid& id, bool is_new) {
    VL_TRY(AnyState * any,
           writer_.state(
               {std::string(S::kStream), id}, typeid(S),
               []() -> std::unique_ptr<AnyState> { return std::make_unique<TypedState<S>>(); },
               is_new, events_));
    return &static_cast<TypedState<S>*>(any)->value;
  }

  Writer& writer_;
  const Actor& actor_;
  WallTime now_;
  MonoTime mono_;
  Head head_;
  std::vector<std::shared_ptr<Event>> events_;
  std::vector<std::function<Result<void>(store::Session&)>> also_;
};

}  // namespace vl::journal
