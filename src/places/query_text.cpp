#include "query_text.hpp"

#include <algorithm>
#include <charconv>

#include <vonglau/base/text.hpp>

namespace vl::places {
namespace {

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool starts_with_digit(const std::string& word) {
  return !word.empty() && is_decimal(word[0]);
}

// "ql", "dt" and the like followed by a digit in the same word, in one spelling.
void unify_prefix(std::string& word) {
  if (word.size() > 2 && word.starts_with("tl") && is_decimal(word[2])) word.replace(0, 2, "dt");
}

// The sign of a class of roads at words[at], and how many words it takes; "" where there is none.
std::pair<std::string_view, std::size_t> road_sign(const std::vector<std::string>& words,
                                                   std::size_t at) {
  const auto pair_is = [&](std::string_view a, std::string_view b) {
    return at + 1 < words.size() && words[at] == a && words[at + 1] == b;
  };
  if (words[at] == "ql") return {"ql", 1};
  if (words[at] == "tl" || words[at] == "dt") return {"dt", 1};
  if (pair_is("quoc", "lo")) return {"ql", 2};
  if (pair_is("tinh", "lo") || pair_is("duong", "tinh")) return {"dt", 2};
  return {"", 0};
}

struct Abbreviation {
  std::string_view word, first, second;
};
constexpr Abbreviation kAbbreviations[] = {
    {"tt", "thi", "tran"}, {"tp", "thanh", "pho"}, {"tx", "thi", "xa"}, {"dg", "duong", ""}};

// Digits from `at`; moves it behind them.
std::optional<int> number(std::string_view text, std::size_t& at, std::size_t max_digits) {
  const std::size_t start = at;
  while (at < text.size() && is_decimal(text[at])) ++at;
  if (at == start || at - start > max_digits) return std::nullopt;
  int value = 0;
  std::from_chars(text.data() + start, text.data() + at, value);
  return value;
}

void skip(std::string_view text, std::size_t& at, std::string_view what) {
  while (at < text.size() && what.find(text[at]) != std::string_view::npos) ++at;
}

// The number at `at`: "123+400", "123.4" or "123"; plain numbers only behind a "km".
std::optional<double> kilometres(std::string_view text, std::size_t& at, bool marked) {
  const auto whole = number(text, at, 4);
  if (!whole) return std::nullopt;
  std::size_t next = at;
  skip(text, next, " ");
  if (next < text.size() && text[next] == '+') {
    ++next;
    skip(text, next, " ");
    if (const auto metres = number(text, next, 3)) {
      at = next;
      return *whole * 1000.0 + *metres;
    }
    return std::nullopt;
  }
  if (!marked) return std::nullopt;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_decimal(text[at + 1])) {
    next = at + 1;
    const std::size_t start = next;
    const auto part = number(text, next, 3);
    if (!part) return std::nullopt;
    at = next;
    double share = *part;
    for (std::size_t i = start; i < next; ++i) share /= 10;
    return (*whole + share) * 1000;
  }
  return *whole * 1000.0;
}

}  // namespace

std::vector<std::string> place_words(std::string_view text) {
  const std::string folded = fold_vietnamese(text);
  std::vector<std::string> words;
  for (const std::string_view word : words_of(folded)) words.emplace_back(word);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    unify_prefix(words[i]);
    const auto [sign, taken] = road_sign(words, i);
    if (!sign.empty() && i + taken < words.size() && starts_with_digit(words[i + taken])) {
      out.push_back(std::string(sign) + words[i + taken]);
      i += taken;
      continue;
    }
    const auto* abbreviation = std::ranges::find(kAbbreviations, words[i], &Abbreviation::word);
    if (abbreviation != std::end(kAbbreviations)) {
      out.emplace_back(abbreviation->first);
      if (!abbreviation->second.empty()) out.emplace_back(abbreviation->second);
      continue;
    }
    out.push_back(std::move(words[i]));
  }
  return out;
}

std::string_view written_out(std::string_view letter) {
  if (letter == "p") return "phuong";
  if (letter == "x") return "xa";
  if (letter == "h") return "huyen";
  if (letter == "d") return "duong";
  return "";
}

std::optional<KilometreQuery> parse_kilometre(std::string_view text) {
  const std::string folded = fold_vietnamese(text);
  const std::string_view view = folded;
  for (std::size_t i = 0; i < view.size(); ++i) {
    const bool word_start = i == 0 || (!is_letter(view[i - 1]) && !is_decimal(view[i - 1]));
    if (!word_start) continue;
    std::size_t at = i;
    bool marked = false;
    if (view.substr(i).starts_with("km") || view[i] == 'k') {
      at += view.substr(i).starts_with("km") ? 2 : 1;
      skip(view, at, " .:");
      marked = true;
    }
    const auto found = kilometres(view, at, marked);
    const bool word_end = at == view.size() || !is_letter(view[at]);
    if (!found || !word_end) continue;
    return KilometreQuery{*found,
                          std::string(view.substr(0, i)) + " " + std::string(view.substr(at))};
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> junction_words(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  bool said = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string_view next = i + 1 < words.size() ? std::string_view(words[i + 1]) : "";
    if (word == "nga" && (next == "ba" || next == "tu" || next == "nam" || next == "sau")) {
      said = true;
      ++i;
    } else if (word == "nut" && next == "giao") {
      said = true;
      ++i;
    } else if (word == "giao" || word == "cat" || word == "gap") {
      said = true;
    } else if ((word == "x" || word == "voi" || word == "va") && i > 0 && !next.empty()) {
      said = true;
    } else {
      out.push_back(word);
    }
  }
  if (!said || out.empty()) return std::nullopt;
  return out;
}

}  // namespace vl::places
