#include <boost/json/basic_parser_impl.hpp>

#include <vonglau/base/json.hpp>

#include "json_builder.hpp"

namespace vl::json {
namespace {
std::string at_byte(std::size_t at) {
  return "not JSON at byte " + std::to_string(at) + ": ";
}
}  // namespace

Result<Value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 32;
  boost::json::error_code ec;
  unsigned char scratch[2048];  // most texts need no more
  boost::json::basic_parser<Builder> parser(options, scratch, sizeof scratch);
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec) return fail(JsonError::malformed, at_byte(used) + ec.message());
  if (used != text.size()) return fail(JsonError::malformed, at_byte(used) + "text after the end");
  return parser.handler().release();
}

std::string text_of(const Value& value) {
  return boost::json::serialize(value);
}

namespace detail {
std::unexpected<Error> shape(std::string_view path, std::string_view wanted) {
  const std::string name = path.empty() ? "the value" : std::string(path);
  return fail(JsonError::wrong_shape, name + ": must be " + std::string(wanted), std::string(path));
}
}  // namespace detail

}  // namespace vl::json
