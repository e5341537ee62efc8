// `vonglau verify`: whether an export is what a centre made. Needs no site and no settings.
#include <memory>

#include <vonglau/evidence/verify_command.hpp>

#include "subcommands.hpp"

namespace vl::app {

void add_verify(Subcommand app, const Invocation&) {
  auto command = std::make_shared<evidence::VerifyCommand>();
  auto verify = app.add("verify", "Check an export: valid, altered, incomplete or unsigned");
  verify.option("folder", command->folder, "The export's folder").required();
  verify.option("--key", command->key, "The centre's public key, or a file with it");
  verify.option("--authorities", command->authorities, "PEM file of timestamp authorities");
  verify.option("--language", command->language, "vi or en");
  verify.flag("--json", command->json, "For programs");
  verify.does([command] { return evidence::verify_command(*command, stdout, stderr); });
}

}  // namespace vl::app
