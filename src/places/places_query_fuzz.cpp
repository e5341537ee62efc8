// Whatever is typed: no form of it may read beyond its end, and what is understood is in bounds.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/text.hpp>
#include <vonglau/places/search.hpp>

#include "query_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string folded = vl::fold_vietnamese(text);
  VL_ASSERT(folded.size() <= text.size());
  VL_ASSERT(vl::fold_vietnamese(folded) == folded);
  const auto words = vl::places::place_words(text);
  for (const auto& word : words) VL_ASSERT(!word.empty());
  vl::places::junction_words(words);
  if (const auto kilometre = vl::places::parse_kilometre(text))
    VL_ASSERT(kilometre->metres >= 0 && kilometre->metres < 1e7);
  if (const auto point = vl::places::parse_coordinates(text))
    VL_ASSERT(vl::places::is_valid(*point));
  return 0;
}
