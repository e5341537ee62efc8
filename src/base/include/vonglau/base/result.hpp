// An expected outcome is a Result<T>; a broken invariant is an ASSERT (assert.hpp).
//
// Each module has one error enum (`enum class FooError`) and a constexpr `code_of(FooError)`
// that gives it a name and a category; the http room has the one table from category to
// status. An Error names the field at fault and the remedy where somebody can mend it.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace vl {

/// What an error means to whoever asked. The http room maps each to one status.
enum class Category {
  invalid,          // the input is wrong: 400 / 422
  unauthenticated,  // nobody is signed in: 401
  forbidden,        // somebody is, and may not: 403
  not_found,        // 404
  conflict,         // somebody else was first, or the state does not allow it: 409
  too_large,        // 413
  limited,          // too many, too fast, a queue is full: 429
  unavailable,      // a part we need is away; nothing was done: 503
  internal,         // our fault: 500
};

/// A stable, machine-readable name such as "incidents.already_claimed", with its category.
struct ErrorCode {
  Category category = Category::internal;
  std::string_view name = "internal";  // static storage
  friend bool operator==(const ErrorCode& a, const ErrorCode& b) { return a.name == b.name; }
};

struct Error {
  ErrorCode code;
  std::string message;  // English, for people: what happened, what was kept, what to do next
  std::string field;    // path of the field at fault, "" where there is none

  Error() = default;
  Error(ErrorCode c, std::string m, std::string f = {})
      : code(c), message(std::move(m)), field(std::move(f)) {}
};

template <class T>
using Result = std::expected<T, Error>;

/// For any module enum E with a code_of(E) found by argument-dependent look-up.
template <class E>
std::unexpected<Error> fail(E error, std::string message, std::string field = {}) {
  return std::unexpected<Error>(Error(code_of(error), std::move(message), std::move(field)));
}

inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace vl

// VL_TRY(auto x, expression): the value, or return the error.
#define VL_CONCAT_(a, b) a##b
#define VL_CONCAT(a, b) VL_CONCAT_(a, b)
#define VL_TRY_(declaration, expression, name)                             \
  auto name = (expression);                                                \
  if (!name) return std::unexpected<::vl::Error>(std::move(name).error()); \
  declaration = std::move(*name)
#define VL_TRY(declaration, ...) VL_TRY_(declaration, (__VA_ARGS__), VL_CONCAT(vl_try_, __LINE__))
// VL_CHECK(expression): go on, or return the error, for Result<void> and values nobody needs.
#define VL_CHECK(...)                                                    \
  do {                                                                   \
    if (auto vl_check_ = (__VA_ARGS__); !vl_check_)                      \
      return std::unexpected<::vl::Error>(std::move(vl_check_).error()); \
  } while (false)
