// What the simulated cameras read and write of SOAP: elements by their local names, answers,
// faults, and WS-Security's digest. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include <pugixml.hpp>

#include <vonglau/http/message.hpp>

namespace vl::sim::soap {

using pugi::xml_node;

std::string_view local(const xml_node& node);
/// The first with that local name, in this node or anywhere below it; none is an empty node.
xml_node child(const xml_node& node, std::string_view name);
xml_node anywhere(const xml_node& node, std::string_view name);

/// For text and attributes.
std::string safe(std::string_view text);
std::string envelope(std::string_view header, std::string_view body);
std::string fault(std::string_view code, std::string_view reason);
http::Response response(const std::string& body);

/// Base64(SHA-1(nonce + created + password)), as the profile of user name tokens says.
std::string token_digest(std::string_view nonce, std::string_view created,
                         std::string_view password);
/// "2026-11-22T09:42:17Z" in seconds since 1970, or 0.
double seconds_of(std::string_view text);

/// "PT1.5S" -> 1.5
double duration_s(std::string_view text);

}  // namespace vl::sim::soap
