#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include <fmt/core.h>

#include <vonglau/store/testing/source_tree.hpp>
#include <vonglau/store/testing/statement_lint.hpp>

namespace vl::store::testing {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view mark = "// one engine:";
constexpr std::string_view whole_file_mark = "// one engine throughout:";

class SourceReader {
 public:
  explicit SourceReader(std::string_view source) : source_(source) {}

  std::vector<SourceLiteral> all() {
    while (at_ < source_.size()) step();
    return std::move(found_);
  }

 private:
  bool sees(std::string_view text) const { return source_.substr(at_).starts_with(text); }

  void skip(std::size_t count) {
    for (; count > 0 && at_ < source_.size(); --count, ++at_) {
      if (source_[at_] == '\n') ++line_;
    }
  }
  void skip_past(std::string_view end) {
    const auto found = source_.find(end, at_);
    skip(found == std::string_view::npos ? source_.size() : found + end.size() - at_);
  }

  void step() {
    const char c = source_[at_];
    if (sees("//")) {
      if (sees(mark)) take_mark();
      skip(std::min(source_.find('\n', at_), source_.size()) - at_);
    } else if (sees("/*")) {
      skip_past("*/");
    } else if (c == '\'' && !is_digit_separator()) {
      skip_character();
    } else if (c == '"') {
      const int began = line_;
      take(began, is_raw() ? raw() : plain());
    } else {
      if (!std::isspace(static_cast<unsigned char>(c)) && c != 'R') joins_ = false;
      if (c == ';') marked_ = false;
      skip(1);
    }
  }

  /// After a literal it is for that one, else for those of the C++ statement that follows.
  void take_mark() {
    if (!found_.empty() && found_.back().line == line_) {
      found_.pop_back();
      passing_ = true;
    } else {
      marked_ = true;
    }
  }

  bool is_digit_separator() const {
    return at_ > 0 && std::isalnum(static_cast<unsigned char>(source_[at_ - 1])) != 0;
  }
  bool is_raw() const { return at_ > 0 && source_[at_ - 1] == 'R'; }

  void skip_character() {
    skip(1);
    while (at_ < source_.size() && source_[at_] != '\'') skip(source_[at_] == '\\' ? 2 : 1);
    skip(1);
    joins_ = false;
  }

  std::string plain() {
    std::string text;
    skip(1);
    while (at_ < source_.size() && source_[at_] != '"') {
      if (source_[at_] == '\\') {
        skip(1);
        const char escaped = at_ < source_.size() ? source_[at_] : ' ';
        text += escaped == 'n' || escaped == 't' ? ' ' : escaped;
      } else {
        text += source_[at_];
      }
      skip(1);
    }
    skip(1);
    return text;
  }

  std::string raw() {
    const auto open = std::min(source_.find('(', at_), source_.size());
    const std::string end = ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + "\"";
    skip(open + 1 - at_);
    const auto close = std::min(source_.find(end, at_), source_.size());
    std::string text(source_.substr(at_, close - at_));
    skip(text.size() + end.size());
    return text;
  }

  void take(int began, const std::string& text) {
    if (!joins_) {
      passing_ = marked_;
      if (!passing_) found_.push_back({"", began});
    }
    if (!passing_) found_.back().text += text;
    joins_ = true;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool joins_ = false;  // nothing but space since the last literal
  bool marked_ = false;
  bool passing_ = false;  // the literal at hand was marked
  std::vector<SourceLiteral> found_;
};

bool opens_with(std::string_view text, std::span<const std::string_view> openings) {
  const auto begin = text.find_first_not_of(" \n\t");
  if (begin == std::string_view::npos) return false;
  text.remove_prefix(begin);
  return std::ranges::any_of(openings, [&](std::string_view word) {
    return text.starts_with(word) && text.size() > word.size() &&
           (text[word.size()] == ' ' || text[word.size()] == '\n');
  });
}

/// Statements by what they say; DDL where it has a migration's words, else it is one engine's.
Result<void> lint_literal(const std::string& text, const LintRules& rules) {
  static constexpr std::array<std::string_view, 5> statements{"SELECT", "INSERT", "UPDATE",
                                                              "DELETE", "WITH"};
  static constexpr std::array<std::string_view, 2> ddl{"CREATE", "ALTER"};
  static constexpr std::array<std::string_view, 5> words{"{integer}", "{real}", "{text}", "{bytes}",
                                                         "{strict}"};
  const bool has_words =
      std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
  if (opens_with(text, statements)) return lint(text, rules);
  if (has_words && opens_with(text, ddl)) return lint(Migration{1, "", text}, rules);
  return {};
}

bool is_source(const fs::path& path) {
  const std::string name = path.filename();
  if (path.parent_path().filename() == "testing") return false;
  if (name.ends_with("_test.cpp") || name.ends_with("_fuzz.cpp")) return false;
  return name.ends_with(".cpp") || name.ends_with(".hpp");
}

}  // namespace

std::vector<SourceLiteral> literals_of(std::string_view source) {
  return SourceReader(source).all();
}

std::string statement_problems(std::string_view folder, const LintRules& rules) {
  const fs::path root = source_path(folder);
  if (!fs::exists(root)) return fmt::format("{}: no such folder\n", folder);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && is_source(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::string problems;
  for (const fs::path& path : files) {
    std::ifstream file(path);
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    if (source.starts_with(whole_file_mark)) continue;
    for (const SourceLiteral& literal : literals_of(source)) {
      const auto good = lint_literal(literal.text, rules);
      if (good) continue;
      problems += fmt::format("{}:{}: {}\n", fs::relative(path, source_path("")).string(),
                              literal.line, good.error().message);
    }
  }
  return problems;
}

}  // namespace vl::store::testing
