// A camera's footage as somebody watches it: the main stream, and where that has gaps what was
// fetched of them from the camera's own storage. The store keeps both apart; here they are one.
//
// Asked for other streams it gives what the store gives. Holds nothing but the store, which must
// outlive it. Any thread.
#pragma once

#include <vonglau/recording/fragment_store.hpp>

namespace vl::recording {

/// What is left of gaps when `spans` are taken out of them, in order. A rest that is too short to
/// be told (half a second) is not left.
std::vector<Gap> without(const std::vector<Gap>& gaps, const std::vector<Span>& spans);

class FootageView {
 public:
  explicit FootageView(const FragmentStore& store) : store_(&store) {}

  /// As the store's, over both.
  Result<FragmentRef> seek(const StreamKey& stream, std::int64_t at_us) const;
  /// What follows in time, whichever stream it is of.
  Result<FragmentRef> next(const FragmentRef& after) const;
  /// In order; what was fetched says so.
  /// As FragmentStore::rates(); where only fetched footage is, of that.
  Result<std::vector<std::uint32_t>> rates(const StreamKey& stream, std::int64_t from_us,
                                           std::int64_t to_us, std::size_t parts) const;
  Result<std::vector<Span>> spans(const StreamKey& stream, std::int64_t from_us,
                                  std::int64_t to_us) const;
  /// What is missing still.
  Result<std::vector<Gap>> gaps(const StreamKey& stream, std::int64_t from_us,
                                std::int64_t to_us) const;

 private:
  std::optional<StreamKey> fetched_of(const StreamKey& stream) const;
  Result<std::optional<FragmentRef>> first_behind(const StreamKey& stream, const FragmentRef& after,
                                                  std::int64_t until_us) const;

  const FragmentStore* store_;
};

}  // namespace vl::recording
