// Prepared statements by their text, the longest unused given up first. One session's own.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace vl::store {

template <class Statement>
class StatementCache {
 public:
  explicit StatementCache(std::size_t limit) : limit_(limit) {}

  Statement* find(std::string_view sql) {
    const auto at = by_text_.find(sql);
    if (at == by_text_.end()) return nullptr;
    order_.splice(order_.begin(), order_, at->second);
    return &at->second->second;
  }

  /// The statement given up for this one, if the cache was full.
  std::optional<Statement> insert(std::string_view sql, Statement statement) {
    std::optional<Statement> given_up;
    if (order_.size() >= limit_) {
      given_up = std::move(order_.back().second);
      by_text_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(std::string(sql), std::move(statement));
    by_text_.emplace(order_.front().first, order_.begin());
    return given_up;
  }

  void erase(std::string_view sql) {
    const auto at = by_text_.find(sql);
    if (at == by_text_.end()) return;
    const auto entry = at->second;
    by_text_.erase(at);
    order_.erase(entry);
  }

  void clear() {
    by_text_.clear();
    order_.clear();
  }
  std::size_t size() const { return order_.size(); }

 private:
  std::size_t limit_;
  std::list<std::pair<std::string, Statement>> order_;  // most recently used first
  std::unordered_map<std::string_view, typename decltype(order_)::iterator> by_text_;
};

}  // namespace vl::store
