#include "export_gaps.hpp"

#include <algorithm>

#include <boost/describe/enum_to_string.hpp>

#include <vonglau/recording/fragment.hpp>

namespace vl::evidence {

std::vector<ExportGap> less(const std::vector<ExportGap>& gaps,
                            const std::vector<ExportSpan>& spans) {
  std::vector<ExportGap> out;
  for (const auto& gap : gaps) {
    auto from_us = gap.start_us;
    bool is_cut = false;
    const auto leave = [&](std::int64_t until_us) {
      if (until_us - from_us > least_hole_us) out.push_back({from_us, until_us, gap.cause});
    };
    for (const auto& span : spans) {
      if (span.end_us <= from_us || span.start_us >= gap.end_us) continue;
      is_cut = true;
      leave(std::max(span.start_us, from_us));
      from_us = std::max(span.end_us, from_us);
    }
    if (is_cut)
      leave(gap.end_us);
    else
      out.push_back(gap);
  }
  return out;
}

std::vector<ExportSpan> joined(std::vector<ExportSpan> spans, const std::vector<ExportSpan>& more) {
  spans.insert(spans.end(), more.begin(), more.end());
  std::ranges::sort(spans, {}, &ExportSpan::start_us);
  std::vector<ExportSpan> out;
  for (const auto& span : spans) {
    if (!out.empty() && span.start_us <= out.back().end_us + least_hole_us)
      out.back().end_us = std::max(out.back().end_us, span.end_us);
    else
      out.push_back(span);
  }
  return out;
}

std::vector<ExportGap> all_gaps(std::vector<ExportGap> known, const std::vector<ExportSpan>& spans,
                                std::int64_t from_us, std::int64_t to_us) {
  const auto told = [&](std::int64_t start, std::int64_t end) {
    return std::ranges::any_of(known, [&](const auto& gap) {
      return gap.start_us <= start + least_hole_us && gap.end_us >= end - least_hole_us;
    });
  };
  auto at = from_us;
  std::vector<ExportGap> untold;
  const auto hole = [&](std::int64_t until) {
    if (until - at > least_hole_us && !told(at, until))
      untold.push_back(
          {at, until,
           boost::describe::enum_to_string(recording::GapCause::unexplained, "unexplained")});
  };
  for (const auto& span : spans) {
    hole(std::min(span.start_us, to_us));
    at = std::max(at, span.end_us);
  }
  hole(to_us);
  known.insert(known.end(), untold.begin(), untold.end());
  std::ranges::sort(known, {}, &ExportGap::start_us);
  return known;
}

void add_fetched(std::vector<FetchedStretch>& out, const StoredFragment& fragment,
                 std::int64_t fetched_us, const std::vector<ExportGap>& recorded) {
  std::optional<ExportGap> gap;
  for (const auto& one : recorded)
    if (!gap && one.start_us < fragment.end_us && one.end_us > fragment.start_us) gap = one;
  const bool goes_on = !out.empty() && out.back().fetched_us == fetched_us &&
                       out.back().gap == gap && fragment.start_us >= out.back().end_us &&
                       fragment.start_us <= out.back().end_us + least_hole_us;
  if (!goes_on)
    out.push_back({fragment.sequence, fragment.sequence, fragment.start_us, fragment.end_us,
                   fetched_us, std::move(gap)});
  out.back().last_sequence = fragment.sequence;
  out.back().end_us = fragment.end_us;
}

}  // namespace vl::evidence
