#include "xml.hpp"

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

}  // namespace vl::onvif
