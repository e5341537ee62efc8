// The work behind `vonglau journal verify | rebuild | export`. Each opens the province's
// database for reading beside a running core; only `rebuild --replace` wants it stopped. They
// print to `out` and give an exit code (subcommands.hpp); progress goes to standard error.
#pragma once

#include <cstdio>
#include <string>

#include "config.hpp"

namespace vl::app {

struct VerifyOptions {
  bool json = false;
  /// Base64url of the 32 bytes that roots are checked with; "": from the signing key on this
  /// machine. An auditor brings the one that was noted down when the site was made.
  std::string public_key;
};
int journal_verify(const Config& config, const VerifyOptions& options, std::FILE* out = stdout);

struct RebuildOptions {
  bool json = false;
  bool replace = false;  // put the rebuilt tables in the place of the live ones if they differ
};
int journal_rebuild(const Config& config, const RebuildOptions& options, std::FILE* out = stdout);

struct ExportOptions {
  std::string folder;  // new; gets events.jsonl, roots.jsonl, manifest.json
  std::int64_t from = 1;
  std::int64_t until = INT64_MAX;
};
int journal_export(const Config& config, const ExportOptions& options, std::FILE* out = stdout);

}  // namespace vl::app
