// Reads the complete TOML tree of a task by id or path.
// `extends`, variants and overrides of the command line are applied.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/task/toml_node.h"

namespace reverie::sim {

struct TaskSource {
  std::string id;                    // "dmc/walker-walk"
  TomlNode root;                     // merged; positions still name the file each value came from
  std::filesystem::path model_path;  // the MJCF
};

// `id_or_path`: an id, a path "dir/task.toml", or "dir/task.toml#variant". Throws UserError.
TaskSource read_task_source(std::string_view id_or_path, std::span<const std::string> overrides);

// Ids that one task file defines: its own, or one for each variant.
std::vector<std::string> task_ids(const TomlNode& root);

}  // namespace reverie::sim
