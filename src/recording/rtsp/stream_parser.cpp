#include <algorithm>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

#include "lexical.hpp"

namespace vl::rtsp {

namespace {

constexpr std::size_t frame_head_bytes = 4;

/// End of the head (past its empty line), or npos. CRLF by the standard, LF alone tolerated.
std::size_t end_of_head(std::string_view text, std::size_t from) {
  for (auto at = text.find('\n', from); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    const auto rest = text.substr(at + 1);
    if (rest.starts_with("\n")) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

std::string_view next_line(std::string_view& text) {
  auto line = cut(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 127 &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

Result<Headers> parse_headers(std::string_view text, std::size_t most) {
  Headers headers;
  while (!text.empty()) {
    const auto line = next_line(text);
    if (line.empty()) break;
    if (is_blank(line.front())) {  // a folded line goes on with the value before it
      if (headers.list().empty())
        return fail(RtspError::malformed, "the first header begins with a blank");
      headers.list().back().value += ' ';
      headers.list().back().value += trim(line);
      continue;
    }
    const auto colon = line.find(':');
    const auto name = trim(line.substr(0, colon));
    if (colon == std::string_view::npos || !is_token(name))
      return fail(RtspError::malformed, "not a header line: " + quoted(line));
    if (headers.list().size() == most)
      return fail(RtspError::too_large, fmt::format("more than {} headers", most));
    headers.add(std::string(name), std::string(trim(line.substr(colon + 1))));
  }
  return headers;
}

Result<std::size_t> body_length(const Headers& headers, std::size_t most) {
  std::optional<std::size_t> length;
  for (const auto value : headers.all("Content-Length")) {
    const auto number = number_of<std::size_t>(value);
    if (!number || (length && *length != *number))
      return fail(RtspError::malformed, "Content-Length is not one number: " + quoted(value),
                  "Content-Length");
    length = number;
  }
  if (length.value_or(0) > most)
    return fail(RtspError::too_large,
                fmt::format("Content-Length {} is above the limit of {}", *length, most),
                "Content-Length");
  return length.value_or(0);
}

Result<Item> parse_start_line(std::string_view line) {
  const auto whole = line;
  const auto first = cut(line, ' ');
  if (starts_with_word(first, "RTSP/")) {
    if (first != "RTSP/1.0")
      return fail(RtspError::unsupported, "RTSP version " + quoted(first) + ", we speak RTSP/1.0");
    const auto code = cut(line, ' ');
    const auto status = number_of<int>(code);
    if (!status || code.size() != 3 || *status < 100 || *status > 599)
      return fail(RtspError::malformed, "status must be 100 to 599, got " + quoted(code));
    Response response;
    response.status = *status;
    response.reason = std::string(line);
    return response;
  }
  Request request;
  request.method = std::string(first);
  request.uri = std::string(cut(line, ' '));
  if (!is_token(first) || request.uri.empty() || !starts_with_word(line, "RTSP/"))
    return fail(RtspError::malformed, "neither a request nor a response: " + quoted(whole));
  if (trim(line) != "RTSP/1.0")
    return fail(RtspError::unsupported, "RTSP version " + quoted(line) + ", we speak RTSP/1.0");
  return request;
}

}  // namespace

void StreamParser::feed(ByteView chunk) {
  VL_ASSERT(chunk_.empty());
  chunk_ = chunk;
}

Result<std::optional<Item>> StreamParser::next() {
  if (broken_) return fail(*broken_);
  if (tail_shown_) {
    tail_.clear();
    tail_shown_ = false;
  }
  while (tail_.empty()) {
    while (!chunk_.empty() && (chunk_[0] == '\r' || chunk_[0] == '\n')) {
      // Some cameras send an empty line as a sign of life between messages.
      chunk_ = chunk_.subspan(1);
      ++position_;
    }
    if (chunk_.empty()) return std::nullopt;
    auto result = step(chunk_);
    if (!result) return stop(std::move(result).error());
    if (result->consumed == 0) {
      tail_.assign(chunk_.begin(), chunk_.end());
      chunk_ = {};
      return std::nullopt;
    }
    chunk_ = chunk_.subspan(result->consumed);
    position_ += result->consumed;
    scanned_ = 0;
    if (result->item) return std::move(result->item);
  }
  return from_tail();
}

/// An item that began in an earlier chunk: take from this chunk what it still needs.
Result<std::optional<Item>> StreamParser::from_tail() {
  while (!chunk_.empty()) {
    const auto had = tail_.size();
    std::size_t want = 0;
    if (tail_[0] == '$') {
      const auto length =
          had < frame_head_bytes
              ? frame_head_bytes
              : frame_head_bytes + (std::size_t{tail_[2]} << 8 | std::size_t{tail_[3]});
      want = length - had;
    } else {
      want = std::min<std::size_t>(chunk_.size(), 4096);
    }
    const auto taken = std::min(want, chunk_.size());
    tail_.insert(tail_.end(), chunk_.begin(), chunk_.begin() + static_cast<std::ptrdiff_t>(taken));
    chunk_ = chunk_.subspan(taken);
    auto result = step(tail_);
    if (!result) return stop(std::move(result).error());
    if (result->consumed == 0) continue;
    // What was taken beyond the item's end came from this chunk, so it goes back to it.
    const auto beyond = tail_.size() - result->consumed;
    VL_ASSERT(beyond <= taken);
    chunk_ = ByteView(chunk_.data() - beyond, chunk_.size() + beyond);
    position_ += result->consumed;
    scanned_ = 0;
    tail_shown_ = true;
    return std::move(result->item);
  }
  return std::nullopt;
}

Result<std::optional<Item>> StreamParser::stop(Error error) {
  error.message = fmt::format("at byte {} of the stream: {}", position_, error.message);
  broken_ = error;
  chunk_ = {};
  return fail(std::move(error));
}

Result<StreamParser::Step> StreamParser::step(ByteView bytes) {
  if (bytes[0] != '$') return step_message(bytes);
  if (bytes.size() < frame_head_bytes) return Step{};
  const std::size_t length = std::size_t{bytes[2]} << 8 | bytes[3];
  if (bytes.size() < frame_head_bytes + length) return Step{};
  return Step{frame_head_bytes + length,
              Item(Frame{bytes[1], bytes.subspan(frame_head_bytes, length)})};
}

Result<StreamParser::Step> StreamParser::step_message(ByteView bytes) {
  const auto text = as_text(bytes);
  const auto head_end =
      end_of_head(text.substr(0, limits_.head_bytes), scanned_ > 3 ? scanned_ - 3 : 0);
  if (head_end == std::string_view::npos) {
    // Binary rubbish seldom has an empty line in it: say so now, not 16 KiB later.
    const auto rubbish = std::ranges::find_if(
        text.substr(0, 16), [](char c) { return static_cast<unsigned char>(c) >= 127 || c == 0; });
    if (rubbish != text.substr(0, 16).end())
      return fail(RtspError::malformed,
                  "neither a \"$\" frame nor a message begins here: " + quoted(text, 16));
    if (text.size() >= limits_.head_bytes)
      return fail(RtspError::too_large,
                  fmt::format("start line and headers exceed {} bytes", limits_.head_bytes));
    scanned_ = text.size();
    return Step{};
  }
  auto head = text.substr(0, head_end);
  VL_TRY(auto item, parse_start_line(next_line(head)));
  VL_TRY(auto headers, parse_headers(head, limits_.headers));
  VL_TRY(const auto length, body_length(headers, limits_.body_bytes));
  if (text.size() < head_end + length) return Step{};
  const auto body = text.substr(head_end, length);
  std::visit(
      [&](auto& message) {
        if constexpr (requires { message.headers; }) {
          message.headers = std::move(headers);
          message.body = std::string(body);
        }
      },
      item);
  return Step{head_end + length, std::move(item)};
}

std::array<std::uint8_t, 4> frame_header(std::uint8_t channel, std::uint16_t payload_bytes) {
  return {'$', channel, static_cast<std::uint8_t>(payload_bytes >> 8),
          static_cast<std::uint8_t>(payload_bytes)};
}

}  // namespace vl::rtsp
