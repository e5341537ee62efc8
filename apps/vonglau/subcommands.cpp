#include "subcommands.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace vl::app {

int complain(const Error& error, int code) {
  fmt::print(stderr, "vonglau: {}\n", error.message);
  return code;
}

}  // namespace vl::app
