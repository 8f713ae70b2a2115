#include "sim/task/task_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "sim/scene_files.h"
#include "sim/task/task.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;
constexpr int kMaxExtends = 10;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// A task file whose `extends` chain is merged below it; paths are relative to the file that names them.
TomlNode read_extended(const fs::path& path, int depth) {
  TomlNode root = parse_toml_file(path);
  const TomlNode* extends = root.find("extends");
  if (extends == nullptr) return root;
  if (extends->kind != TomlNode::Kind::kString) fail_at(extends->position, "extends: expected a path");
  if (depth >= kMaxExtends) fail_at(extends->position, "extends: the chain is too long or a circle");
  const fs::path base_path = path.parent_path() / extends->string;
  if (!is_file(base_path)) fail_at(extends->position, fmt::format("extends: no file '{}'", extends->string));
  TomlNode base = read_extended(base_path, depth + 1);
  merge_toml(base, root);
  base.position = root.position;  // what is wrong with the whole is told of the file that was asked for
  return base;
}

const TomlNode* variants_of(const TomlNode& root) {
  const TomlNode* variants = root.find("variants");
  if (variants != nullptr && (variants->kind != TomlNode::Kind::kTable || variants->table.empty())) {
    fail_at(variants->position, "variants: expected a table of tables");
  }
  return variants;
}

std::string id_of(const TomlNode& root) {
  const TomlNode* id = root.find("id");
  if (id == nullptr) fail_at(root.position, "task: 'id' is missing");
  if (id->kind != TomlNode::Kind::kString || id->string.empty())
    fail_at(id->position, "id: expected a string");
  return id->string;
}

void apply_variant(TomlNode& root, const std::string& variant) {
  const TomlNode* variants = variants_of(root);
  std::vector<std::string> names;
  if (variants != nullptr) {
    for (const auto& [name, value] : variants->table) names.push_back(name);
  }
  if (variant.empty() && names.empty()) return;
  if (variant.empty()) {
    fail_at(root.position, fmt::format("this file has variants: choose one of {}", fmt::join(names, ", ")));
  }
  const TomlNode* chosen = variants == nullptr ? nullptr : variants->find(variant);
  if (chosen == nullptr) {
    const std::string near = base::did_you_mean(variant, names);
    fail_at(root.position,
            fmt::format("no variant '{}'{}", variant,
                        near.empty() && !names.empty() ? fmt::format("; there are {}", fmt::join(names, ", "))
                                                       : near));
  }
  if (chosen->kind != TomlNode::Kind::kTable) fail_at(chosen->position, "a variant is a table");
  const TomlNode copy = *chosen;
  merge_toml(root, copy);
}

void apply_override(TomlNode& root, const std::string& word) {
  const TomlNode over = parse_toml(word, fmt::format("override '{}'", word));
  if (over.table.size() != 1 || over.table[0].key != "params" ||
      over.table[0].value.kind != TomlNode::Kind::kTable || over.table[0].value.table.size() != 1) {
    base::throw_user_error("override '{}': expected params.NAME=VALUE", word);
  }
  const auto& [name, value] = over.table[0].value.table[0];
  const TomlNode* params = root.find("params");
  std::vector<std::string> names;
  if (params != nullptr) {
    for (const auto& [known, unused] : params->table) names.push_back(known);
  }
  if (params == nullptr || params->find(name) == nullptr) {
    base::throw_user_error("override '{}': the task has no parameter '{}'{}", word, name,
                           names.empty() ? "; it has none" : base::did_you_mean(name, names));
  }
  merge_toml(root, over);
}

struct Located {
  fs::path path;
  std::string variant;
};

// A name that ends in .toml, in lower or upper case.
bool is_task_file(const std::string& name) {
  std::string end = name.substr(name.size() < 5 ? 0 : name.size() - 5);
  std::ranges::transform(end, end.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return end == ".toml";
}

// "dmc/walker-walk": the file dmc/walker-walk.toml, or dmc/walker.toml with the variant "walk".
Located locate(const std::string& id) {
  const size_t hash = id.find('#');
  if (hash != std::string::npos) return {id.substr(0, hash), id.substr(hash + 1)};
  if (is_task_file(id)) return {id, ""};
  for (const fs::path& directory : scene_directories()) {
    if (is_file(directory / (id + ".toml"))) return {directory / (id + ".toml"), ""};
    for (size_t dash = id.rfind('-'); dash != std::string::npos && dash > 0; dash = id.rfind('-', dash - 1)) {
      const fs::path path = directory / (id.substr(0, dash) + ".toml");
      if (is_file(path)) return {path, id.substr(dash + 1)};
    }
  }
  std::error_code ignored;
  if (fs::is_directory(id, ignored))
    base::throw_user_error("{}: a directory, expected a task (.toml) or its id", id);
  if (fs::exists(id, ignored)) {
    base::throw_user_error(
        "{}: not a task file (.toml); for a model, write one first: reverie inspect {} --init", id, id);
  }
  if (ignored == std::errc::permission_denied)
    base::throw_user_error("{}: cannot read: {}", id, ignored.message());
  base::throw_user_error("no task '{}'{}", id, base::did_you_mean(id, list_tasks()));
}

// The engine takes ".." out of a path as text, which behind a link leads elsewhere than the system goes.
fs::path model_path(const fs::path& path) {
  std::error_code ignored;
  const bool as_text = fs::equivalent(path, path.lexically_normal(), ignored);
  if (as_text || !is_file(path)) return path;
  return fs::canonical(path.parent_path()) / path.filename();
}

}  // namespace

TaskSource read_task_source(std::string_view id_or_path, std::span<const std::string> overrides) {
  const Located located = locate(std::string(id_or_path));
  TaskSource out;
  out.root = read_extended(located.path, 0);
  out.id = id_of(out.root);
  if (!located.variant.empty()) out.id += "-" + located.variant;
  apply_variant(out.root, located.variant);
  for (const std::string& word : overrides) apply_override(out.root, word);
  const TomlNode* model = out.root.find("model");
  if (model == nullptr) fail_at(out.root.position, "task: 'model' is missing (the path of an MJCF or URDF)");
  if (model->kind != TomlNode::Kind::kString)
    fail_at(model->position, "model: expected the path of an MJCF or URDF");
  out.model_path = model_path(fs::path(model->position.source->name).parent_path() / model->string);
  std::error_code ignored;
  if (!fs::exists(out.model_path, ignored))
    fail_at(model->position, fmt::format("model: no file '{}'", model->string));
  return out;
}

std::vector<std::string> task_ids(const TomlNode& root) {
  const std::string id = id_of(root);
  const TomlNode* variants = variants_of(root);
  if (variants == nullptr) return {id};
  std::vector<std::string> out;
  out.reserve(variants->table.size());
  for (const auto& [name, value] : variants->table) out.push_back(fmt::format("{}-{}", id, name));
  return out;
}

std::vector<std::string> list_tasks() {
  std::vector<std::string> out;
  for (const fs::path& directory : scene_directories()) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file() || entry.path().extension() != ".toml") continue;
      const std::vector<std::string> ids = task_ids(read_extended(entry.path(), 0));
      out.insert(out.end(), ids.begin(), ids.end());
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace reverie::sim
