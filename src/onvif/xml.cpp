#include "xml.hpp"

#include <algorithm>
#include <cmath>

#include <vonglau/onvif/messages.hpp>

namespace vl::onvif {
namespace {

constexpr int kDeepest = 48;
constexpr std::size_t kMostNodes = 50'000;
constexpr std::size_t kLongestText = 256;

// Walks without recursion: what came is not trusted with our stack.
bool bounded(const pugi::xml_document& document) {
  std::size_t nodes = 0;
  int depth = 0;
  for (Node at = document.first_child(); at;) {
    if (++nodes > kMostNodes) return false;
    if (at.first_child()) {
      if (++depth > kDeepest) return false;
      at = at.first_child();
      continue;
    }
    while (at && !at.next_sibling()) {
      at = at.parent();
      --depth;
      if (at.type() == pugi::node_document) return true;
    }
    if (at) at = at.next_sibling();
  }
  return true;
}

}  // namespace

std::string_view local_name(const Node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

Node child(const Node& node, std::string_view name) {
  for (const Node& one : node.children())
    if (one.type() == pugi::node_element && local_name(one) == name) return one;
  return {};
}

Node down(const Node& node, std::string_view path) {
  Node at = node;
  while (at && !path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    at = child(at, path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return at;
}

std::string text_of(const Node& node) {
  std::string_view text = node.text().get();
  const auto blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(blank) - first + 1);
  if (text.size() > kLongestText) {
    text = text.substr(0, kLongestText);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
      text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
  }
  return std::string(text);
}

std::string text_at(const Node& node, std::string_view path) {
  return text_of(down(node, path));
}

double number_of(const Node& node, const char* attribute) {
  const double value = node.attribute(attribute).as_double();
  return std::isfinite(value) ? value : 0;
}

Result<Message> Message::parse(std::string_view text) {
  if (text.size() > kMessageBytes)
    return fail(OnvifError::bad_answer, "the camera's answer has more than 1 MiB");
  Message message;
  message.document_ = std::make_unique<pugi::xml_document>();
  // Neither document types nor their entities are read.
  const auto read = message.document_->load_buffer(text.data(), text.size(), pugi::parse_default,
                                                   pugi::encoding_utf8);
  if (!read) return fail(OnvifError::bad_answer, "the camera's answer is no XML");
  if (!bounded(*message.document_))
    return fail(OnvifError::bad_answer, "the camera's answer is too deep or has too many parts");
  const Node envelope = child(*message.document_, "Envelope");
  message.header_ = child(envelope, "Header");
  message.body_ = child(envelope, "Body");
  if (!message.body_) return fail(OnvifError::bad_answer, "the camera's answer is no SOAP message");
  return message;
}

namespace {

/// What a SOAP fault says, as far as it tells us what to do.
std::unexpected<Error> fault_of(const Node& fault) {
  // SOAP 1.2 has Code/Subcode/Value and Reason/Text, 1.1 faultcode and faultstring.
  std::string codes = text_at(fault, "Code/Value") + " ";
  Node sub = down(fault, "Code/Subcode");
  for (int i = 0; i < 4 && sub; ++i, sub = child(sub, "Subcode"))
    codes += text_at(sub, "Value") + " ";
  codes += text_at(fault, "faultcode");
  std::string reason = text_at(fault, "Reason/Text");
  if (reason.empty()) reason = text_at(fault, "faultstring");
  const auto says = [&](std::string_view word) { return codes.find(word) != std::string::npos; };
  if (says("NotAuthorized") || says("FailedAuthentication") || says("InvalidSecurity"))
    return fail(OnvifError::wrong_password,
                "the camera refuses the login or the password: check both", "password");
  // gSOAP, on which many cameras are built, has no code for it.
  const bool unknown =
      reason.starts_with("Method '") && reason.find("' not implemented") != std::string::npos;
  if (unknown || says("ActionNotSupported") || says("NotImplemented") || says("UnknownAction"))
    return fail(OnvifError::not_supported, "the camera does not offer this: " + reason);
  return fail(OnvifError::refused, "the camera refuses: " + (reason.empty() ? codes : reason));
}

}  // namespace

Result<Message> answered(std::string_view text) {
  VL_TRY(auto message, Message::parse(text));
  if (const Node fault = child(message.body(), "Fault")) return fault_of(fault);
  return message;
}

Result<Node> expect(const Message& message, std::string_view name) {
  const Node node = child(message.body(), name);
  if (!node) return fail(OnvifError::bad_answer, "the camera's answer is not " + std::string(name));
  return node;
}

/// "http://10.0.0.7:80/onvif/media?x" -> "/onvif/media?x"
std::optional<std::string> path_of(std::string_view address) {
  const auto scheme = address.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const auto slash = address.find('/', scheme + 3);
  if (slash == std::string_view::npos) return "/";
  const auto path = address.substr(slash);
  const bool plain =
      std::ranges::all_of(path, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!plain) return std::nullopt;
  return std::string(path);
}

}  // namespace vl::onvif
