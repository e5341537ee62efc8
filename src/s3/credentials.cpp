#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include <vonglau/s3/s3_store.hpp>

namespace vl::s3 {

namespace {

constexpr std::size_t longest_line = 1024;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_sound(const std::string& word) {
  return !word.empty() && word.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              "+/=_-.:@~!$%*") == std::string::npos;
}

}  // namespace

Result<Credentials> read_credentials(const std::string& file) {
  Credentials out;
  if (file.empty()) {
    const auto of = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    out = {of("AWS_ACCESS_KEY_ID"), of("AWS_SECRET_ACCESS_KEY")};
    if (!is_sound(out.key_id) || !is_sound(out.secret))
      return fail(S3Error::credentials,
                  "archive.credentials_file is empty, and the environment has no "
                  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: name a file with the key");
    return out;
  }
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0)
    return fail(S3Error::credentials,
                fmt::format("cannot read {}: write the archive's key into it", file));
  if ((status.st_mode & 077) != 0)
    return fail(S3Error::credentials,
                fmt::format("{} can be read by others: chmod 600 {}", file, file));
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find('=');
    if (line.size() > longest_line || line.starts_with('#') || equals == std::string::npos)
      continue;
    const auto name = trimmed(std::string_view(line).substr(0, equals));
    const auto value = std::string(trimmed(std::string_view(line).substr(equals + 1)));
    if (name == "access_key_id" || name == "aws_access_key_id") out.key_id = value;
    if (name == "secret_access_key" || name == "aws_secret_access_key") out.secret = value;
  }
  if (!is_sound(out.key_id) || !is_sound(out.secret))
    return fail(S3Error::credentials, fmt::format("{} must have the lines access_key_id = ... and "
                                                  "secret_access_key = ...",
                                                  file));
  return out;
}

}  // namespace vl::s3
