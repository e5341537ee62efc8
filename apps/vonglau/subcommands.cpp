#include "subcommands.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace vl::app {

int complain(const Error& error, int code) {
  fmt::print(stderr, "vonglau: {}\n", error.message);
  return code;
}

}  // namespace vl::app
