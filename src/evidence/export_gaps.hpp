// What is missing in an export, and where what was fetched afterwards lies. Private; pure.
#pragma once

#include <cstdint>
#include <vector>

#include <vonglau/evidence/manifest.hpp>

namespace vl::evidence {

/// What is left of gaps when `spans` are taken out of them; less than `least_hole_us` is not left.
std::vector<ExportGap> less(const std::vector<ExportGap>& gaps,
                            const std::vector<ExportSpan>& spans);

/// Both in order of time, joined where no more than `least_hole_us` is between them.
std::vector<ExportSpan> joined(std::vector<ExportSpan> spans, const std::vector<ExportSpan>& more);

/// Gaps of [from_us, to_us) between `spans`: those that are known and those that nobody told of.
std::vector<ExportGap> all_gaps(std::vector<ExportGap> known, const std::vector<ExportSpan>& spans,
                                std::int64_t from_us, std::int64_t to_us);

/// Adds a fragment of a fetched stream, fetched in that second, to what was fetched with it.
void add_fetched(std::vector<FetchedStretch>& out, const StoredFragment& fragment,
                 std::int64_t fetched_us, const std::vector<ExportGap>& recorded);

}  // namespace vl::evidence
