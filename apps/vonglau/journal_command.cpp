// `vonglau journal verify | rebuild | export`: the options.
#include <memory>

#include "journal_tools.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

// Reads the configuration, then does the work with it and the options.
template <class Options>
std::function<int()> with_config(const Invocation& call, std::shared_ptr<Options> options,
                                 int (*work)(const Config&, const Options&, std::FILE*)) {
  return [&call, options, work] {
    const auto config = call.config();
    if (!config) return complain(config.error(), exit_config);
    return work(*config, *options, stdout);
  };
}

}  // namespace

void add_journal(Subcommand app, const Invocation& call) {
  auto journal = app.add("journal", "Check, rebuild from and export the journal");
  journal.only_by_parts();

  auto verifying = std::make_shared<VerifyOptions>();
  auto verify = journal.add("verify", "Find any edited, deleted, reordered or cut off event");
  verify.flag("--json", verifying->json, "As JSON");
  verify.option("--public-key", verifying->public_key,
                "Check the signed roots with this key and not the one on this machine");
  verify.does(with_config(call, verifying, journal_verify));

  auto rebuilding = std::make_shared<RebuildOptions>();
  auto rebuild = journal.add("rebuild", "Make every table again from the events and compare");
  rebuild.flag("--json", rebuilding->json, "As JSON");
  rebuild.flag("--replace", rebuilding->replace,
               "Put the rebuilt tables in place if they differ; the centre must be stopped");
  rebuild.does(with_config(call, rebuilding, journal_rebuild));

  auto exporting = std::make_shared<ExportOptions>();
  auto exported =
      journal.add("export", "Write events and roots to a folder that anybody can check");
  exported.option("folder", exporting->folder, "A new folder").required();
  exported.option("--from", exporting->from, "First number");
  exported.option("--until", exporting->until, "Last number");
  exported.does(with_config(call, exporting, journal_export));
}

}  // namespace vl::app
