#include "sim/scaled_model.h"

#include <span>
#include <stdexcept>

namespace reverie::sim {
namespace {

void scale_all(mjtNum* values, mjtSize count, double scale) {
  for (mjtNum& value : std::span(values, static_cast<size_t>(count))) value *= scale;
}

}  // namespace

ModelPtr scaled_model(const mjModel* model, const PhysicsScale& scale) {
  install_mujoco_handlers();
  ModelPtr copy(mj_copyModel(nullptr, model));
  if (!copy) throw std::runtime_error("MuJoCo could not copy the model");
  for (mjtNum& g : copy->opt.gravity) g *= scale.gravity;
  if (scale.friction != 1.0) {
    scale_all(copy->geom_friction, 3 * copy->ngeom, scale.friction);
    scale_all(copy->pair_friction, 5 * copy->npair, scale.friction);
  }
  if (scale.mass != 1.0) {
    scale_all(copy->body_mass, copy->nbody, scale.mass);
    scale_all(copy->body_inertia, 3 * copy->nbody, scale.mass);
    // What the engine keeps of masses: those of subtrees, inverse weights.
    const DataPtr data = make_data(copy.get());
    mj_setConst(copy.get(), data.get());
  }
  return copy;
}

}  // namespace reverie::sim
