#include "answers.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <vonglau/recording/error.hpp>

namespace vl::s3 {

namespace {

constexpr std::size_t longest_text = 1100;  // a key has 1,024 bytes at most

/// What stands in its first child of that name, whatever its namespace's prefix.
pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const auto& one : node.children()) {
    const std::string_view full = one.name();
    if (full.substr(full.find(':') + 1) == name) return one;  // npos + 1 is 0
  }
  return {};
}
std::string text_of(const pugi::xml_node& node, std::string_view name) {
  const std::string_view text = child(node, name).text().get();
  return std::string(text.substr(0, longest_text));
}
/// For people: what came is shown in a message.
std::string printable(std::string text) {
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  text.resize(std::min<std::size_t>(text.size(), 64));
  return text;
}

std::unexpected<Error> not_a_list() {
  return fail(S3Error::bad_answer,
              "the archive answered with no list of objects: is archive.endpoint an S3 store?");
}

}  // namespace

Result<recording::ObjectPage> read_list(std::string_view text) {
  if (text.size() > most_answer_bytes) return not_a_list();
  pugi::xml_document document;
  // No entity is ever resolved but the five of XML itself: pugixml knows no others.
  if (!document.load_buffer(text.data(), text.size(), pugi::parse_minimal | pugi::parse_escapes))
    return not_a_list();
  const auto root = child(document, "ListBucketResult");
  if (!root) return not_a_list();
  recording::ObjectPage out;
  for (const auto& node : root.children()) {
    const std::string_view name = node.name();
    if (name.substr(name.find(':') + 1) != "Contents") continue;
    recording::StoredObject object{.key = text_of(node, "Key")};
    const auto size = text_of(node, "Size");
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), object.bytes);
    if (object.key.empty() || error != std::errc{} || end != size.data() + size.size() ||
        out.objects.size() == most_listed)
      return not_a_list();
    out.objects.push_back(std::move(object));
  }
  if (text_of(root, "IsTruncated") == "true") {
    out.next = text_of(root, "NextContinuationToken");
    if (out.next.empty()) return not_a_list();
  }
  return out;
}

Refusal read_refusal(std::string_view text) {
  pugi::xml_document document;
  if (text.size() > most_answer_bytes ||
      !document.load_buffer(text.data(), text.size(), pugi::parse_minimal | pugi::parse_escapes))
    return {};
  const auto root = child(document, "Error");
  return {printable(text_of(root, "Code")), printable(text_of(root, "Region"))};
}

std::unexpected<Error> refused(int status, std::string_view body, const std::string& bucket,
                               std::string_view what) {
  const auto [code, region] = read_refusal(body);
  const auto said = code.empty() ? std::to_string(status) : fmt::format("{} {}", status, code);
  if (code == "NoSuchBucket")
    return fail(S3Error::no_bucket,
                fmt::format("the archive has no bucket \"{}\": create it, or correct "
                            "archive.bucket",
                            bucket));
  if (code == "NoSuchKey" || (status == 404 && code.empty()))
    return fail(recording::RecordingError::not_found,
                fmt::format("the archive has no such object ({})", said));
  if (code == "RequestTimeTooSkewed" || code == "RequestExpired")
    return fail(S3Error::clock,
                "the archive says that this machine's clock is wrong: set both by NTP");
  if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect" ||
      code == "IllegalLocationConstraintException" || status == 301 || status == 307)
    return fail(S3Error::wrong_region,
                region.empty() ? fmt::format("the archive says that the region is wrong ({}): "
                                             "correct archive.region or archive.endpoint",
                                             said)
                               : fmt::format("the bucket is in region \"{}\": write that as "
                                             "archive.region",
                                             region));
  if (code == "SignatureDoesNotMatch" || code == "InvalidAccessKeyId" || status == 401)
    return fail(S3Error::refused,
                fmt::format("the archive does not know the key or its secret ({}): correct "
                            "archive.credentials_file",
                            said));
  if (status == 403)
    return fail(S3Error::refused,
                fmt::format("the archive does not allow {} ({}): the key needs GetObject, "
                            "PutObject, DeleteObject and ListBucket of bucket \"{}\"",
                            what, said, bucket));
  if (status == 429 || status >= 500)
    return fail(S3Error::busy, fmt::format("the archive cannot serve now ({})", said));
  return fail(S3Error::bad_answer, fmt::format("the archive answered {} to {}", said, what));
}

}  // namespace vl::s3
