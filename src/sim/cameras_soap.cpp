#include "cameras_soap.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <vonglau/base/bytes.hpp>

namespace vl::sim::soap {
namespace {

Bytes from_base64(std::string_view text) {
  Bytes out(text.size() / 4 * 3 + 3);
  const int n = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                static_cast<int>(text.size()));
  if (n < 0) return {};
  const auto padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(n - padding));
  return out;
}

}  // namespace

std::string_view local(const xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);
}
xml_node child(const xml_node& node, std::string_view name) {
  for (const auto& one : node.children())
    if (local(one) == name) return one;
  return {};
}
xml_node anywhere(const xml_node& node, std::string_view name) {
  return node.find_node([&](const xml_node& one) { return local(one) == name; });
}

std::string safe(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string envelope(std::string_view header, std::string_view body) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>)"
      R"(<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope")"
      R"( xmlns:tds="http://www.onvif.org/ver10/device/wsdl")"
      R"( xmlns:trt="http://www.onvif.org/ver10/media/wsdl")"
      R"( xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl")"
      R"( xmlns:trc="http://www.onvif.org/ver10/recording/wsdl")"
      R"( xmlns:trp="http://www.onvif.org/ver10/replay/wsdl")"
      R"( xmlns:tev="http://www.onvif.org/ver10/events/wsdl")"
      R"( xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2")"
      R"( xmlns:tns1="http://www.onvif.org/ver10/topics")"
      R"( xmlns:wsa5="http://www.w3.org/2005/08/addressing")"
      R"( xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error")"
      R"( xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
      R"( xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery")"
      R"( xmlns:dn="http://www.onvif.org/ver10/network/wsdl">)"
      R"(<SOAP-ENV:Header>{}</SOAP-ENV:Header><SOAP-ENV:Body>{}</SOAP-ENV:Body></SOAP-ENV:Envelope>)",
      header, body);
}

std::string fault(std::string_view code, std::string_view reason) {
  return fmt::format(
      "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender"
      "</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>ter:{}</SOAP-ENV:Value>"
      "</SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text"
      " xml:lang=\"en\">{}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>",
      code, reason);
}

http::Response response(const std::string& body) {
  return http::Response::bytes(http::SharedBytes(envelope("", body)),
                               "application/soap+xml; charset=utf-8");
}

std::string token_digest(std::string_view nonce, std::string_view created,
                         std::string_view password) {
  Bytes all = from_base64(nonce);
  all.insert(all.end(), created.begin(), created.end());
  all.insert(all.end(), password.begin(), password.end());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(all.data(), all.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return reinterpret_cast<const char*>(text.data());
}

double seconds_of(std::string_view text) {
  if (text.size() < 19) return 0;
  const auto part = [&](std::size_t from, std::size_t count) {
    int value = 0;
    std::from_chars(text.data() + from, text.data() + from + count, value);
    return value;
  };
  using namespace std::chrono;
  const year_month_day day{year{part(0, 4)}, month{static_cast<unsigned>(part(5, 2))},
                           std::chrono::day{static_cast<unsigned>(part(8, 2))}};
  if (!day.ok()) return 0;
  return static_cast<double>(sys_days{day}.time_since_epoch().count()) * 86'400 +
         part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
}

double duration_s(std::string_view text) {
  double value = 10;
  if (text.starts_with("PT")) std::from_chars(text.data() + 2, text.data() + text.size(), value);
  return value;
}

}  // namespace vl::sim::soap
