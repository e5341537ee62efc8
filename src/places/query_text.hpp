// The forms in which places are typed, taken apart. Private to this room; pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vl::places {

/// Words of folded text in one form: "ql 1a", "quoc lo 1a" and "ql.1a" become "ql1a"; "tl 295",
/// "duong tinh 295" and "dt.295" become "dt295"; "tt", "tp" and "tx" are written out. Names and
/// queries go through it alike.
std::vector<std::string> place_words(std::string_view text);

/// The unit's kind or the street's word for which a single letter stands ("p" for "phuong"), or ""
/// where it stands for none.
std::string_view written_out(std::string_view letter);

struct KilometreQuery {
  double metres = 0;
  std::string rest;  // the query without it, folded
};
/// "Km 123+400 ...", "km123", "K 12+5", "123+400 ..." anywhere in the text.
std::optional<KilometreQuery> parse_kilometre(std::string_view text);

/// The words of a query for a junction without "ngã tư", "giao", "x" and the like; nothing where
/// the query does not say that it is for one.
std::optional<std::vector<std::string>> junction_words(const std::vector<std::string>& words);

}  // namespace vl::places
