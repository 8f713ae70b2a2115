// reverie config: every configuration key with its value and meaning.
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "training/run_directory.h"

namespace reverie::apps {
namespace {

nlohmann::ordered_json to_json(const base::Field& field) {
  return std::visit([](const auto* value) { return nlohmann::ordered_json(*value); }, field.value);
}

int print_config(const std::vector<std::string>& words, bool json) {
  const Words sorted = sort_words(words, 1, "a run directory");
  training::TrainConfig config =
      sorted.paths.empty()
          ? make_config("", "", sorted.settings)
          : change_settings(training::read_run_config(sorted.paths.front()), sorted.settings);
  if (!json) {
    fmt::print("{}", base::dump_toml(fields(config), true));
    return kDone;
  }
  nlohmann::ordered_json object;
  for (const base::Field& field : fields(config)) object[field.name] = to_json(field);
  fmt::print("{}\n", object.dump());
  return kDone;
}

}  // namespace

void add_config(CommandLine& line, Shell& shell) {
  Command command = line.add("config", "every configuration key with its value and meaning");
  auto words = std::make_shared<std::vector<std::string>>();
  command.option("words", words.get(), "[RUN] [key=value ...]");
  command.footer(
      "Prints TOML that 'train --config' reads.\n\nExamples:\n"
      "  reverie config                            defaults\n"
      "  reverie config task=dmc/walker-walk       the sizes that fit this task\n"
      "  reverie config learner.discount=0.98      with a change\n"
      "  reverie config runs/demo-seed1            what a run used");
  command.action([&shell, words] { return print_config(*words, shell.json); });
}

}  // namespace reverie::apps
