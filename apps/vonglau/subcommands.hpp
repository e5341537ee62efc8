// What main() gives every subcommand, and the list of them.
//
// A subcommand is one file with one add_...() function: it puts its name and options on `app`
// and, in the callback of its CLI::App, sets `call.run`. main() parses, then calls `run` and
// exits with what that returns.
#pragma once

#include <functional>
#include <string>

#include "config.hpp"

namespace CLI {
class App;
}

namespace vl::app {

struct Invocation {
  std::string program;      // absolute path of this program, to start others of it
  std::string config_file;  // --config
  std::function<int()> run;

  Result<Config> config() const { return read_config(config_file); }
};

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;    // it could not be done
inline constexpr int exit_problems = 2;  // it was done, and what it looked at is not well
inline constexpr int exit_usage = 64;
inline constexpr int exit_config = 78;

/// "vonglau: MESSAGE" on standard error; gives `code`.
int complain(const Error& error, int code = exit_failed);

void add_core(CLI::App& app, Invocation& call);
void add_doctor(CLI::App& app, Invocation& call);
void add_init(CLI::App& app, Invocation& call);
void add_journal(CLI::App& app, Invocation& call);
void add_record(CLI::App& app, Invocation& call);
void add_sim(CLI::App& app, Invocation& call);
void add_serve(CLI::App& app, Invocation& call);
void add_status(CLI::App& app, Invocation& call);

}  // namespace vl::app
