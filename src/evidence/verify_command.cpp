#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include <vonglau/evidence/verify.hpp>
#include <vonglau/evidence/verify_command.hpp>

namespace vl::evidence {

namespace {

std::optional<Bytes> key_of(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  auto bytes = text.size() == 64 ? from_hex(text) : from_base64url(text);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return bytes;
}

std::optional<Bytes> key_or_file(const std::string& given) {
  if (auto key = key_of(given)) return key;
  std::ifstream in(given);
  std::string text(200, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return key_of(text);
}

Language language_of(const VerifyCommand& command) {
  if (command.language == "en") return Language::english;
  if (command.language == "vi") return Language::vietnamese;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0')  // NOLINT
      return std::string_view(value).starts_with("en") ? Language::english : Language::vietnamese;
  return Language::vietnamese;
}

}  // namespace

int verify_command(const VerifyCommand& command, std::FILE* out, std::FILE* err) {
  VerifyOptions options;
  options.authorities = command.authorities;
  if (!command.key.empty()) {
    options.key = key_or_file(command.key);
    if (!options.key) {
      fmt::print(err, "--key: a public key has 64 hex digits or 43 characters of base64url\n");
      return exit_wrong_use;
    }
  }
  int told = -1;
  if (::isatty(::fileno(err)) != 0 && !command.json)
    options.on_progress = [&](std::uint64_t done, std::uint64_t all) {
      const int percent = all == 0 ? 100 : static_cast<int>(done * 100 / all);
      if (percent == told) return;
      told = percent;
      fmt::print(err, "\r{:3} %", percent);
      std::fflush(err);
    };
  const auto report = verify_export(command.folder, options);
  if (told >= 0) fmt::print(err, "\r     \r");
  if (!report) {
    fmt::print(err, "{}\n", report.error().message);
    return exit_not_examined;
  }
  if (command.json)
    fmt::print(out, "{}\n", json_of(*report));
  else
    fmt::print(out, "{}", text_of(*report, language_of(command)));
  switch (report->verdict) {
    case Verdict::valid:
      return exit_valid;
    case Verdict::altered:
      return exit_altered;
    case Verdict::incomplete:
      return exit_incomplete;
    case Verdict::not_signed:
      break;
  }
  return exit_unsigned;
}

}  // namespace vl::evidence
