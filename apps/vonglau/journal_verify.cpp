#include <filesystem>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/verify.hpp>

#include "journal_tools.hpp"
#include "progress.hpp"
#include "site_store.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

struct Problem {
  std::int64_t sequence = 0;
  std::string what;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (sequence, what))

struct Finding {
  bool ok = false;
  std::int64_t events = 0;
  std::int64_t head = 0;
  Digest head_hash{};
  std::int64_t roots = 0;
  std::int64_t anchored_sequence = 0;
  std::optional<WallTime> anchored_us;
  std::vector<Problem> problems;
};
BOOST_DESCRIBE_STRUCT(Finding, (),
                      (ok, events, head, head_hash, roots, anchored_sequence, anchored_us,
                       problems))

Result<Bytes> public_key_of(const Config& config, const VerifyOptions& options) {
  if (!options.public_key.empty()) {
    auto key = from_base64url(options.public_key);
    if (key && key->size() == 32) return std::move(*key);
    return fail(journal::RootError::malformed,
                "--public-key must be 43 characters of base64url, as `vonglau init` printed it");
  }
  if (!std::filesystem::exists(config.signing_key_file())) {
    return fail(journal::RootError::io,
                fmt::format("there is no signing key at {}; restore it from the key backup, or "
                            "bring its public half with --public-key",
                            config.signing_key_file()));
  }
  VL_TRY(const auto key, SigningKey::load_or_create(config.signing_key_file()));
  return key.public_key();
}

Finding finding_of(const journal::VerifyReport& report) {
  Finding finding{report.ok(),          report.events,
                  report.head.sequence, report.head.hash,
                  report.roots,         report.anchored_sequence,
                  std::nullopt,         {}};
  if (report.anchored_sequence > 0) finding.anchored_us = report.anchored_at;
  for (const auto& problem : report.problems)
    finding.problems.push_back({problem.sequence, std::string(journal::name_of(problem.what))});
  return finding;
}

void print(std::FILE* out, const Config& config, const Finding& finding) {
  fmt::print(out, "Journal of province {} ({})\n", config.province.id, config.province.name);
  fmt::print(out, "  events    {}, the last is number {} with hash {}\n", finding.events,
             finding.head, to_hex(finding.head_hash));
  fmt::print(out, "  roots     {} in {}, all signatures valid\n", finding.roots,
             config.folders.anchor);
  if (finding.anchored_us) {
    fmt::print(out, "  anchored  to number {}, since {}\n", finding.anchored_sequence,
               format_utc(*finding.anchored_us));
  } else {
    fmt::print(out, "  anchored  not at all: no root agrees with this journal\n");
  }
  for (const auto& problem : finding.problems)
    fmt::print(out, "  PROBLEM   number {}: {}\n", problem.sequence, problem.what);
  fmt::print(out, "{}\n",
             finding.ok ? "The chain holds."
                        : "THE CHAIN DOES NOT HOLD. Stop the centre, keep this disk as it is, and "
                          "compare with the latest backup.");
}

Result<Finding> look(const Config& config, const VerifyOptions& options) {
  VL_TRY(const Bytes public_key, public_key_of(config, options));
  VL_TRY(const auto database, open_existing_store(config));
  VL_TRY(const auto session, open_checked_reader(*database));
  VL_TRY(const auto roots, journal::read_roots(config.folders.anchor, public_key));
  VL_TRY(const auto head, journal::read_head(*session, config.province_id()));
  Progress progress("verifying", head.sequence);
  VL_TRY(const auto report,
         journal::verify(*session, config.province_id(), roots,
                         [&](std::int64_t sequence) { progress.reached(sequence); }));
  return finding_of(report);
}

}  // namespace

int journal_verify(const Config& config, const VerifyOptions& options, std::FILE* out) {
  const auto finding = look(config, options);
  if (!finding) {
    const bool tampered = finding.error().code == code_of(journal::RootError::forged);
    return complain(finding.error(), tampered ? exit_problems : exit_failed);
  }
  if (options.json) {
    fmt::print(out, "{}\n", json::write(*finding));
  } else {
    print(out, config, *finding);
  }
  return finding->ok ? exit_ok : exit_problems;
}

}  // namespace vl::app
