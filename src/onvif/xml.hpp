// XML from outside, bounded, read by local names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pugixml.hpp>

#include <vonglau/onvif/error.hpp>

namespace vl::onvif {

using Node = pugi::xml_node;

class Message {
 public:
  /// Refuses what is too long, too deep, of too many nodes, or no SOAP envelope.
  static Result<Message> parse(std::string_view text);

  Node header() const { return header_; }
  Node body() const { return body_; }

 private:
  std::unique_ptr<pugi::xml_document> document_;
  Node header_, body_;
};

/// "tds:User" -> "User"
std::string_view local_name(const Node& node);
/// The first child of that local name; an empty node where there is none.
Node child(const Node& node, std::string_view name);
/// Along "A/B/C".
Node down(const Node& node, std::string_view path);
/// Its text without blanks around it, at most 256 bytes, cut between characters.
std::string text_of(const Node& node);
std::string text_at(const Node& node, std::string_view path);
double number_of(const Node& node, const char* attribute);

/// The message, or the error that its fault means.
Result<Message> answered(std::string_view text);
/// The answer of that name in its body.
Result<Node> expect(const Message& message, std::string_view name);
/// "http://10.0.0.7:80/onvif/media?x" -> "/onvif/media?x"
std::optional<std::string> path_of(std::string_view address);

}  // namespace vl::onvif
