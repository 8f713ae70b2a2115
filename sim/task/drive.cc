#include "sim/task/drive.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sim/controls.h"
#include "sim/task/toml_node.h"

namespace reverie::sim {

namespace {

using Names = std::vector<std::string>;

const Names kSticks = {"left_x", "left_y", "right_x", "right_y", "triggers"};
const Names kMouse = {"x", "y"};

// Neighbours on a keyboard: up or right is more, down or left is less.
constexpr const char* kPairs[][2] = {{"D", "A"}, {"W", "S"}, {"E", "Q"}, {"R", "F"}, {"T", "G"},
                                     {"Y", "H"}, {"U", "J"}, {"I", "K"}, {"O", "L"}, {"V", "C"},
                                     {"B", "X"}, {"N", "Z"}, {"P", "M"}};

Names key_names() {
  Names names = {"LeftArrow", "RightArrow", "UpArrow", "DownArrow", "Comma", "Period", "Slash", "Semicolon"};
  for (char c = 'A'; c <= 'Z'; ++c) names.emplace_back(1, c);
  for (char c = '0'; c <= '9'; ++c) {
    names.emplace_back(1, c);
    names.push_back(std::string("Keypad") + c);
  }
  return names;
}

Names control_names(const mjModel* model) {
  Names names;
  for (const Control& control : list_controls(model)) names.push_back(control.name);
  return names;
}

std::vector<DriveControl> default_drive(const mjModel* model) {
  const Names names = control_names(model);
  std::vector<DriveControl> drive;
  for (size_t i = 0; i < std::min(names.size(), std::size(kPairs)); ++i) {
    DriveControl& one = drive.emplace_back();
    one.name = names[i].empty() ? fmt::format("action {}", i) : names[i];
    one.more = kPairs[i][0];
    one.less = kPairs[i][1];
    if (i < kSticks.size()) one.stick = kSticks[i];
    if (i < kMouse.size()) one.mouse = kMouse[i];
    one.actions.assign(names.size(), 0.0);
    one.actions[i] = 1.0;
  }
  return drive;
}

void read_keys(TableReader& reader, DriveControl& control, Names& taken) {
  const Names keys = reader.texts("keys");
  if (keys.empty()) return;
  if (keys.size() != 2)
    fail_at(reader.need("keys").position,
            fmt::format("{}.keys: found {} keys, expected two: more, less", reader.what(), keys.size()));
  const Names known = key_names();
  for (const std::string& key : keys) {
    if (std::ranges::find(known, key) == known.end())
      fail_at(reader.need("keys").position,
              fmt::format("{}.keys: unknown key '{}'{}", reader.what(), key, base::did_you_mean(key, known)));
    if (std::ranges::find(taken, key) != taken.end())
      fail_at(reader.need("keys").position, fmt::format("{}.keys: '{}' is used twice", reader.what(), key));
    taken.push_back(key);
  }
  control.more = keys[0];
  control.less = keys[1];
}

void read_actions(TableReader& reader, const mjModel* model, DriveControl& control) {
  const TomlNode& table = reader.need("actions");
  const Names names = control_names(model);
  control.actions.assign(names.size(), 0.0);
  if (table.kind != TomlNode::Kind::kTable)
    fail_at(table.position,
            fmt::format("{}.actions: found {}, expected a table such as {{ {} = 1.0 }}", reader.what(),
                        kind_name(table.kind), names.empty() ? "servo" : names.front()));
  for (const auto& [name, value] : table.table) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end())
      fail_at(value.key_position, fmt::format("{}.actions: no control is called '{}'{}", reader.what(), name,
                                              base::did_you_mean(name, names)));
    if (!value.is_number())
      fail_at(value.position, fmt::format("{}.actions.{}: found {}, expected a number", reader.what(), name,
                                          kind_name(value.kind)));
    control.actions[static_cast<size_t>(at - names.begin())] = value.number;
  }
}

}  // namespace

std::vector<DriveControl> read_drive(const TomlNode* section, const mjModel* model) {
  if (section == nullptr) return default_drive(model);
  std::vector<DriveControl> drive;
  Names taken;
  for (const auto& [name, node] : section->table) {
    TableReader reader(node, "drive." + name);
    DriveControl& control = drive.emplace_back();
    control.name = name;
    read_keys(reader, control, taken);
    if (reader.get("stick") != nullptr) control.stick = reader.choice("stick", "left_x", kSticks);
    if (reader.get("mouse") != nullptr) control.mouse = reader.choice("mouse", "x", kMouse);
    read_actions(reader, model, control);
    reader.finish();
  }
  return drive;
}

}  // namespace reverie::sim
