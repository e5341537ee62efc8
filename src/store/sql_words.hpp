// SQL as a row of words, for lint.cpp: no grammar.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/result.hpp>

namespace vl::store {

struct SqlWord {
  enum class Kind {
    name,    // keyword or identifier, in small letters
    quoted,  // "identifier", as written without its quotes
    string,  // 'text'
    number,
    parameter,    // $1: text is "1"
    placeholder,  // {word}: text is "word"
    sign,         // one or two characters: ( ) , ; = <> <= >= || :: ...
  };
  Kind kind = Kind::sign;
  std::string text;
  bool is(std::string_view t) const {
    return text == t && (kind == Kind::name || kind == Kind::sign);
  }
};

/// `invalid` for an open string or comment and for characters that no statement of ours has.
Result<std::vector<SqlWord>> sql_words(std::string_view sql);

}  // namespace vl::store
