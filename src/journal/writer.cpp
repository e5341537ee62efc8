#include <array>

#include <vonglau/base/assert.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::journal {
namespace {

struct LookUp {
  std::size_t keys = 0;
  std::string sql;
};

/// Point queries joined together. With IN, PostgreSQL plans for the empty table of a new site:
/// every row of the province is then held against every key.
LookUp look_up_of(std::size_t keys) {
  LookUp made{keys, {}};
  for (std::size_t i = 0; i < keys; ++i) {
    if (i > 0) made.sql += " UNION ALL ";
    made.sql +=
        "SELECT command_key, name, sequence, reply FROM journal_receipts"
        " WHERE province_id = $1 AND command_key = ";
    made.sql += '$' + std::to_string(i + 2);
  }
  return made;
}

/// The smallest that is enough for so many keys, or else the largest.
const LookUp& look_up_for(std::size_t keys) {
  static const std::array made{look_up_of(1), look_up_of(8), look_up_of(64)};
  for (const auto& one : made)
    if (one.keys >= keys) return one;
  return made.back();
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(store::Database& database, const Clock& clock,
                                             WriterOptions options,
                                             std::vector<Projection*> projections,
                                             const Upcasters& upcasters) {
  std::unique_ptr<Writer> writer(
      new Writer(clock, std::move(options), std::move(projections), upcasters));
  VL_TRY(writer->session_, database.open_session());
  auto& session = *writer->session_;
  const ProvinceId province = writer->options_.province;
  VL_CHECK(session.begin_write());
  VL_CHECK(
      session.execute("INSERT INTO journal_writers (province_id, epoch) VALUES ($1, 0)"
                      " ON CONFLICT (province_id) DO NOTHING",
                      {province}));
  VL_CHECK(session.execute("UPDATE journal_writers SET epoch = epoch + 1 WHERE province_id = $1",
                           {province}));
  VL_TRY(const auto epoch,
         session.query_integer("SELECT epoch FROM journal_writers WHERE province_id = $1",
                               {province}));
  VL_ASSERT(epoch.has_value());
  writer->epoch_ = *epoch;
  VL_CHECK(writer->load_head());
  VL_CHECK(session.commit());
  writer->committed_ = writer->head_;
  writer->given_out_ = writer->head_.sequence;
  return writer;
}

Result<void> Writer::load_head() {
  VL_TRY(head_, read_head(*session_, options_.province));
  head_known_ = true;
  return {};
}

/// After a commit whose outcome the store could not tell, the head may be further than what was
/// given out: that must be told too, or watchers miss it.
Result<void> Writer::read_untold(std::vector<EventPtr>& events) {
  if (head_.sequence == given_out_) return {};
  EventRange range;
  range.from = given_out_ + 1;
  return read_events(*session_, options_.province, range, &upcasters_, [&](Event&& event) {
    events.push_back(std::make_shared<Event>(std::move(event)));
    return true;
  });
}

Writer::Outcome Writer::run(std::span<const Command> commands) {
  const auto is = [](const Result<Outcome>& outcome, Category category) {
    return !outcome && outcome.error().code.category == category;
  };
  Keys keys = Keys::taken_for_new;
  auto outcome = attempt(commands, keys);
  for (;;) {
    if (is(outcome, Category::conflict) && keys == Keys::taken_for_new)
      keys = Keys::looked_up;
    else if (outcome || outcome.error().code != code_of(store::StoreError::full) ||
             !options_.make_room || !options_.make_room())
      break;
    outcome = attempt(commands, keys);
  }
  if (outcome) return std::move(*outcome);
  Outcome all;
  all.store_failed = is(outcome, Category::unavailable);
  const bool somebodys_fault = is(outcome, Category::conflict) || is(outcome, Category::internal);
  if (commands.size() > 1 && somebodys_fault) {
    // One command's rows were refused: each alone, so that only the culprit is told.
    for (const auto& command : commands) {
      Outcome one = run(std::span(&command, 1));
      all.answers.push_back(std::move(one.answers.front()));
      for (auto& event : one.events) all.events.push_back(std::move(event));
      all.store_failed |= one.store_failed;
    }
    return all;
  }
  for (std::size_t i = 0; i < commands.size(); ++i) all.answers.push_back(fail(outcome.error()));
  return all;
}

Result<Writer::Outcome> Writer::attempt(std::span<const Command> commands, Keys keys) {
  if (fenced_) return fail(JournalError::fenced, "another process writes this journal now");
  Outcome outcome;
  auto broken = [&](Error error) -> Result<Outcome> {
    session_->rollback();
    forget_all();
    head_known_ = false;
    head_ = committed_;
    return fail(std::move(error));
  };
  if (auto begun = session_->begin_write(); !begun) return broken(std::move(begun).error());
  auto held = session_->execute(
      "UPDATE journal_writers SET epoch = epoch WHERE province_id = $1 AND epoch = $2",
      {options_.province, epoch_});
  if (!held) return broken(std::move(held).error());
  if (*held != 1) {
    fenced_ = true;
    return broken(Error(code_of(JournalError::fenced),
                        "another process has taken over this journal; this one must stop"));
  }
  if (!head_known_) {
    auto loaded = load_head();
    if (loaded) loaded = read_untold(outcome.events);
    if (!loaded) return broken(std::move(loaded).error());
  }
  receipts_.clear();
  if (keys == Keys::looked_up)
    if (auto loaded = load_receipts(commands); !loaded) return broken(std::move(loaded).error());

  std::vector<std::optional<Error>> store_errors;
  for (const auto& command : commands) {
    outcome.answers.push_back(run_one(command, outcome.events, store_errors));
    if (!store_errors.empty()) return broken(std::move(*store_errors.front()));
  }
  if (auto committed = session_->commit(); !committed) return broken(std::move(committed).error());
  committed_ = head_;
  given_out_ = head_.sequence;
  trim();
  return outcome;
}

Result<void> Writer::load_receipts(std::span<const Command> commands) {
  std::vector<Uuid> keys;
  for (const auto& command : commands)
    if (command.idempotency_key) keys.push_back(*command.idempotency_key);
  for (std::size_t at = 0; at < keys.size();) {
    const auto& look_up = look_up_for(keys.size() - at);
    std::vector<store::Value> values{options_.province};
    for (std::size_t i = 0; i < look_up.keys; ++i)
      values.emplace_back(keys[std::min(at + i, keys.size() - 1)]);
    VL_CHECK(session_->query(
        look_up.sql, std::span<const store::Value>(values), [&](const store::Row& row) {
          receipts_[row.uuid(0)] = {std::string(row.text(1)),
                                    {row.integer(2), std::string(row.text(3)), true}};
          return true;
        }));
    at += look_up.keys;
  }
  return {};
}

Result<std::optional<Receipt>> Writer::known_receipt(const Command& command) {
  if (!command.idempotency_key) return std::nullopt;
  const auto found = receipts_.find(*command.idempotency_key);
  if (found == receipts_.end()) return std::nullopt;
  if (found->second.name != command.name)
    return fail(JournalError::key_reused,
                "this Idempotency-Key was used for another command; send a new one",
                "Idempotency-Key");
  return found->second.receipt;
}

Result<Receipt> Writer::run_one(const Command& command, std::vector<EventPtr>& events,
                                std::vector<std::optional<Error>>& store_errors) {
  VL_TRY(auto known, known_receipt(command));
  if (known) return *known;
  Decision decision(*this, command.actor, clock_.wall(), clock_.mono(), head_);
  auto reply = command.decide(decision);
  if (!reply) {
    // What it recorded before it refused was only in memory.
    for (const auto& event : decision.events_) forget(event->stream);
    // It may be refused only because it was done before.
    if (auto loaded = load_receipts(std::span(&command, 1)); !loaded) {
      store_errors.emplace_back(std::move(loaded).error());
      return fail(*store_errors.back());
    }
    VL_TRY(known, known_receipt(command));
    if (known) return *known;
    return fail(std::move(reply).error());
  }
  const auto write = [&]() -> Result<void> {
    for (const auto& event : decision.events_) {
      VL_CHECK(write_event(*event));
      for (auto* projection : projections_)
        VL_CHECK(projection->apply(*event, options_.province, *session_));
      event->content = {};
    }
    for (const auto& also : decision.also_) VL_CHECK(also(*session_));
    if (command.idempotency_key)
      VL_CHECK(
          session_->post("INSERT INTO journal_receipts (province_id, command_key, name,"
                         " sequence, reply, at_us) VALUES ($1, $2, $3, $4, $5, $6)",
                         {options_.province, *command.idempotency_key, command.name,
                          decision.head_.sequence, *reply, decision.now_}));
    return {};
  };
  if (auto written = write(); !written) {
    store_errors.emplace_back(std::move(written).error());
    return fail(*store_errors.back());
  }
  head_ = decision.head_;
  Receipt receipt{head_.sequence, std::move(*reply), false};
  if (command.idempotency_key) {
    receipts_[*command.idempotency_key] = {command.name, receipt};
    receipts_[*command.idempotency_key].receipt.repeated = true;
    if (decision.now_.us - last_receipt_sweep_us_ > 600'000'000) {
      last_receipt_sweep_us_ = decision.now_.us;
      if (auto swept =
              session_->post("DELETE FROM journal_receipts WHERE province_id = $1 AND at_us < $2",
                             {options_.province, decision.now_.us - options_.keep_receipts_us});
          !swept)
        store_errors.emplace_back(std::move(swept).error());
    }
  }
  for (auto& event : decision.events_) events.push_back(std::move(event));
  return receipt;
}

Result<void> Writer::write_event(const Event& e) {
  VL_CHECK(session_->post(
      "INSERT INTO journal_events (province_id, sequence, wall_us, mono_us, actor_kind, actor_id,"
      " stream_kind, stream_id, stream_version, type, version, body, previous_hash, hash)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      {options_.province, e.sequence, e.wall, e.mono.us, static_cast<int>(e.actor.kind), e.actor.id,
       e.stream.kind, e.stream.id, e.stream_version, e.type, e.version, e.body, e.previous_hash,
       e.hash}));
  if (e.stream_version % options_.snapshot_every == 0)
    if (const auto found = streams_.find(e.stream); found != streams_.end())
      VL_CHECK(save_snapshots(e, found->second));
  return {};
}

Result<void> Writer::save_snapshots(const Event& event, Stream& stream) {
  // The state may already be ahead of this event (the command recorded more): then the
  // snapshot carries the version it has.
  for (const auto& [type, state] : stream.states) {
    if (state->snapshot_version() == 0) continue;
    VL_CHECK(session_->post(
        "INSERT INTO journal_snapshots (province_id, stream_kind, stream_id, stream_version,"
        " state_version, body) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (province_id, stream_kind, stream_id) DO UPDATE SET stream_version ="
        " excluded.stream_version, state_version = excluded.state_version, body = excluded.body",
        {options_.province, event.stream.kind, event.stream.id, stream.version,
         state->snapshot_version(), state->save()}));
  }
  return {};
}

Result<Writer::Stream*> Writer::stream(const StreamKey& key, bool is_new) {
  if (const auto found = streams_.find(key); found != streams_.end()) {
    by_age_.splice(by_age_.begin(), by_age_, found->second.age);
    return &found->second;
  }
  std::int64_t version = 0;
  if (!is_new) {
    VL_TRY(const auto last,
           session_->query_integer(
               "SELECT stream_version FROM journal_events WHERE province_id = $1 AND"
               " stream_kind = $2 AND stream_id = $3 ORDER BY stream_version DESC LIMIT 1",
               {options_.province, key.kind, key.id}));
    version = last.value_or(0);
  }
  by_age_.push_front(key);
  auto& stream = streams_[key];
  stream.version = version;
  stream.age = by_age_.begin();
  return &stream;
}

Result<AnyState*> Writer::state(const StreamKey& key, std::type_index type,
                                std::unique_ptr<AnyState> (*make)(), bool is_new,
                                std::span<const std::shared_ptr<Event>> unwritten) {
  VL_TRY(Stream * found, stream(key, is_new));
  for (auto& [known, state] : found->states)
    if (known == type) return state.get();
  auto state = make();
  if (found->version > 0) {
    std::int64_t from = 0;
    if (state->snapshot_version() != 0) {
      VL_CHECK(session_->query(
          "SELECT stream_version, body FROM journal_snapshots WHERE province_id = $1 AND"
          " stream_kind = $2 AND stream_id = $3 AND state_version = $4 AND stream_version <= $5",
          {options_.province, key.kind, key.id, state->snapshot_version(), found->version},
          [&](const store::Row& row) {
            if (state->load(row.text(1)))
              from = row.integer(0);
            else
              state = make();
            return false;
          }));
    }
    EventRange range;
    range.stream = key;
    VL_CHECK(read_events(*session_, options_.province, range, &upcasters_, [&](Event&& event) {
      if (event.stream_version > from) state->apply(event);
      return true;
    }));
  }
  for (const auto& event : unwritten)
    if (event->stream == key) state->apply(*event);
  found->states.emplace_back(type, std::move(state));
  return found->states.back().second.get();
}

void Writer::forget(const StreamKey& key) {
  const auto found = streams_.find(key);
  if (found == streams_.end()) return;
  by_age_.erase(found->second.age);
  streams_.erase(found);
}

void Writer::forget_all() {
  streams_.clear();
  by_age_.clear();
}

void Writer::trim() {
  while (streams_.size() > options_.cached_streams) {
    streams_.erase(by_age_.back());
    by_age_.pop_back();
  }
}

Result<std::int64_t> Decision::version(const StreamKey& key) {
  VL_TRY(const auto* stream, writer_.stream(key, false));
  return stream->version;
}

Result<void> Decision::expect(const StreamKey& key, std::int64_t expected) {
  VL_TRY(const auto now, version(key));
  if (now != expected)
    return fail(JournalError::version_conflict,
                "this has changed since you opened it (version " + std::to_string(now) +
                    ", you had " + std::to_string(expected) + "): look again, then repeat",
                "version");
  return {};
}

Result<void> Decision::record(Draft draft) {
  VL_TRY(auto* stream, writer_.stream(draft.stream, false));
  auto event = std::make_shared<Event>();
  event->sequence = head_.sequence + 1;
  event->wall = now_;
  event->mono = mono_;
  event->actor = actor_;
  event->stream = std::move(draft.stream);
  event->stream_version = stream->version + 1;
  event->type = std::move(draft.type);
  event->version = draft.version;
  event->body = std::move(draft.body);
  event->content = std::move(draft.content);
  event->previous_hash = head_.hash;
  event->hash = hash_of(writer_.options_.province, *event);
  ++stream->version;
  for (auto& [type, state] : stream->states) state->apply(*event);
  head_ = {event->sequence, event->hash};
  events_.push_back(std::move(event));
  return {};
}

}  // namespace vl::journal
