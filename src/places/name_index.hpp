// An index of names by their words: all words of a query must be found, whole or begun, and if too
// few names are, nearly. Private to this room; immutable once finished, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vl::places {

struct NameMatch {
  std::uint32_t name = 0;
  double score =
      0;  // tens: 3 the name begins with the query, 2 words of it do, 1 nearly; then rank
};

class NameIndex {
 public:
  static constexpr std::size_t kMaxWords = 60;  // of a name; further ones are not found

  /// Names are numbered as they come. `core` is the first word that does not only say what kind of
  /// thing it is ("phuong", "duong"): a query may begin there. `prior` within (-1, 1) orders names
  /// that match alike.
  void add(const std::vector<std::string>& words, std::size_t core, double prior);
  /// After the last add, before the first find.
  void finish();

  /// The best matches, best first.
  std::vector<NameMatch> find(const std::vector<std::string>& query, std::size_t limit) const;

 private:
  struct Name {
    std::uint8_t words = 0;
    std::uint8_t core = 0;
    float prior = 0;
  };
  struct Posting {
    std::uint32_t name;
    std::uint8_t position;
    std::uint8_t span;  // words that this one stands for: more than one for "bacgiang"
  };
  struct Word {
    std::string text;
    std::vector<Posting> postings;
  };
  struct Likeness {
    std::uint32_t word;
    float quality;  // 1 for the whole word
  };
  struct Progress;

  void post(std::string word, Posting posting);
  std::vector<Likeness> words_like(const std::string& query, bool nearly) const;
  void advance(Progress& progress, std::uint32_t q, const Posting& posting, float quality) const;
  std::vector<NameMatch> matches(const std::vector<std::string>& query, bool nearly) const;
  double score(const Progress& progress, const Name& name, std::size_t count, bool nearly) const;

  std::vector<Name> names_;
  std::unordered_map<std::string, std::vector<Posting>> collected_;  // until finish
  std::vector<Word> words_;                                          // sorted by text
};

/// Edits (insert, delete, change, swap neighbours) from a to b, or more than `most` where more.
int edit_distance(std::string_view a, std::string_view b, int most);

}  // namespace vl::places
