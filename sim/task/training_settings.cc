#include "sim/task/training_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/task/toml_node.h"

namespace reverie::sim {
namespace {

std::string value_text(const TomlNode& node, const std::string& name) {
  switch (node.kind) {
    case TomlNode::Kind::kBool:
      return node.boolean ? "true" : "false";
    case TomlNode::Kind::kInteger:
      return fmt::format("{}", node.integer);
    case TomlNode::Kind::kFloat:
      return toml_number(node.number);
    case TomlNode::Kind::kString:
      return node.string;
    default:
      fail_at(node.position, fmt::format("{}: found {}, expected a number, a text, true or false", name,
                                         kind_name(node.kind)));
  }
}

void add_settings(const TomlNode& table, const std::string& prefix, std::vector<TrainingSetting>& out) {
  for (const auto& [key, value] : table.table) {
    const std::string name = prefix + key;
    if (value.kind == TomlNode::Kind::kTable) {
      add_settings(value, name + ".", out);
      continue;
    }
    const auto same = [&](const TrainingSetting& s) { return s.word.starts_with(name + "="); };
    if (std::ranges::any_of(out, same))
      fail_at(value.position, fmt::format("training.{}: given twice", name));
    out.push_back(
        {fmt::format("{}={}", name, value_text(value, "training." + name)), place_of(value.position)});
  }
}

}  // namespace

std::vector<TrainingSetting> read_training_settings(const TomlNode* section) {
  std::vector<TrainingSetting> out;
  if (section == nullptr) return out;
  if (section->kind != TomlNode::Kind::kTable)
    fail_at(section->position, fmt::format("training: found {}, expected a table", kind_name(section->kind)));
  add_settings(*section, "", out);
  return out;
}

}  // namespace reverie::sim
