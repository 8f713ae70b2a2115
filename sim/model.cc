#include "sim/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "sim/model_format.h"
#include "sim/plugins.h"

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

// What to do about an engine's error, where its own words do not say.
std::string advice(const std::string& text) {
  if (text.find("package://") != std::string::npos || text.find("file://") != std::string::npos) {
    return "; the engine does not resolve such paths: put <mujoco><compiler strippath=\"true\" "
           "meshdir=\"...\"/></mujoco> inside <robot>";
  }
  const size_t name = text.find("plugin ");
  const size_t end = text.find(" not found");
  if (name == std::string::npos || end == std::string::npos || end < name) return "";
  return fmt::format("; the engine's own plugins are {}, and no others are loaded",
                     fmt::join(plugin_names(), ", "));
}

// MJCF may leave parts to callbacks of the program that loads it; this one has none.
void warn_of_callbacks(const mjModel* m) {
  std::vector<std::string> sensors, actuators;
  for (int i = 0; i < m->nsensor; ++i)
    if (m->sensor_type[i] == mjSENS_USER)
      sensors.push_back(fmt::format("'{}'", object_name(m, mjOBJ_SENSOR, i)));
  for (int i = 0; i < m->nactuator; ++i) {
    const bool user = m->actuator_dyntype[i] == mjDYN_USER || m->actuator_gaintype[i] == mjGAIN_USER ||
                      m->actuator_biastype[i] == mjBIAS_USER;
    if (user && m->actuator_plugin[i] < 0)
      actuators.push_back(fmt::format("'{}'", object_name(m, mjOBJ_ACTUATOR, i)));
  }
  if (!sensors.empty()) {
    warnings().push_back(fmt::format("user sensors need a program of their own and are always 0 here: {}",
                                     fmt::join(sensors, ", ")));
  }
  if (!actuators.empty()) {
    warnings().push_back(fmt::format(
        "user actuators need a program of their own; here their activation stays, gain is 1 and bias 0: {}",
        fmt::join(actuators, ", ")));
  }
}

[[noreturn]] void refuse(const std::filesystem::path& path, const ModelFiles& files,
                         const std::string& text) {
  const std::string line = one_line(text);
  base::throw_user_error("{}: {}{}{}", path.string(), line, advice(line), files.refused());
}

}  // namespace

void install_mujoco_handlers() {
  static std::once_flag once;
  std::call_once(once, [] { mju_setLogHandler(handle_log); });
}

std::vector<std::string> take_warnings() { return std::exchange(warnings(), {}); }

SpecPtr parse_mjcf(const std::filesystem::path& path, const ModelFiles& files) {
  install_mujoco_handlers();
  load_plugins();
  const ModelFormat format = model_format(path);
  const std::string absolute = std::filesystem::absolute(path).string();
  char error[2000] = "";
  try {
    if (format == ModelFormat::kXml) {
      SpecPtr spec(mj_parseXML(absolute.c_str(), files.vfs(), error, sizeof error));
      if (spec) return spec;
    } else {
      SpecPtr spec(mj_parse(absolute.c_str(), nullptr, files.vfs(), error, sizeof error));
      if (spec) return spec;
      refuse(path, files,
             fmt::format("the engine does not open this archive ({}): unpack it first",
                         one_line(fmt::format("{} {}", error, fmt::join(take_warnings(), " ")))));
    }
  } catch (const PhysicsError& caught) {
    refuse(path, files, caught.what());
  }
  refuse(path, files, error);
}

ModelPtr compile_model(mjSpec* spec, const std::filesystem::path& path, const ModelFiles& files) {
  install_mujoco_handlers();
  try {
    ModelPtr model(mj_compile(spec, files.vfs()));
    if (model) {
      warn_of_callbacks(model.get());
      return model;
    }
  } catch (const PhysicsError& caught) {
    refuse(path, files, caught.what());
  }
  refuse(path, files, mjs_getError(spec));
}

ModelPtr load_model(const std::filesystem::path& path) {
  const ModelFiles files(path);
  const SpecPtr spec = parse_mjcf(path, files);
  return compile_model(spec.get(), path, files);
}

DataPtr make_data(const mjModel* model) {
  install_mujoco_handlers();
  DataPtr data(mj_makeData(model));
  if (!data) throw PhysicsError("MuJoCo: cannot make the simulation state");
  return data;
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
      return static_cast<int>(model->nactuator);
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
