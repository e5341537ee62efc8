// A cursor over JSON text (RFC 8259) that builds nothing: the caller takes what it wants and skips
// the rest, so memory never grows with the input. Private to this room; one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vl::places {

/// Every call returns false from the first fault on; `fault` and `at` then say what and where.
class JsonCursor {
 public:
  static constexpr std::size_t kKeptBytes = 256;  // of a string; the rest is checked and dropped

  JsonCursor(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  bool ok() const { return fault_.empty(); }
  const std::string& fault() const { return fault_; }
  std::size_t at() const { return at_; }
  bool fail(std::string_view what);

  /// The first character of the next value, or 0 at the end.
  char peek();
  /// Takes '[' or '{' and goes one level deeper.
  bool open(char bracket);
  /// True while the container has another item (a comma is taken where one is due); false when its
  /// closing bracket was taken, and after a fault.
  bool more(char closing, bool& first);
  bool key(std::string& name);
  bool string(std::string& out);
  bool number(double& out);
  bool skip();
  /// After the last value: only blanks may follow.
  bool finish();

 private:
  void blanks();
  bool literal(std::string_view word);
  bool escape(std::string& out);
  bool hex4(unsigned& out);
  bool plain(std::string& out);
  void keep(std::string& out, std::string_view bytes) const;

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int max_depth_;
  std::string fault_;
};

}  // namespace vl::places
