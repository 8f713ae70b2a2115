// Loads MJCF into MuJoCo, with errors instead of aborts.
// The engine's own text reaches the user.
#pragma once

#include <mujoco/mujoco.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/model_files.h"

namespace reverie::sim {

struct ModelDeleter {
  void operator()(mjModel* model) const { mj_deleteModel(model); }
};
struct DataDeleter {
  void operator()(mjData* data) const { mj_deleteData(data); }
};
struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
using ModelPtr = std::unique_ptr<mjModel, ModelDeleter>;
using DataPtr = std::unique_ptr<mjData, DataDeleter>;
using SpecPtr = std::unique_ptr<mjSpec, SpecDeleter>;

// MuJoCo's own fatal error (mju_error), e.g. an exhausted arena: thrown through the
// engine instead of an abort.
class PhysicsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Route MuJoCo's errors to PhysicsError and its warnings to take_warnings(); no console output, no log file.
// Called by everything here; idempotent and thread-safe.
void install_mujoco_handlers();

// Warnings that MuJoCo gave on this thread since the last call, at most 100.
std::vector<std::string> take_warnings();

// Parse an MJCF or URDF file, or a zip archive with one; loads the engine's plugins first. Throws UserError
// "<path>: <MuJoCo's text>".
SpecPtr parse_mjcf(const std::filesystem::path& path, const ModelFiles& files);

// Compile, with the `files` that the model was parsed with; throws UserError "<path>: <MuJoCo's text>".
ModelPtr compile_model(mjSpec* spec, const std::filesystem::path& path, const ModelFiles& files);

// parse_mjcf + compile_model.
ModelPtr load_model(const std::filesystem::path& path);

// mj_makeData; throws PhysicsError when the engine refuses.
DataPtr make_data(const mjModel* model);

// Name of object `id`, "" when it has none; type is an mjtObj.
std::string object_name(const mjModel* model, int type, int id);
// All names of one type in model order ("" for nameless objects).
std::vector<std::string> object_names(const mjModel* model, int type);
int object_count(const mjModel* model, int type);
const char* object_type_name(int type);  // "body", "joint", ...

}  // namespace reverie::sim
