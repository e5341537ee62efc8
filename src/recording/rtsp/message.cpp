#include <algorithm>

#include <fmt/format.h>

#include <vonglau/rtsp/message.hpp>

#include "lexical.hpp"

namespace vl::rtsp {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& header : list_)
    if (same_word(header.name, name)) return header.value;
  return std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& header : list_)
    if (same_word(header.name, name)) out.push_back(header.value);
  return out;
}

void Headers::add(std::string name, std::string value) {
  list_.push_back({std::move(name), std::move(value)});
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(list_, [&](const Header& header) { return same_word(header.name, name); });
  add(std::string(name), std::move(value));
}

namespace {

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
}

void append_rest(std::string& out, const Headers& headers, std::string_view body) {
  for (const auto& header : headers.list()) {
    if (same_word(header.name, "Content-Length")) continue;
    append_clean(out, header.name);
    out += ": ";
    append_clean(out, header.value);
    out += "\r\n";
  }
  if (!body.empty()) out += fmt::format("Content-Length: {}\r\n", body.size());
  out += "\r\n";
  out += body;
}

}  // namespace

std::string serialise(const Request& request) {
  std::string out;
  append_clean(out, request.method);
  out += ' ';
  append_clean(out, request.uri);
  out += " RTSP/1.0\r\n";
  append_rest(out, request.headers, request.body);
  return out;
}

std::string serialise(const Response& response) {
  std::string out = fmt::format("RTSP/1.0 {} ", response.status);
  append_clean(out, response.reason.empty() ? reason_of(response.status)
                                            : std::string_view(response.reason));
  out += "\r\n";
  append_rest(out, response.headers, response.body);
  return out;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Moved Temporarily";
    case 305:
      return "Use Proxy";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Time-out";
    case 413:
      return "Request Entity Too Large";
    case 414:
      return "Request-URI Too Large";
    case 453:
      return "Not Enough Bandwidth";
    case 454:
      return "Session Not Found";
    case 455:
      return "Method Not Valid in This State";
    case 457:
      return "Invalid Range";
    case 459:
      return "Aggregate Operation Not Allowed";
    case 461:
      return "Unsupported Transport";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "RTSP Version Not Supported";
    case 551:
      return "Option Not Supported";
    default:
      return status < 300 ? "OK" : "Error";
  }
}

std::optional<std::uint32_t> cseq_of(const Headers& headers) {
  const auto value = headers.find("CSeq");
  return value ? number_of<std::uint32_t>(trim(*value)) : std::nullopt;
}

Result<SessionHeader> parse_session(std::string_view value) {
  SessionHeader out;
  out.id = std::string(trim(cut(value, ';')));
  if (out.id.empty() || out.id.size() > 512)
    return fail(RtspError::malformed, "Session: the id must have 1 to 512 characters", "Session");
  while (!value.empty()) {
    auto parameter = trim(cut(value, ';'));
    const auto name = trim(cut(parameter, '='));
    if (!same_word(name, "timeout")) continue;
    const auto seconds = number_of<std::int64_t>(trim(parameter));
    if (!seconds || *seconds < 1)
      return fail(RtspError::malformed,
                  "Session: timeout must be a whole number of seconds, got " + quoted(parameter),
                  "Session");
    out.timeout_s = std::min<std::int64_t>(*seconds, 24 * 3600);
  }
  return out;
}

}  // namespace vl::rtsp
