// The command line's parser: subcommands with their options, words and examples.
//
//   void add_greet(CommandLine& line, Shell& shell) {
//     auto name = std::make_shared<std::string>("you");
//     line.add("greet", "say hello")
//         .option("--name", name.get(), "to whom")
//         .footer("Examples:\n  reverie greet --name Ada")
//         .action([&shell, name] { return greet(*name, shell.json); });
//   }
//
// The parser's own headers are large and stay in command_line.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apps/commands.h"
#include "base/fields.h"

namespace CLI {
class App;
}

namespace reverie::apps {

// Where a parsed value goes; a bool is a flag. It must live as long as the action of the command.
using Target = std::variant<bool*, int*, int64_t*, double*, std::string*, std::vector<std::string>*>;

struct OptionRules {
  bool required = false;
  base::Allowed allowed = {};              // of numbers: from 0 or between two bounds; of strings: words
  std::vector<std::string> excludes = {};  // names of options, declared before, that rule this one out
};

class Command {
 public:
  // "--name" for an option, another name for words without dashes (then `help` shows how they look).
  // Help shows the target's value as the default. A list takes one value each time that its option is given.
  Command& option(const std::string& name, Target target, const std::string& help,
                  const OptionRules& rules = {});
  Command& footer(const std::string& text);      // after the options in --help: examples
  Command& action(std::function<int()> action);  // becomes Shell::action when this command is chosen

  // For the action: throws UserError "--name: why" for the first of these options that was given.
  void refuse(const std::vector<std::string>& names, const std::string& why) const;

 private:
  friend class CommandLine;
  Command(CLI::App& parser, Shell& shell) : parser_(parser), shell_(shell) {}

  CLI::App& parser_;
  Shell& shell_;
};

class CommandLine {
 public:
  explicit CommandLine(Shell& shell);  // flags that every subcommand understands go into `shell`
  ~CommandLine();

  Command add(const std::string& name, const std::string& what);

  // Sets Shell::action. A value is the exit status of a question that is answered already, as --help is.
  // Throws UserError for what is not understood, with the nearest subcommand.
  std::optional<int> parse(int argc, char** argv);

 private:
  Shell& shell_;
  std::unique_ptr<CLI::App> parser_;
};

}  // namespace reverie::apps
