// Group commit by hand, as short as it can be: callers put an order down and wait, one thread
// takes all that lies there, writes it and lets them go.
#pragma once

#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "contender.hpp"

namespace vl::bench {

class Batcher {
 public:
  virtual ~Batcher() = default;

 protected:
  static constexpr std::size_t kBatch = 512;  // as JournalOptions::batch_limit
  struct Order {
    ReportRows rows;
    std::binary_semaphore done{0};
  };
  virtual void write(std::vector<Order*>& orders) = 0;

  void start() {
    thread_ = std::thread([this] { work(); });
  }
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    more_.notify_one();
    thread_.join();
  }
  void order_and_wait() {
    Order order;
    order.rows = next_rows();
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(&order);
      if (waiting_.size() == 1) more_.notify_one();
    }
    order.done.acquire();
  }

 private:
  void work() {
    std::vector<Order*> batch;
    for (;;) {
      batch.clear();
      {
        std::unique_lock lock(mutex_);
        more_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        if (waiting_.size() <= kBatch) {
          batch.swap(waiting_);
        } else {
          batch.assign(waiting_.begin(), waiting_.begin() + kBatch);
          waiting_.erase(waiting_.begin(), waiting_.begin() + kBatch);
        }
      }
      write(batch);
      for (Order* order : batch) order->done.release();
    }
  }

  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<Order*> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vl::bench
