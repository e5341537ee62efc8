// `vonglau init`: a new site, from flags, or by asking where a person sits in front of it.
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "centre.hpp"
#include "site.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

struct InitOptions {
  std::string folder = ".";
  std::string administrator;
  std::string second_administrator;
  bool no_questions = false;
  Config settings;
  std::function<bool(const std::string&)> was_given;  // an option, by its name
};

// One question for each thing that was not given as a flag; Return takes the default.
class Questions {
 public:
  explicit Questions(const InitOptions& options)
      : was_given_(options.was_given),
        silent_(options.no_questions || ::isatty(STDIN_FILENO) == 0) {}

  void ask(const std::string& flag, std::string_view question, std::string& answer) const {
    if (silent_ || was_given_(flag)) return;
    fmt::print("{}{}: ", question, answer.empty() ? "" : fmt::format(" [{}]", answer));
    std::fflush(stdout);
    std::string line;
    if (std::getline(std::cin, line) && !line.empty()) answer = line;
  }
  void ask(const std::string& flag, std::string_view question, std::int64_t& answer) const {
    std::string text = std::to_string(answer);
    ask(flag, question, text);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) answer = number;
  }

 private:
  const std::function<bool(const std::string&)>& was_given_;
  bool silent_;
};

void ask_what_is_missing(InitOptions& options) {
  const Questions questions(options);
  Config& site = options.settings;
  questions.ask("--province-id", "Statistical code of the province", site.province.id);
  questions.ask("--province-name", "Name of the province", site.province.name);
  questions.ask("--administrator", "Sign-in name of the first administrator",
                options.administrator);
  questions.ask("--second-administrator",
                "Sign-in name of a second one (rights are changed by two persons)",
                options.second_administrator);
  questions.ask("--store", "Store (sqlite:FILE or postgresql://USER@HOST/DATABASE)",
                site.store.address);
  questions.ask("--anchor", "Folder for signed roots, best on another disk or host",
                site.folders.anchor);
  questions.ask("--listen", "Address to listen on (0.0.0.0: every network)", site.core.listen);
  questions.ask("--port", "Port of the centre", site.core.port);
  questions.ask("--recorder-port", "Port of the recorder", site.recorder.port);
  questions.ask("--public-url", "Address that people type (https://NAME:PORT, or nothing)",
                site.core.public_url);
}

void print(const CreatedSite& site) {
  const Config& config = site.config;
  fmt::print(
      "\nThe site of province {} ({}) is made.\n"
      "  settings            {}\n"
      "  keys                {}  (back this folder up apart from the data)\n"
      "  signed roots        {}\n"
      "  authority           {}  (install it on every machine that connects)\n"
      "  key of the roots    {}  (write it down; an auditor checks the journal with it)\n"
      "  key of exports      {}  (publish it; courts check exported footage with it)\n",
      config.province.id, config.province.name, config.file, config.folders.keys,
      config.folders.anchor, site.authority_certificate, site.root_key, site.exports_key);
}

// Recorded in the site's own journal, before anything serves.
Result<void> create_administrators(const Config& config, const std::vector<std::string>& logins,
                                   const Clock& clock) {
  VL_TRY(const auto centre, Centre::open(config, clock));
  VL_TRY(const bool nobody, centre->accounts().nobody_yet());
  if (!nobody) {
    return fail(ConfigError::wrong_value,
                "this database has people already; an administrator creates the others", "login");
  }
  for (const auto& login : logins) {
    VL_TRY(const auto created,
           centre->accounts().create(
               journal::Actor::system(), std::nullopt,
               {login, login, std::nullopt, {access::Role::administrator}, std::nullopt}));
    fmt::print("\nSign in as        {}\none-time password {}  (for 72 hours)\n", login,
               created.one_time_password);
  }
  return {};
}

int init(InitOptions& options) {
  ask_what_is_missing(options);
  options.settings.recorder.listen = options.settings.core.listen;
  std::vector<std::string> logins;
  for (const auto& login : {options.administrator, options.second_administrator})
    if (!login.empty()) logins.push_back(login);
  if (logins.empty()) {
    return complain({code_of(ConfigError::wrong_value),
                     "name the first administrator with --administrator LOGIN"},
                    exit_usage);
  }
  const SystemClock clock;
  const auto site = create_site(options.folder, options.settings, clock);
  if (!site) return complain(site.error());
  print(*site);
  if (const auto created = create_administrators(site->config, logins, clock); !created) {
    // Without its administrator it is no site: the next attempt finds the keys and goes on.
    std::error_code ignored;
    std::filesystem::remove(site->config.file, ignored);
    return complain(created.error());
  }
  if (logins.size() == 1) {
    fmt::print(
        "\nThere is one administrator. Rights are changed by two persons, so nobody can be given "
        "a\n"
        "role until there is a second: name one with --second-administrator.\n");
  }
  fmt::print("\nNext: `vonglau --config {0} doctor`, then `vonglau --config {0} serve`.\n",
             site->config.file);
  return exit_ok;
}

}  // namespace

void add_init(Subcommand app, const Invocation&) {
  auto options = std::make_shared<InitOptions>();
  options->settings.core.listen = "0.0.0.0";
  auto init_app = app.add("init", "Make a new site: settings, folders, keys");
  options->was_given = [init_app](const std::string& name) { return init_app.was_given(name); };
  Config& site = options->settings;
  init_app.option("--folder", options->folder, "Where vonglau.toml and the folders go").shown();
  init_app.option("--province-id", site.province.id, "Statistical code of the province").shown();
  init_app.option("--province-name", site.province.name).shown();
  init_app.option("--administrator", options->administrator, "First one to sign in");
  init_app.option("--second-administrator", options->second_administrator,
                  "Rights are changed by two persons");
  init_app.option("--store", site.store.address).shown();
  init_app.option("--data", site.folders.data).shown();
  init_app.option("--keys", site.folders.keys).shown();
  init_app.option("--anchor", site.folders.anchor, "For signed roots: another disk or host")
      .shown();
  init_app.option("--footage", site.folders.footage).shown();
  init_app.option("--listen", site.core.listen).shown();
  init_app.option("--port", site.core.port).shown();
  init_app.option("--recorder-port", site.recorder.port).shown();
  init_app.option("--public-url", site.core.public_url, "As people reach it");
  init_app.option("--name", site.core.names, "Further name or address, repeatable");
  init_app.flag("--yes", options->no_questions, "Ask nothing; defaults for the rest");
  init_app.does([options] { return init(*options); });
}

}  // namespace vl::app
