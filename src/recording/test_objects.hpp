// The network and the object store behind it, made up: away, failing at random, losing and altering
// what it keeps. What asks it is the product's own.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <random>

#include <vonglau/recording/error.hpp>
#include <vonglau/recording/object_store.hpp>

namespace vl::recording::testing {

class MadeUpObjects final : public ObjectStore {
 public:
  std::map<std::string, Bytes> kept;
  bool is_away = false;
  unsigned fails_one_in = 0;  // a request, which may have been done all the same
  int puts = 0, gets = 0, removes = 0;
  std::function<void()> before_change;

  Result<void> put(const std::string& key, ByteView content) override {
    const std::lock_guard lock(mutex_);
    if (is_away) return away();
    if (before_change) before_change();
    ++puts;
    const bool fails = fail_now();
    if (!fails || random_() % 2 == 0) kept[key] = Bytes(content.begin(), content.end());
    if (fails) return away();
    return {};
  }
  Result<Bytes> get(const std::string& key, std::uint64_t offset, std::size_t bytes) override {
    const std::lock_guard lock(mutex_);
    if (is_away || fail_now()) return away();
    ++gets;
    const auto found = kept.find(key);
    if (found == kept.end()) return missing();
    const auto from = std::min<std::size_t>(offset, found->second.size());
    const auto to = std::min(from + bytes, found->second.size());
    return Bytes(found->second.begin() + static_cast<std::ptrdiff_t>(from),
                 found->second.begin() + static_cast<std::ptrdiff_t>(to));
  }
  Result<Bytes> get_all(const std::string& key) override { return get(key, 0, 1ULL << 40); }
  Result<std::uint64_t> size(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    if (is_away || fail_now()) return away();
    const auto found = kept.find(key);
    if (found == kept.end()) return missing();
    return found->second.size();
  }
  Result<void> remove(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    if (is_away) return away();
    if (before_change) before_change();
    ++removes;
    const bool fails = fail_now();
    if (!fails || random_() % 2 == 0) kept.erase(key);
    if (fails) return away();
    return {};
  }
  Result<ObjectPage> list(const std::string& prefix, const std::string& from,
                          std::size_t most) override {
    const std::lock_guard lock(mutex_);
    if (is_away || fail_now()) return away();
    ObjectPage out;
    for (auto one = kept.lower_bound(std::max(prefix, from));
         one != kept.end() && one->first.starts_with(prefix); ++one) {
      if (out.objects.size() == std::min<std::size_t>(most, 7)) {
        out.next = one->first;
        break;
      }
      out.objects.push_back({one->first, one->second.size()});
    }
    return out;
  }
  void cancel() override {}

 private:
  bool fail_now() { return fails_one_in != 0 && random_() % fails_one_in == 0; }
  static std::unexpected<Error> away() {
    return fail(RecordingError::disk_failed, "the archive does not answer");
  }
  static std::unexpected<Error> missing() {
    return fail(RecordingError::not_found, "no such object");
  }
  std::mutex mutex_;
  std::mt19937 random_{5};
};

}  // namespace vl::recording::testing
