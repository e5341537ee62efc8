#include "gzip.hpp"

#include <algorithm>

#include <zlib.h>

#include <vonglau/base/assert.hpp>

namespace vl::http {

std::string gzip(std::string_view text, int level) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  VL_ASSERT(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  VL_ASSERT(text.size() < 0xffffffffU && out.size() < 0xffffffffU);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  VL_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool is_compressible(std::string_view type) {
  type = type.substr(0, type.find(';'));
  if (type.starts_with("text/")) return true;
  if (type.ends_with("+json") || type.ends_with("+xml")) return true;
  constexpr std::string_view kTypes[] = {"application/json", "application/javascript",
                                         "application/xml", "application/wasm",
                                         "application/openmetrics-text"};
  return std::ranges::find(kTypes, type) != std::end(kTypes);
}

}  // namespace vl::http
