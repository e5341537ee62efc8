#include "workload.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace vl::simulation {
namespace {

constexpr std::int64_t kTooMuch = 1'000'000;  // tally_rows: CHECK (total < 1000000)

journal::Command command_of(const Entry& entry, const std::optional<Uuid>& key) {
  return journal::testing::add(entry.tally, entry.amount, key);
}

/// SQLite copies its log into the database only every 1,000 pages, which no short run reaches.
journal::Command checkpoint_often() {
  return {
      journal::Actor::system(), "checkpoint", {}, [](journal::Decision& d) -> Result<std::string> {
        VL_CHECK(d.tables().query_integer("PRAGMA wal_autocheckpoint = 6"));
        return "";
      }};
}

}  // namespace

Workload::Workload(std::uint64_t seed, IdSource& ids, Mix mix)
    : random_(seed), ids_(ids), mix_(mix) {
  for (int i = 0; i < 5; ++i) tallies_.push_back(ids_.next());
}

void Workload::complain(std::string what) {
  if (wrong_.empty()) wrong_ = fmt::format("step {}: {}", steps_, what);
}

Workload::Sent Workload::invent() {
  if (!to_send_again_.empty() && random_.one_in(2)) {
    Sent sent = to_send_again_.back();
    to_send_again_.pop_back();
    return sent;
  }
  if (!known_.empty() && random_.one_in(6)) {
    auto known = known_.begin();
    std::advance(known, static_cast<std::ptrdiff_t>(random_.below(known_.size())));
    return {known->second.entry, known->first};
  }
  Sent sent;
  sent.entry.tally = tallies_[random_.below(tallies_.size())];
  sent.entry.amount = static_cast<std::int64_t>(random_.below(45)) - 15;
  if (mix_.rows_that_the_store_refuses && random_.one_in(40)) sent.entry.amount = kTooMuch;
  if (random_.one_in(2)) sent.key = ids_.next();
  return sent;
}

std::vector<Workload::Sent> Workload::invent_batch() {
  std::vector<Sent> batch;
  for (auto n = 1 + random_.below(6); n > 0; --n) {
    batch.push_back(invent());
    // Sometimes twice at once, as from a client that lost patience.
    if (batch.back().key && random_.one_in(8)) batch.push_back(batch.back());
  }
  return batch;
}

Workload::Fate Workload::predict(const Sent& sent) const {
  if (sent.key && known_.contains(*sent.key)) return Fate::repeated;
  const auto total = totals_.find(sent.entry.tally);
  const std::int64_t after = (total == totals_.end() ? 0 : total->second) + sent.entry.amount;
  return after < 0 || after >= kTooMuch ? Fate::refused : Fate::recorded;
}

void Workload::record(const Sent& sent) {
  entries_.push_back(sent.entry);
  auto& total = totals_[sent.entry.tally];
  total += sent.entry.amount;
  if (sent.key) known_[*sent.key] = {sent.entry, std::ssize(entries_), std::to_string(total)};
}

void Workload::hear(const Sent& sent, const Result<journal::Receipt>& answer) {
  const Fate fate = predict(sent);
  if (!answer) {
    if (fate != Fate::refused) complain("refused for no reason: " + answer.error().message);
    return;
  }
  ++acknowledged_;
  switch (fate) {
    case Fate::refused:
      complain("answered what it should have refused");
      return;
    case Fate::repeated: {
      const Known& known = known_.at(*sent.key);
      ++repeated_;
      if (!answer->repeated || answer->reply != known.reply || answer->sequence != known.sequence)
        complain("a retried command was answered otherwise than the first time");
      return;
    }
    case Fate::recorded:
      record(sent);
      if (answer->repeated || answer->sequence != std::ssize(entries_) ||
          answer->reply != std::to_string(totals_[sent.entry.tally]))
        complain(fmt::format("answered {} at {} instead of {} at {}", answer->reply,
                             answer->sequence, totals_[sent.entry.tally], entries_.size()));
      return;
  }
}

bool Workload::step(journal::Writer& writer) {
  const auto batch = invent_batch();
  std::vector<journal::Command> commands;
  for (const auto& sent : batch) commands.push_back(command_of(sent.entry, sent.key));
  if (mix_.frequent_checkpoints && steps_ == 0) {
    const auto set = checkpoint_often();
    if (!writer.run(std::span(&set, 1)).answers.front()) return false;
  }
  ++steps_;
  const auto outcome = writer.run(commands);
  if (outcome.answers.size() != batch.size()) complain("not one answer a command");
  unanswered_.clear();
  unanswered_one_by_one_ =
      std::ranges::any_of(batch, [](const Sent& sent) { return sent.entry.amount == kTooMuch; });
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& answer = outcome.answers[i];
    if (!answer && answer.error().code.category == Category::unavailable)
      unanswered_.push_back(batch[i]);
    else if (!unanswered_.empty())
      complain("answered a command after one that got no answer");
    else
      hear(batch[i], answer);
  }
  return unanswered_.empty();
}

void Workload::compare(const Holdings& holdings) {
  if (!holdings.unsound.empty()) complain(holdings.unsound);
  const auto& there = holdings.events;
  const std::size_t promised = entries_.size();
  for (std::size_t i = 0; i < promised; ++i)
    if (i >= there.size() || there[i] != entries_[i]) ++lost_;
  if (lost_ > 0) return;

  bool missing = false;
  for (const auto& sent : unanswered_) {
    if (!missing && predict(sent) != Fate::recorded) continue;
    missing |= entries_.size() >= there.size() || there[entries_.size()] != sent.entry;
    if (!missing)
      record(sent);
    else if (sent.key)
      to_send_again_.push_back(sent);
  }
  if (missing && entries_.size() > promised && !unanswered_one_by_one_)
    complain("a part of a batch was recorded");
  if (there.size() > entries_.size()) complain("events that nobody asked for");
  if (holdings.receipts != std::ssize(known_))
    complain(fmt::format("{} receipts instead of {}", holdings.receipts, known_.size()));
  unanswered_.clear();
}

void Workload::retry_everything(journal::Writer& writer) {
  std::vector<Sent> batch;
  std::vector<journal::Command> commands;
  for (const auto& [key, known] : known_) {
    batch.push_back({known.entry, key});
    commands.push_back(command_of(known.entry, key));
  }
  const auto outcome = writer.run(commands);
  for (std::size_t i = 0; i < batch.size(); ++i) hear(batch[i], outcome.answers[i]);
  if (!outcome.events.empty()) complain("a retried command was done again");
}

}  // namespace vl::simulation
