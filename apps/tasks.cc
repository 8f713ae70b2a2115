// reverie tasks: every task with its sizes.
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "base/error.h"
#include "sim/task/task.h"

namespace reverie::apps {
namespace {

int print_tasks(bool json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  if (!json) {
    fmt::print("{:<32} {:>5} {:>7} {:>9} {:>6}  {}\n", "task", "obs", "actions", "step (s)", "steps",
               "title");
  }
  for (const std::string& id : sim::list_tasks()) {
    const auto task = sim::Task::load(id);
    const contract::EnvSpec& spec = task->spec();
    if (json) {
      all.push_back({{"task", id},
                     {"title", task->title()},
                     {"observation_dim", spec.observation_dim},
                     {"action_dim", spec.action_dim},
                     {"control_dt", spec.control_dt},
                     {"episode_steps", spec.episode_steps},
                     {"hash", spec.hash}});
    } else {
      fmt::print("{:<32} {:>5} {:>7} {:>9} {:>6}  {}\n", id, spec.observation_dim, spec.action_dim,
                 spec.control_dt, spec.episode_steps, task->title());
    }
  }
  if (json) fmt::print("{}\n", nlohmann::ordered_json{{"tasks", all}}.dump());
  return kDone;
}

}  // namespace

void add_tasks(CommandLine& line, Shell& shell) {
  Command command = line.add("tasks", "every task with its sizes");
  command.footer("Examples:\n  reverie tasks\n  reverie tasks --json");
  command.action([&shell] { return print_tasks(shell.json); });
}

}  // namespace reverie::apps
