// Subcommands, options and flags. CLI11 behind a small face: it is all inline functions, and each
// file that saw them would compile them again.
//
// The values named outlive the command line's run. Main thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vl::app {

class Subcommand {
 public:
  class Option {
   public:
    Option& shown();  // its default, in the help
    Option& within(std::int64_t least, std::int64_t most);
    Option& needs(const Option& other);
    Option& required();

   private:
    friend class Subcommand;
    explicit Option(CLI::Option* option) : option_(option) {}
    CLI::Option* option_;
  };

  Subcommand add(const std::string& name, const std::string& description);
  /// "--name", or "name" for one known by its place. T: std::string, std::vector<std::string>,
  /// double or a whole number; a vector's option may be repeated.
  template <class T>
  Option option(const std::string& name, T& value, const std::string& description = {});
  Option flag(const std::string& name, bool& value, const std::string& description);
  /// It does nothing by itself: one of its own subcommands must be named.
  void only_by_parts();
  /// What it does, with the program's exit status, if it is the last one named.
  void does(std::function<int()> work);
  bool was_given(const std::string& option) const;

 private:
  friend class CommandLine;
  Subcommand(CLI::App* app, std::function<int()>* chosen) : app_(app), chosen_(chosen) {}
  CLI::App* app_;
  std::function<int()>* chosen_;
};

class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& description, const std::string& version);
  ~CommandLine();

  Subcommand top() { return {app_.get(), &chosen_}; }
  /// Reads the arguments and does what was chosen. What cannot be read is said on standard error.
  int run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  std::function<int()> chosen_;
};

}  // namespace vl::app
