// What main() gives every subcommand, and the list of them.
//
// A subcommand is one file with one add_...() function: it puts its name, its options and what it
// does on `app`. `call` is there until the program's end and has its values when it is done.
#pragma once

#include <string>

#include "command_line.hpp"
#include "config.hpp"

namespace vl::app {

struct Invocation {
  std::string program;      // absolute path of this program, to start others of it
  std::string config_file;  // --config

  Result<Config> config() const { return read_config(config_file); }
};

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;    // it could not be done
inline constexpr int exit_problems = 2;  // it was done, and what it looked at is not well
inline constexpr int exit_usage = 64;
inline constexpr int exit_config = 78;

/// "vonglau: MESSAGE" on standard error; gives `code`.
int complain(const Error& error, int code = exit_failed);

void add_core(Subcommand app, const Invocation& call);
void add_doctor(Subcommand app, const Invocation& call);
void add_init(Subcommand app, const Invocation& call);
void add_journal(Subcommand app, const Invocation& call);
void add_pictures(Subcommand app);
void add_record(Subcommand app, const Invocation& call);
void add_recordings(Subcommand app, const Invocation& call);
void add_sim(Subcommand app, const Invocation& call);
void add_serve(Subcommand app, const Invocation& call);
void add_status(Subcommand app, const Invocation& call);
void add_verify(Subcommand app, const Invocation& call);

}  // namespace vl::app
