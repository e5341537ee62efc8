#include <algorithm>
#include <tuple>
#include <utility>

#include <vonglau/recording/footage_view.hpp>

#include "footage_index.hpp"

namespace vl::recording {

namespace {
constexpr std::int64_t first_step_us = 2'000'000;
constexpr std::int64_t longest_step_us = 24LL * 3'600'000'000;
constexpr std::size_t looked_at = 8;

bool is_missing(const Error& error) {
  return error.code == code_of(RecordingError::not_found);
}
auto place_in_time(const FragmentRef& ref) {
  return std::tuple(ref.start_us, ref.id.stream.kind, ref.id.sequence);
}
}  // namespace

std::vector<Gap> without(const std::vector<Gap>& gaps, const std::vector<Span>& spans) {
  std::vector<Gap> out;
  for (const auto& gap : gaps) {
    auto from_us = gap.start_us;
    bool is_cut = false;
    const auto leave = [&](std::int64_t until_us) {
      if (until_us - from_us <= span_hole_us) return;
      auto& rest = out.emplace_back(gap);
      rest.start_us = from_us;
      rest.end_us = until_us;
    };
    for (const auto& span : spans) {
      const bool apart = span.end_us <= from_us || (gap.end_us && span.start_us >= *gap.end_us);
      if (apart) continue;
      is_cut = true;
      leave(std::max(span.start_us, from_us));
      from_us = std::max(span.end_us, from_us);
    }
    if (!is_cut) {
      out.push_back(gap);
    } else if (gap.end_us) {
      leave(*gap.end_us);
    } else {
      out.push_back(gap);
      out.back().start_us = from_us;
    }
  }
  return out;
}

std::optional<StreamKey> FootageView::fetched_of(const StreamKey& stream) const {
  if (stream.kind != StreamKind::main) return std::nullopt;
  const StreamKey key{stream.camera, StreamKind::fetched};
  if (!store_->end_us(key)) return std::nullopt;
  return key;
}

Result<FragmentRef> FootageView::seek(const StreamKey& stream, std::int64_t at_us) const {
  auto found = store_->seek(stream, at_us);
  const auto fetched = fetched_of(stream);
  if (!fetched || (!found && !is_missing(found.error()))) return found;
  auto other = store_->seek(*fetched, at_us);
  if (!other) return is_missing(other.error()) ? found : other;
  if (!found) return other;
  // What begins last before the time is what shows it; else what comes first after it.
  const bool before = found->start_us <= at_us;
  if (before != (other->start_us <= at_us)) return before ? found : other;
  const bool later = other->start_us > found->start_us;
  return later == before ? other : found;
}

/// The first of this stream, not after `until_us`, that comes after another's fragment.
Result<std::optional<FragmentRef>> FootageView::first_behind(const StreamKey& stream,
                                                             const FragmentRef& after,
                                                             std::int64_t until_us) const {
  for (auto step_us = first_step_us; step_us <= longest_step_us; step_us *= 12) {
    const auto to_us = std::min(after.start_us + step_us, until_us);
    VL_TRY(const auto found, store_->find(stream, after.start_us, to_us + 1, looked_at));
    for (const auto& ref : found)
      if (place_in_time(ref) > place_in_time(after)) return ref;
    if (to_us == until_us) break;
  }
  return std::nullopt;
}

Result<FragmentRef> FootageView::next(const FragmentRef& after) const {
  const auto& stream = after.id.stream;
  const StreamKey main{stream.camera, StreamKind::main};
  const auto fetched = fetched_of(main);
  if (!fetched || stream.kind == StreamKind::sub) return store_->next(after.id);
  if (stream == main) {
    auto follows = store_->next(after.id);
    // Behind the end of the main stream nothing is fetched.
    if (!follows) return follows;
    VL_TRY(const auto between, first_behind(*fetched, after, follows->start_us));
    return between && place_in_time(*between) < place_in_time(*follows) ? *between : follows;
  }
  VL_TRY(const auto more, first_behind(*fetched, after, after.start_us + longest_step_us));
  VL_TRY(const auto back,
         first_behind(main, after, more ? more->start_us : after.start_us + longest_step_us));
  if (back && (!more || place_in_time(*back) < place_in_time(*more))) return *back;
  if (more) return *more;
  return fail(RecordingError::not_found, "nothing follows");
}

Result<std::vector<Span>> FootageView::spans(const StreamKey& stream, std::int64_t from_us,
                                             std::int64_t to_us) const {
  VL_TRY(auto out, store_->spans(stream, from_us, to_us));
  const auto fetched = fetched_of(stream);
  if (!fetched) return out;
  VL_TRY(const auto more, store_->spans(*fetched, from_us, to_us));
  for (const auto& span : more) {
    out.push_back(span);
    out.back().is_fetched = true;
  }
  std::ranges::sort(out, {}, &Span::start_us);
  return out;
}

Result<std::vector<std::uint32_t>> FootageView::rates(const StreamKey& stream, std::int64_t from_us,
                                                      std::int64_t to_us, std::size_t parts) const {
  VL_TRY(auto out, store_->rates(stream, from_us, to_us, parts));
  const auto fetched = fetched_of(stream);
  if (!fetched) return out;
  VL_TRY(const auto more, store_->rates(*fetched, from_us, to_us, parts));
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i] == 0) out[i] = more[i];
  return out;
}

Result<std::vector<Gap>> FootageView::gaps(const StreamKey& stream, std::int64_t from_us,
                                           std::int64_t to_us) const {
  VL_TRY(auto out, store_->gaps(stream, from_us, to_us));
  const auto fetched = fetched_of(stream);
  if (!fetched || out.empty()) return out;
  // A gap may begin before, and end after, the time asked for.
  for (const auto& gap : out) {
    from_us = std::min(from_us, gap.start_us);
    to_us = std::max(to_us, gap.end_us.value_or(to_us));
  }
  VL_TRY(const auto spans, store_->spans(*fetched, from_us, to_us));
  return without(out, spans);
}

}  // namespace vl::recording
