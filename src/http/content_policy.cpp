#include "content_policy.hpp"

#include <algorithm>

#include <vonglau/http/errors.hpp>

namespace vl::http {
namespace {

constexpr std::size_t kMaxOrigins = 256;

std::string policy_text(const std::vector<std::string>& origins) {
  std::string connect = "'self'";
  for (const auto& origin : origins) (connect += ' ') += origin;
  return "default-src 'self'; script-src 'self'; connect-src " + connect +
         "; worker-src 'self' blob:; img-src 'self' data: blob:; media-src 'self' blob:; "
         "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

bool is_origin(std::string_view text) {
  if (text.starts_with("wss://"))
    text.remove_prefix(6);
  else if (text.starts_with("https://"))
    text.remove_prefix(8);
  else
    return false;
  return !text.empty() && text.size() < 256 &&
         std::ranges::all_of(
             text,
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
             });
}

}  // namespace

ContentPolicy::ContentPolicy() : text_(std::make_shared<const std::string>(policy_text({}))) {}

Result<void> ContentPolicy::set_connect_origins(const std::vector<std::string>& origins) {
  if (origins.size() > kMaxOrigins)
    return fail(HttpError::bad_options, "more than 256 origins for connect-src", "connect_origins");
  for (std::size_t i = 0; i < origins.size(); ++i)
    if (!is_origin(origins[i]))
      return fail(HttpError::bad_options,
                  "\"" + origins[i] + "\" is not an origin: write wss://host:port",
                  "connect_origins[" + std::to_string(i) + "]");
  auto text = std::make_shared<const std::string>(policy_text(origins));
  const std::scoped_lock lock(mutex_);
  text_ = std::move(text);
  return {};
}

std::shared_ptr<const std::string> ContentPolicy::text() const {
  const std::scoped_lock lock(mutex_);
  return text_;
}

}  // namespace vl::http
