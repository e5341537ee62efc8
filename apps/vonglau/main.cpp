// One program: the core, its nodes, the supervisor and the tools of a site are subcommands.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include <fmt/format.h>
#include <sodium.h>

#include "subcommands.hpp"
#include "version.hpp"

namespace vl::app {

namespace {

std::string default_config_file() {
  if (const char* named = std::getenv("VONGLAU_CONFIG")) return named;  // NOLINT: single thread
  std::error_code error;
  if (std::filesystem::exists("vonglau.toml", error)) return "vonglau.toml";
  return "/etc/vonglau/vonglau.toml";
}

int run(int argc, char** argv) {
  CommandLine line("vonglau", "Vọng Lâu: a province's public-safety command centre",
                   fmt::format("vonglau {}", version));
  Invocation call;
  call.program = std::filesystem::read_symlink("/proc/self/exe").string();
  call.config_file = default_config_file();
  Subcommand app = line.top();
  app.option("-c,--config", call.config_file, "The site's vonglau.toml").shown();
  add_core(app, call);
  add_doctor(app, call);
  add_init(app, call);
  add_journal(app, call);
  add_pictures(app);
  add_record(app, call);
  add_recordings(app, call);
  add_serve(app, call);
  add_sim(app, call);
  add_status(app, call);
  add_verify(app, call);
  return line.run(argc, argv);
}

}  // namespace
}  // namespace vl::app

int main(int argc, char** argv) {
  try {
    if (::sodium_init() < 0) {
      fmt::print(stderr, "vonglau: the system gives no randomness\n");
      return vl::app::exit_failed;
    }
    return vl::app::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "vonglau: {}\n", error.what());
    return vl::app::exit_failed;
  }
}
