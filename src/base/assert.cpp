#include <cstdio>
#include <cstdlib>

#include <vonglau/base/assert.hpp>

namespace vl {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr,
               "{\"level\":\"fatal\",\"event\":\"assertion\",\"what\":\"%s\",\"at\":\"%s:%d\"}\n",
               expression, file, line);
  std::abort();
}

}  // namespace vl
