// States folded from a stream's events, kept in a bounded cache by the writer.
//
// A State is a default-constructible struct with
//   static constexpr std::string_view kStream;      the kind of stream it folds
//   void apply(const Event&);                       pure; must accept every event of the stream
// and, if its streams grow long, snapshots (all three):
//   static constexpr std::uint32_t kSnapshotVersion; raise it to discard older snapshots
//   std::string save() const;
//   static Result<T> load(std::string_view text);
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>

#include <vonglau/base/result.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::journal {

template <class S>
concept StateOf = std::default_initializable<S> && requires(S s, const Event& event) {
  { S::kStream } -> std::convertible_to<std::string_view>;
  s.apply(event);
};

template <class S>
concept SnapshotState = StateOf<S> && requires(const S s, std::string_view text) {
  { S::kSnapshotVersion } -> std::convertible_to<std::uint32_t>;
  { s.save() } -> std::convertible_to<std::string>;
  { S::load(text) } -> std::same_as<Result<S>>;
};

/// A State with its type hidden, for the cache.
class AnyState {
 public:
  virtual ~AnyState() = default;
  virtual void apply(const Event& event) = 0;
  /// 0: this state has no snapshots.
  virtual std::uint32_t snapshot_version() const = 0;
  virtual std::string save() const = 0;
  virtual bool load(std::string_view text) = 0;
};

template <StateOf S>
class TypedState final : public AnyState {
 public:
  S value;
  void apply(const Event& event) override { value.apply(event); }
  std::uint32_t snapshot_version() const override {
    if constexpr (SnapshotState<S>) return S::kSnapshotVersion;
    return 0;
  }
  std::string save() const override {
    if constexpr (SnapshotState<S>) return value.save();
    return {};
  }
  bool load(std::string_view text) override {
    if constexpr (SnapshotState<S>) {
      auto loaded = S::load(text);
      if (loaded) value = std::move(*loaded);
      return loaded.has_value();
    }
    return false;
  }
};

}  // namespace vl::journal
