// `vonglau verify FOLDER` and `vonglau-verify FOLDER`: the same command in two programs.
#pragma once

#include <cstdio>
#include <string>

namespace vl::evidence {

struct VerifyCommand {
  std::string folder;
  std::string key;          // hex or base64url, or a file with either; "": any key
  std::string authorities;  // PEM file
  std::string language;     // "vi", "en"; "": as the terminal's
  bool json = false;
};

inline constexpr int exit_valid = 0;
inline constexpr int exit_not_examined = 1;
inline constexpr int exit_altered = 2;
inline constexpr int exit_incomplete = 3;
inline constexpr int exit_unsigned = 4;
inline constexpr int exit_wrong_use = 64;

/// Says on `out` what it finds, on `err` why it cannot look; gives the exit status.
int verify_command(const VerifyCommand& command, std::FILE* out, std::FILE* err);

}  // namespace vl::evidence
