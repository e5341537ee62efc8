// `vonglau journal verify | rebuild | export`: the options.
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "journal_tools.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

// Reads the configuration, then does the work with it and the options.
template <class Options>
std::function<void()> runs(Invocation& call, std::shared_ptr<Options> options,
                           int (*work)(const Config&, const Options&, std::FILE*)) {
  return [&call, options, work] {
    call.run = [&call, options, work] {
      const auto config = call.config();
      if (!config) return complain(config.error(), exit_config);
      return work(*config, *options, stdout);
    };
  };
}

}  // namespace

void add_journal(CLI::App& app, Invocation& call) {
  auto* journal = app.add_subcommand("journal", "Check, rebuild from and export the journal");
  journal->require_subcommand(1);

  auto verifying = std::make_shared<VerifyOptions>();
  auto* verify =
      journal->add_subcommand("verify", "Find any edited, deleted, reordered or cut off event");
  verify->add_flag("--json", verifying->json, "As JSON");
  verify->add_option("--public-key", verifying->public_key,
                     "Check the signed roots with this key and not the one on this machine");
  verify->callback(runs(call, verifying, journal_verify));

  auto rebuilding = std::make_shared<RebuildOptions>();
  auto* rebuild =
      journal->add_subcommand("rebuild", "Make every table again from the events and compare");
  rebuild->add_flag("--json", rebuilding->json, "As JSON");
  rebuild->add_flag("--replace", rebuilding->replace,
                    "Put the rebuilt tables in place if they differ; the centre must be stopped");
  rebuild->callback(runs(call, rebuilding, journal_rebuild));

  auto exporting = std::make_shared<ExportOptions>();
  auto* exported = journal->add_subcommand(
      "export", "Write events and roots to a folder that anybody can check");
  exported->add_option("folder", exporting->folder, "A new folder")->required();
  exported->add_option("--from", exporting->from, "First number");
  exported->add_option("--until", exporting->until, "Last number");
  exported->callback(runs(call, exporting, journal_export));
}

}  // namespace vl::app
