#include "sim/task/task_event.h"

namespace reverie::sim {

Events read_events(const TomlNode* section, const Scope& scope) {
  Events events;
  if (section == nullptr) return events;
  if (section->kind != TomlNode::Kind::kArray)
    fail_at(section->position, "event: expected [[event]] entries");
  for (const TomlNode& node : section->array) {
    TableReader reader(node, "event");
    const std::string op = reader.choice("op", "", {"randomize", "push"});
    const bool push = op == "push";
    const std::string on = push ? reader.choice("on", "interval", {"interval"})
                                : reader.choice("on", "reset", {"startup", "reset"});
    if (push) {
      events.pushes.push_back(read_push(reader, scope));
    } else {
      events.randomisations.push_back(read_randomisation(reader, scope, on == "startup"));
    }
    reader.finish();
  }
  return events;
}

}  // namespace reverie::sim
