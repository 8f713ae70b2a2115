#include "sim/task/command.h"

namespace reverie::sim {
namespace {

void draw_command(const Command& command, double control_dt, contract::Rng& rng,
                  std::span<double> task_state) {
  const bool zero = rng.uniform() < command.zero_probability;
  for (size_t i = 0; i < command.low.size(); ++i) {
    const double value = rng.uniform(command.low[i], command.high[i]);
    task_state[command.offset + i] = zero ? 0.0 : value;
  }
  if (command.timer >= 0) {
    task_state[command.timer] = command.interval.draw_steps(control_dt, rng);
  }
}

}  // namespace

std::vector<Command> read_commands(const TomlNode* section, const Scope& scope) {
  std::vector<Command> out;
  if (section == nullptr) return out;
  if (section->kind != TomlNode::Kind::kArray)
    fail_at(section->position, "command: expected [[command]] entries");
  for (const TomlNode& node : section->array) {
    TableReader reader(node, "command");
    Command command;
    command.name = reader.need_text("name");
    command.low = finite_values(scope, reader.need("low"), "command.low");
    command.high = finite_values(scope, reader.need("high"), "command.high");
    if (command.low.size() != command.high.size())
      fail_at(node.position, "command: low and high differ in size");
    command.zero_probability = reader.number("zero_probability", 0.0);
    if (reader.get("resample") != nullptr) {
      command.interval = read_interval(reader, scope, "resample");
    }
    reader.finish();
    command.offset = scope.layout->allocate(static_cast<int>(command.low.size()));
    if (command.interval.high > 0.0) command.timer = scope.layout->allocate(1);
    out.push_back(std::move(command));
  }
  return out;
}

void start_commands(const std::vector<Command>& commands, double control_dt, contract::Rng& rng,
                    std::span<double> task_state) {
  for (const Command& command : commands) draw_command(command, control_dt, rng, task_state);
}

bool step_commands(const std::vector<Command>& commands, double control_dt, contract::Rng& rng,
                   std::span<double> task_state) {
  bool any = false;
  for (const Command& command : commands) {
    if (command.timer < 0 || --task_state[command.timer] > 0.0) continue;
    draw_command(command, control_dt, rng, task_state);
    any = true;
  }
  return any;
}

}  // namespace reverie::sim
