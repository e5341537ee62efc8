#include "command_line.hpp"

#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "subcommands.hpp"

namespace vl::app {

Subcommand::Option& Subcommand::Option::shown() {
  option_->capture_default_str();
  return *this;
}
Subcommand::Option& Subcommand::Option::within(std::int64_t least, std::int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}
Subcommand::Option& Subcommand::Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}
Subcommand::Option& Subcommand::Option::required() {
  option_->required();
  return *this;
}

Subcommand Subcommand::add(const std::string& name, const std::string& description) {
  return {app_->add_subcommand(name, description), chosen_};
}

template <class T>
Subcommand::Option Subcommand::option(const std::string& name, T& value,
                                      const std::string& description) {
  return Option(app_->add_option(name, value, description));
}
template Subcommand::Option Subcommand::option(const std::string&, std::string&,
                                               const std::string&);
template Subcommand::Option Subcommand::option(const std::string&, std::vector<std::string>&,
                                               const std::string&);
template Subcommand::Option Subcommand::option(const std::string&, double&, const std::string&);
template Subcommand::Option Subcommand::option(const std::string&, std::int64_t&,
                                               const std::string&);
template Subcommand::Option Subcommand::option(const std::string&, std::uint64_t&,
                                               const std::string&);
template Subcommand::Option Subcommand::option(const std::string&, std::uint16_t&,
                                               const std::string&);

Subcommand::Option Subcommand::flag(const std::string& name, bool& value,
                                    const std::string& description) {
  return Option(app_->add_flag(name, value, description));
}

void Subcommand::only_by_parts() {
  app_->require_subcommand(1);
}

void Subcommand::does(std::function<int()> work) {
  app_->callback([app = app_, chosen = chosen_, work = std::move(work)] {
    if (app->get_subcommands().empty()) *chosen = work;
  });
}

bool Subcommand::was_given(const std::string& option) const {
  return app_->count(option) > 0;
}

CommandLine::CommandLine(const std::string& name, const std::string& description,
                         const std::string& version)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
}
CommandLine::~CommandLine() = default;

int CommandLine::run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? exit_ok : exit_usage;
  }
  return chosen_();
}

}  // namespace vl::app
