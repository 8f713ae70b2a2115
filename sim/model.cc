#include "sim/model.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/files.h"

namespace reverie::sim {
namespace {

constexpr size_t kMaxWarnings = 100;

std::vector<std::string>& warnings() {
  thread_local std::vector<std::string> list;
  return list;
}

void handle_log(const mjLogMessage* message) {
  std::string text = message->subject;
  if (message->body != nullptr && message->level == mjLOG_ERROR) text += std::string(" ") + message->body;
  if (message->level == mjLOG_ERROR) throw PhysicsError("MuJoCo: " + text);
  if (message->level == mjLOG_WARNING && warnings().size() < kMaxWarnings)
    warnings().push_back(std::move(text));
}

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Values of every attribute `name` in an XML text, found by plain search: good enough to know what a model
// reads. MuJoCo's own mju_getXMLDependencies is out of reach: the wheel is built with another C++ standard
// library, so its std::vector<std::string> is not ours.
std::vector<std::string> attribute_values(const std::string& text, const std::string& name) {
  std::vector<std::string> out;
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    if (at == 0 || std::string_view(" \t\r\n").find(text[at - 1]) == std::string_view::npos) continue;
    const size_t equals = text.find_first_not_of(" \t\r\n", at + name.size());
    if (equals == std::string::npos || text[equals] != '=') continue;
    const size_t open = text.find_first_not_of(" \t\r\n", equals + 1);
    if (open == std::string::npos || (text[open] != '"' && text[open] != '\'')) continue;
    const size_t close = text.find(text[open], open + 1);
    if (close != std::string::npos) out.push_back(text.substr(open + 1, close - open - 1));
  }
  return out;
}

void append_sources(const std::filesystem::path& path, std::set<std::filesystem::path>& seen,
                    std::string& out) {
  const std::filesystem::path normal = path.lexically_normal();
  if (!seen.insert(normal).second || seen.size() > 10000) return;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(normal, ignored)) {
    out += normal.filename().string() + "\n";
    return;
  }
  const std::string text = base::read_file(normal);
  out += text;
  if (normal.extension() != ".xml") return;
  std::vector<std::filesystem::path> directories = {normal.parent_path()};
  for (const char* name : {"meshdir", "texturedir", "assetdir"}) {
    for (const std::string& value : attribute_values(text, name))
      directories.push_back(normal.parent_path() / value);
  }
  for (const std::string& value : attribute_values(text, "file")) {
    std::filesystem::path found = directories.front() / value;
    for (const auto& directory : directories) {
      if (std::filesystem::is_regular_file(directory / value, ignored)) found = directory / value;
    }
    append_sources(found, seen, out);
  }
}

}  // namespace

void install_mujoco_handlers() {
  static std::once_flag once;
  std::call_once(once, [] { mju_setLogHandler(handle_log); });
}

std::vector<std::string> take_warnings() { return std::exchange(warnings(), {}); }

SpecPtr parse_mjcf(const std::filesystem::path& path) {
  install_mujoco_handlers();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    base::throw_user_error("{}: no such file", path.string());
  char error[2000] = "";
  try {
    SpecPtr spec(mj_parseXML(path.c_str(), nullptr, error, sizeof error));
    if (spec) return spec;
  } catch (const PhysicsError& caught) {
    base::throw_user_error("{}: {}", path.string(), one_line(caught.what()));
  }
  base::throw_user_error("{}: {}", path.string(), one_line(error));
}

ModelPtr compile_model(mjSpec* spec, const std::filesystem::path& path) {
  install_mujoco_handlers();
  try {
    ModelPtr model(mj_compile(spec, nullptr));
    if (model) return model;
  } catch (const PhysicsError& caught) {
    base::throw_user_error("{}: {}", path.string(), one_line(caught.what()));
  }
  base::throw_user_error("{}: {}", path.string(), one_line(mjs_getError(spec)));
}

ModelPtr load_model(const std::filesystem::path& path) { return compile_model(parse_mjcf(path).get(), path); }

DataPtr make_data(const mjModel* model) {
  install_mujoco_handlers();
  DataPtr data(mj_makeData(model));
  if (!data) throw PhysicsError("MuJoCo: cannot make the simulation state");
  return data;
}

std::string model_sources(const std::filesystem::path& path) {
  std::string out;
  std::set<std::filesystem::path> seen;
  append_sources(path, seen, out);
  return out;
}

std::string object_name(const mjModel* model, int type, int id) {
  const char* name = mj_id2name(model, type, id);
  return name == nullptr ? "" : name;
}

std::vector<std::string> object_names(const mjModel* model, int type) {
  const int count = object_count(model, type);
  std::vector<std::string> out;
  out.reserve(count);
  for (int i = 0; i < count; ++i) out.push_back(object_name(model, type, i));
  return out;
}

int object_count(const mjModel* model, int type) {
  switch (type) {
    case mjOBJ_BODY:
      return static_cast<int>(model->nbody);
    case mjOBJ_JOINT:
      return static_cast<int>(model->njnt);
    case mjOBJ_GEOM:
      return static_cast<int>(model->ngeom);
    case mjOBJ_SITE:
      return static_cast<int>(model->nsite);
    case mjOBJ_TENDON:
      return static_cast<int>(model->ntendon);
    case mjOBJ_ACTUATOR:
      return static_cast<int>(model->nu);
    case mjOBJ_SENSOR:
      return static_cast<int>(model->nsensor);
    case mjOBJ_KEY:
      return static_cast<int>(model->nkey);
    case mjOBJ_CAMERA:
      return static_cast<int>(model->ncam);
    default:
      return 0;
  }
}

const char* object_type_name(int type) { return mju_type2Str(type); }

}  // namespace reverie::sim
