#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <vonglau/http/range.hpp>

namespace vl::http {

namespace {

constexpr std::string_view unit = "bytes=";
constexpr std::string_view content_unit = "bytes ";

/// Digits alone; what has no place in 64 bits is more than anything has.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || at != end) return std::nullopt;
  return error == std::errc::result_out_of_range ? UINT64_MAX : value;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<ByteRange> range_of(std::string_view field, std::uint64_t size) {
  field = trimmed(field);
  if (!field.starts_with(unit)) return std::nullopt;
  const auto spec = trimmed(field.substr(unit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos)
    return std::nullopt;
  const auto last = number_of(spec.substr(dash + 1));
  if (dash == 0) {  // the last so many
    if (!last) return std::nullopt;
    const auto bytes = std::min(*last, size);
    return ByteRange{size - bytes, bytes};
  }
  const auto first = number_of(spec.substr(0, dash));
  const bool open = dash + 1 == spec.size();
  if (!first || (!open && (!last || *last < *first))) return std::nullopt;
  if (*first >= size) return ByteRange{size, 0};
  const auto end = open ? size - 1 : std::min(*last, size - 1);
  return ByteRange{*first, end - *first + 1};
}

Response ranged(Response whole, const Request& request, std::string etag) {
  whole.headers.set("Accept-Ranges", "bytes");
  const auto if_range = request.header("If-Range");
  const bool same = if_range.empty() || if_range == etag;
  whole.headers.set("ETag", std::move(etag));
  const auto size = whole.shared.size();
  if (whole.status != 200 || request.method != Method::get || !same) return whole;
  const auto range = range_of(request.header("Range"), size);
  if (!range) return whole;
  if (range->bytes == 0) {
    Response none = Response::text("", 416);
    none.headers.set("Accept-Ranges", "bytes");
    none.headers.set("Content-Range", fmt::format("bytes */{}", size));
    return none;
  }
  whole.status = 206;
  whole.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", range->first,
                                                 range->first + range->bytes - 1, size));
  whole.shared = whole.shared.part(range->first, range->bytes);
  return whole;
}

std::uint64_t first_of(const Response& response) {
  const auto field = response.headers.get("Content-Range");
  if (response.status != 206 || !field.starts_with(content_unit)) return 0;
  const auto rest = field.substr(content_unit.size());
  return number_of(rest.substr(0, rest.find('-'))).value_or(0);
}

}  // namespace vl::http
