// Receives what Boost's parser finds and builds the value, with every number read to the nearest
// double. Boost 1.81's own builder takes the parser's estimate, which can be a last digit off: a
// number written and read again would not be the same number, and what is hashed must be.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_stack.hpp>

namespace vl::json {

class Builder {
 public:
  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  Builder(unsigned char* scratch, std::size_t size) : stack_({}, scratch, size) { stack_.reset(); }

  boost::json::value release() { return stack_.release(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t n, error_code&) { return stack_.push_object(n), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) { return stack_.push_array(n), true; }
  bool on_key_part(string_view s, std::size_t, error_code&) { return stack_.push_chars(s), true; }
  bool on_key(string_view s, std::size_t, error_code&) { return stack_.push_key(s), true; }
  bool on_string_part(string_view s, std::size_t, error_code&) {
    return stack_.push_chars(s), true;
  }
  bool on_string(string_view s, std::size_t, error_code&) { return stack_.push_string(s), true; }
  bool on_bool(bool b, error_code&) { return stack_.push_bool(b), true; }
  bool on_null(error_code&) { return stack_.push_null(), true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  bool on_number_part(string_view s, error_code&) { return number_.append(s), true; }
  bool on_int64(std::int64_t i, string_view, error_code&) {
    number_.clear();
    return stack_.push_int64(i), true;
  }
  bool on_uint64(std::uint64_t u, string_view, error_code&) {
    number_.clear();
    return stack_.push_uint64(u), true;
  }
  bool on_double(double estimate, string_view s, error_code& ec) {
    std::string_view text = s;
    if (!number_.empty()) text = number_.append(s);
    double nearest = estimate;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), nearest);
    number_.clear();
    if (problem == std::errc::result_out_of_range) {
      if (std::abs(estimate) > 1) return ec = boost::json::error::exponent_overflow, false;
      nearest = std::copysign(0.0, estimate);  // smaller than every double but this one
    }
    return stack_.push_double(nearest), true;
  }

 private:
  boost::json::value_stack stack_;
  std::string number_;  // its parts before the one at hand
};

}  // namespace vl::json
