#include "name_index.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "query_text.hpp"

namespace vl::places {
namespace {

constexpr std::size_t kLongestFuzzyWord = 24;

bool has_digit(const std::string& word) {
  return std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

// Slips allowed in a word of that length. None where there is a digit: QL17 is not QL18.
int slips(const std::string& word) {
  if (has_digit(word) || word.size() < 4 || word.size() > kLongestFuzzyWord) return 0;
  return word.size() < 8 ? 1 : 2;
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b, int most) {
  if (a.size() > kLongestFuzzyWord + 2 || b.size() > kLongestFuzzyWord + 2) return most + 1;
  if (std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size())) > most) return most + 1;
  std::array<std::array<int, kLongestFuzzyWord + 3>, 3> rows{};
  auto* two_ago = &rows[0];
  auto* before = &rows[1];
  auto* row = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*before)[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    (*row)[0] = static_cast<int>(i);
    int least = (*row)[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      int edits = std::min(
          {(*before)[j] + 1, (*row)[j - 1] + 1, (*before)[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        edits = std::min(edits, (*two_ago)[j - 2] + 1);
      (*row)[j] = edits;
      least = std::min(least, edits);
    }
    if (least > most) return most + 1;
    std::swap(two_ago, before);
    std::swap(before, row);
  }
  return (*before)[b.size()];
}

// How far a name has matched the words of a query so far.
struct NameIndex::Progress {
  enum Run : std::uint8_t {
    whole_words = 1,
    from_core = 2,   // the query's words are the name's first from its core on, in order
    from_start = 4,  // the same, counted from its beginning
    runs = 7,
    to_end = 8,  // the last of them is the name's last
  };
  std::uint16_t words = 0;     // of the query that were found
  std::uint8_t before = runs;  // those that held up to the word before
  std::uint8_t now = 0;
  float sum = 0;   // of the qualities
  float best = 0;  // for the present word
};

void NameIndex::post(std::string word, Posting posting) {
  collected_[std::move(word)].push_back(posting);
}

void NameIndex::add(const std::vector<std::string>& words, std::size_t core, double prior) {
  const auto index = static_cast<std::uint32_t>(names_.size());
  const std::size_t count = std::min(words.size(), kMaxWords);
  std::string piece;  // a name typed in one piece: "bacgiang"
  for (std::size_t i = 0; i < count; ++i) {
    post(words[i], {index, static_cast<std::uint8_t>(i), 1});
    if (i >= core && piece.size() <= kLongestFuzzyWord) piece += words[i];
  }
  if (core + 1 < count && piece.size() <= kLongestFuzzyWord)
    post(std::move(piece),
         {index, static_cast<std::uint8_t>(core), static_cast<std::uint8_t>(count - core)});
  names_.push_back({static_cast<std::uint8_t>(count),
                    static_cast<std::uint8_t>(std::min(core, count)), static_cast<float>(prior)});
}

void NameIndex::finish() {
  words_.reserve(collected_.size());
  for (auto& [text, postings] : collected_) words_.push_back({text, std::move(postings)});
  collected_.clear();
  std::ranges::sort(words_, {}, &Word::text);
}

std::vector<NameIndex::Likeness> NameIndex::words_like(const std::string& query,
                                                       bool nearly) const {
  std::vector<Likeness> out;
  const std::string_view meant = written_out(query);
  auto at = std::ranges::lower_bound(words_, query, {}, &Word::text);
  for (; at != words_.end() && at->text.starts_with(query); ++at) {
    const auto word = static_cast<std::uint32_t>(at - words_.begin());
    const bool whole = at->text.size() == query.size() || at->text == meant;
    const double share = static_cast<double>(query.size()) / static_cast<double>(at->text.size());
    out.push_back({word, static_cast<float>(whole ? 1 : 0.5 + 0.4 * share)});
  }
  const int most = slips(query);
  if (!nearly || most == 0) return out;
  for (std::uint32_t word = 0; word < words_.size(); ++word) {
    const std::string& text = words_[word].text;
    if (text.starts_with(query) || has_digit(text)) continue;
    const int edits = edit_distance(query, text, most);
    if (edits <= most) out.push_back({word, edits == 1 ? 0.4F : 0.25F});
  }
  return out;
}

void NameIndex::advance(Progress& progress, std::uint32_t q, const Posting& posting,
                        float quality) const {
  if (progress.words == q) {
    if (q > 0) progress.before = progress.now;
    progress.now = 0;
    progress.best = 0;
    ++progress.words;
  } else if (progress.words != q + 1) {
    return;  // an earlier word of the query is not in this name
  }
  const Name& name = names_[posting.name];
  int run = 0;
  if (posting.position == q) run |= progress.before & Progress::from_start;
  if (posting.position == q + name.core) run |= progress.before & Progress::from_core;
  if (quality == 1) run |= progress.before & Progress::whole_words;
  if (posting.position + posting.span == name.words) run |= Progress::to_end;
  // Of several words that fit, the one that continues the run counts, else the better.
  if (std::pair(run & Progress::runs, run) >
      std::pair(progress.now & Progress::runs, int{progress.now}))
    progress.now = static_cast<std::uint8_t>(run);
  if (quality > progress.best) {
    progress.sum += quality - progress.best;
    progress.best = quality;
  }
}

double NameIndex::score(const Progress& progress, const Name& name, std::size_t count,
                        bool nearly) const {
  const double quality = progress.sum / static_cast<double>(count);
  const double rank = quality + 0.5 / (1.0 + name.words) + name.prior;
  if (nearly) return 10 + rank;
  if ((progress.now & (Progress::from_start | Progress::from_core)) == 0) return 20 + rank;
  if ((progress.now & Progress::whole_words) == 0) return 30 + rank;
  return ((progress.now & Progress::to_end) != 0 ? 34 : 32) + rank;
}

std::vector<NameMatch> NameIndex::matches(const std::vector<std::string>& query,
                                          bool nearly) const {
  std::vector<Progress> progress(names_.size());
  for (std::uint32_t q = 0; q < query.size(); ++q) {
    const auto like = words_like(query[q], nearly);
    if (like.empty()) return {};
    for (const auto& [word, quality] : like)
      for (const Posting& posting : words_[word].postings)
        advance(progress[posting.name], q, posting, quality);
  }
  std::vector<NameMatch> out;
  for (std::uint32_t n = 0; n < names_.size(); ++n)
    if (progress[n].words == query.size())
      out.push_back({n, score(progress[n], names_[n], query.size(), nearly)});
  return out;
}

std::vector<NameMatch> NameIndex::find(const std::vector<std::string>& query,
                                       std::size_t limit) const {
  if (query.empty() || query.size() > kMaxWords || limit == 0) return {};
  auto found = matches(query, false);
  if (found.size() < limit) {
    // Slips are looked for only where spelling finds too little; what was spelt right stays first.
    std::vector<bool> known(names_.size());
    for (const NameMatch& match : found) known[match.name] = true;
    for (const NameMatch& match : matches(query, true))
      if (!known[match.name]) found.push_back(match);
  }
  const auto better = [](const NameMatch& a, const NameMatch& b) {
    return a.score != b.score ? a.score > b.score : a.name < b.name;
  };
  const std::size_t kept = std::min(limit, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                    better);
  found.resize(kept);
  return found;
}

}  // namespace vl::places
