#include "sql_words.hpp"

#include <array>

#include <fmt/core.h>

#include <vonglau/store/session.hpp>

namespace vl::store {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

class Reader {
 public:
  explicit Reader(std::string_view sql) : rest_(sql) {}

  Result<std::vector<SqlWord>> all() {
    while (skip_space(), !rest_.empty()) {
      if (auto one = next(); !one) return fail(one.error());
    }
    return std::move(words_);
  }

 private:
  using Kind = SqlWord::Kind;

  std::unexpected<Error> refuse(std::string why) const {
    return fail(StoreError::invalid, std::move(why));
  }
  char at(std::size_t i) const { return i < rest_.size() ? rest_[i] : '\0'; }

  void skip_space() {
    while (!rest_.empty()) {
      if (is_space(rest_.front())) {
        rest_.remove_prefix(1);
      } else if (rest_.starts_with("--")) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else {
        return;
      }
    }
  }

  void take(Kind kind, std::size_t length, std::string text) {
    words_.push_back({kind, std::move(text)});
    rest_.remove_prefix(length);
  }

  template <class Predicate>
  std::size_t run(std::size_t from, Predicate good) const {
    while (from < rest_.size() && good(rest_[from])) ++from;
    return from;
  }

  Result<void> next() {
    const char c = rest_.front();
    if (is_letter(c)) return name();
    if (is_digit(c)) {
      const auto end = run(1, [](char d) { return is_digit(d) || is_letter(d) || d == '.'; });
      take(Kind::number, end, std::string(rest_.substr(0, end)));
      return {};
    }
    if (c == '\'' || c == '"') return quoted(c);
    if (c == '$') {
      const auto end = run(1, is_digit);
      if (end == 1) return refuse("parameters are $1, $2 and so on; dollar quotes are not common");
      take(Kind::parameter, end, std::string(rest_.substr(1, end - 1)));
      return {};
    }
    if (c == '{') {
      const auto close = rest_.find('}');
      if (close == std::string_view::npos) return refuse("an open {");
      take(Kind::placeholder, close + 1, std::string(rest_.substr(1, close - 1)));
      return {};
    }
    return sign();
  }

  Result<void> name() {
    const auto end = run(0, [](char d) { return is_letter(d) || is_digit(d); });
    std::string text(rest_.substr(0, end));
    for (char& d : text) d = small(d);
    if (at(end) == '\'') return refuse(text + "'...' literals differ; pass a parameter");
    take(Kind::name, end, std::move(text));
    return {};
  }

  Result<void> quoted(char mark) {
    std::size_t end = 1;
    std::string text;
    for (;; ++end) {
      if (end >= rest_.size()) return refuse("an open quotation");
      if (rest_[end] == mark && at(end + 1) == mark)
        ++end;
      else if (rest_[end] == mark)
        break;
      text += rest_[end];
    }
    take(mark == '"' ? Kind::quoted : Kind::string, end + 1, std::move(text));
    return {};
  }

  Result<void> sign() {
    static constexpr std::array<std::string_view, 10> pairs{
        "::", "<>", "<=", ">=", "!=", "||", "==", "->", "/*", "&&"};
    const std::string_view two = rest_.substr(0, 2);
    for (const auto pair : pairs) {
      if (two == pair) {
        take(Kind::sign, 2, std::string(two));
        return {};
      }
    }
    take(Kind::sign, 1, std::string(1, rest_.front()));
    return {};
  }

  std::string_view rest_;
  std::vector<SqlWord> words_;
};

}  // namespace

Result<std::vector<SqlWord>> sql_words(std::string_view sql) {
  return Reader(sql).all();
}

}  // namespace vl::store
