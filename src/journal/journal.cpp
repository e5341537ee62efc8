#include <chrono>
#include <future>

#include <vonglau/base/log.hpp>
#include <vonglau/journal/journal.hpp>

#include "answering.hpp"

namespace vl::journal {
namespace {

constexpr const char* kStopped = "the centre is stopping; nothing was done, try again";

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(store::Database& database, const Clock& clock,
                                               JournalOptions options,
                                               std::vector<Projection*> projections,
                                               const Upcasters& upcasters) {
  VL_TRY(auto writer,
         Writer::open(database, clock, options.writer, std::move(projections), upcasters));
  return std::unique_ptr<Journal>(new Journal(std::move(writer), std::move(options)));
}

Journal::Journal(std::unique_ptr<Writer> writer, JournalOptions options)
    : province_(options.writer.province),
      options_(std::move(options)),
      writer_(std::move(writer)),
      tail_(options_.tail_events),
      head_(writer_->head()) {
  tail_.start_after(head_.sequence);
  thread_ = std::thread([this] { work(); });
}

Journal::~Journal() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  more_.notify_all();
  thread_.join();
  for (auto& [command, done] : queue_) done(fail(JournalError::stopped, kStopped));
}

void Journal::submit(Command command, Done done) {
  bool stopping = false;
  {
    const std::scoped_lock lock(mutex_);
    stopping = stopping_;
    if (!stopping && queue_.size() < options_.queue_limit) {
      queue_.emplace_back(std::move(command), std::move(done));
      if (queue_.size() == 1) more_.notify_one();
      return;
    }
  }
  if (stopping) {
    done(fail(JournalError::stopped, kStopped));
    return;
  }
  done(fail(JournalError::queue_full,
            "too many changes are waiting to be recorded; nothing was done, try again"));
}

Result<Receipt> Journal::execute(Command command) {
  std::promise<Result<Receipt>> promise;
  auto answer = promise.get_future();
  submit(std::move(command), [&](Result<Receipt> r) { promise.set_value(std::move(r)); });
  return answer.get();
}

Head Journal::head() const {
  const std::scoped_lock lock(mutex_);
  return head_;
}

std::size_t Journal::waiting() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void Journal::work() {
  Answering answering([this] { tail_.tell(); });
  bool told_fenced = false;
  for (;;) {
    Answering::Batch batch;
    {
      std::unique_lock lock(mutex_);
      const auto due = [&] { return stopping_ || !queue_.empty(); };
      // While the store is away nobody else may ask it: then an empty batch does.
      if (healthy_ || told_fenced)
        more_.wait(lock, due);
      else
        more_.wait_for(lock, std::chrono::microseconds(options_.ask_again_us), due);
      if (stopping_) return;
      while (!queue_.empty() && batch.commands.size() < options_.batch_limit) {
        batch.commands.push_back(std::move(queue_.front().first));
        batch.dones.push_back(std::move(queue_.front().second));
        queue_.pop_front();
      }
    }
    auto outcome = writer_->run(batch.commands);
    const bool store_answered = !outcome.store_failed;
    if (healthy_.exchange(store_answered) != store_answered && !writer_->fenced())
      log::warn(store_answered ? "journal.store_back" : "journal.store_away");
    {
      const std::scoped_lock lock(mutex_);
      head_ = writer_->head();
    }
    tail_.add(outcome.events);
    batch.answers = std::move(outcome.answers);
    answering.give(std::move(batch));
    if (writer_->fenced() && !told_fenced) {
      told_fenced = true;
      log::error("journal.fenced");
      if (options_.on_fenced) options_.on_fenced();
    }
  }
}

}  // namespace vl::journal
