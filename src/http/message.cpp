#include <algorithm>
#include <array>

#include <vonglau/http/message.hpp>

namespace vl::http {
namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> value_of(const NameValues& items, std::string_view name) {
  for (const auto& [key, value] : items)
    if (key == name) return value;
  return std::nullopt;
}

}  // namespace

std::string_view text_of(Method method) {
  return kMethods[static_cast<std::size_t>(method)];
}

std::optional<Method> method_of(std::string_view text) {
  const auto* at = std::ranges::find(kMethods, text);
  if (at == kMethods.end()) return std::nullopt;
  return static_cast<Method>(at - kMethods.begin());
}

std::string_view Fields::get(std::string_view name) const {
  for (const auto& [key, value] : items_)
    if (same_name(key, name)) return value;
  return {};
}

bool Fields::has(std::string_view name) const {
  return std::ranges::any_of(items_, [&](const auto& item) { return same_name(item.first, name); });
}

void Fields::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void Fields::add(std::string name, std::string value) {
  items_.emplace_back(std::move(name), std::move(value));
}

void Fields::remove(std::string_view name) {
  std::erase_if(items_, [&](const auto& item) { return same_name(item.first, name); });
}

SharedBytes::SharedBytes(std::string text)
    : SharedBytes(std::make_shared<const std::string>(std::move(text))) {}
SharedBytes::SharedBytes(const char* text) : SharedBytes(std::string(text)) {}
SharedBytes::SharedBytes(Bytes bytes)
    : SharedBytes(std::make_shared<const Bytes>(std::move(bytes))) {}
SharedBytes::SharedBytes(std::shared_ptr<const std::string> text) {
  if (text) view_ = as_bytes(*text);
  owner_ = std::move(text);
}
SharedBytes::SharedBytes(std::shared_ptr<const Bytes> bytes) {
  if (bytes) view_ = *bytes;
  owner_ = std::move(bytes);
}

std::string_view Request::parameter(std::string_view name) const {
  return value_of(parameters, name).value_or("");
}
std::optional<std::string_view> Request::query_value(std::string_view name) const {
  return value_of(query, name);
}
std::optional<std::string_view> Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_name(key, "cookie"))
      if (const auto found = find_cookie(value, name)) return found;
  return std::nullopt;
}

Response Response::json(std::string body, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}
Response Response::text(std::string body, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}
Response Response::bytes(SharedBytes bytes, std::string content_type) {
  Response response;
  response.headers.add("Content-Type", std::move(content_type));
  response.shared = std::move(bytes);
  return response;
}
Response Response::no_content() {
  Response response;
  response.status = 204;
  return response;
}
Response Response::revalidated() && {
  headers.set("Cache-Control", "private, no-cache");
  return std::move(*this);
}
Response Response::with(std::string name, std::string value) && {
  headers.set(std::move(name), std::move(value));
  return std::move(*this);
}

}  // namespace vl::http
