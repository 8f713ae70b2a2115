#include "apps/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace reverie::apps {
namespace {

template <typename T>
void add_check(CLI::Option& option, const base::Allowed& allowed) {
  if (!allowed.choices.empty()) {
    option.check(CLI::IsMember(allowed.choices));
  } else if (std::isfinite(allowed.high)) {
    option.check(CLI::Range(static_cast<T>(allowed.low), static_cast<T>(allowed.high)));
  } else if (std::isfinite(allowed.low)) {
    option.check(CLI::NonNegativeNumber);
  }
}

CLI::Option* add_target(CLI::App& parser, const std::string& name, bool* target, const std::string& help,
                        const base::Allowed&) {
  return parser.add_flag(name, *target, help);
}

CLI::Option* add_target(CLI::App& parser, const std::string& name, std::vector<std::string>* target,
                        const std::string& help, const base::Allowed&) {
  CLI::Option* option = parser.add_option(name, *target, help);
  if (name.starts_with('-')) option->take_all()->expected(1)->allow_extra_args(false);
  return option;
}

template <typename T>
CLI::Option* add_target(CLI::App& parser, const std::string& name, T* target, const std::string& help,
                        const base::Allowed& allowed) {
  CLI::Option* option = parser.add_option(name, *target, help);
  if constexpr (std::is_arithmetic_v<T>) {
    add_check<T>(*option, allowed);
  } else if (!allowed.choices.empty()) {
    option->check(CLI::IsMember(allowed.choices));
  }
  return option;
}

// CLI11 would take an unknown first word for a stray argument: name the nearest subcommand instead.
void check_subcommand(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) continue;
    if (std::ranges::find(names, word) != names.end()) return;
    base::throw_user_error("unknown subcommand '{}'{}; 'reverie --help' lists them", word,
                           base::did_you_mean(word, names));
  }
}

}  // namespace

Command& Command::option(const std::string& name, Target target, const std::string& help,
                         const OptionRules& rules) {
  std::visit(
      [&](auto* value) {
        CLI::Option* option = add_target(parser_, name, value, help, rules.allowed);
        if (!name.starts_with('-')) {
          option->type_name("");
        } else if (*value != std::remove_pointer_t<decltype(value)>{}) {
          option->capture_default_str();
        }
        option->required(rules.required);
        for (const std::string& other : rules.excludes) option->excludes(parser_.get_option(other));
      },
      target);
  return *this;
}

Command& Command::footer(const std::string& text) {
  parser_.footer(text);
  return *this;
}

Command& Command::action(std::function<int()> action) {
  parser_.callback([&shell = shell_, action = std::move(action)] { shell.action = action; });
  return *this;
}

void Command::refuse(const std::vector<std::string>& names, const std::string& why) const {
  for (const std::string& name : names)
    if (parser_.get_option(name)->count() > 0) base::throw_user_error("{}: {}", name, why);
}

CommandLine::CommandLine(Shell& shell)
    : shell_(shell),
      parser_(std::make_unique<CLI::App>(
          "Learn world models and policies of MuJoCo robots, and check every dream against physics.")) {
  CLI::App& app = *parser_;
  app.name("reverie");
  app.set_version_flag("--version", "reverie " REVERIE_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // the flags below are understood after the subcommand too
  app.add_flag("-q,--quiet", shell.quiet, "only warnings and results");
  app.add_flag("-v,--verbose", shell.verbose, "more about what is going on");
  app.add_flag("--trust", shell.trust, "let models name files outside their folders");
  app.add_flag("--json", shell.json, "one JSON object on stdout where a result exists");
  app.footer(
      "Settings are key=value words: 'reverie config' prints all of them.\n\n"
      "Examples:\n"
      "  reverie demo                               the whole loop on cartpole swing-up, about ten minutes\n"
      "  reverie train --task dmc/reacher-easy seed=3\n"
      "  reverie evaluate runs/demo-seed1\n"
      "  reverie view runs/demo-seed1\n\n"
      "Exit status: 0 done, 1 a check did not hold, 2 wrong input, or a disk or display that refuses, 3 a "
      "full disk,\n"
      "losses that exploded twice or an internal error, 130 interrupted.");
}

CommandLine::~CommandLine() = default;

Command CommandLine::add(const std::string& name, const std::string& what) {
  return {*parser_->add_subcommand(name, what), shell_};
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
  check_subcommand(*parser_, argc, argv);
  try {
    parser_->parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return parser_->exit(help);
  } catch (const CLI::CallForVersion& version) {
    return parser_->exit(version);
  } catch (const CLI::ParseError& error) {
    base::throw_user_error("{}; 'reverie --help' shows what is understood", error.what());
  }
  return std::nullopt;
}

}  // namespace reverie::apps
