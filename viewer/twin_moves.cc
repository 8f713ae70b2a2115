#include <mujoco/mujoco.h>

#include "viewer/twin_parts.h"

namespace reverie::viewer {

void add_moves(TwinParts& parts, const mjModel_* model) {
  parts.move = [model, put = parts.put](const contract::Episode& episode, int64_t step,
                                        std::span<const double> shift) {
    const auto row = episode.physics_state(step);
    std::vector<double> state(row.begin(), row.end());
    mj_integratePos(model, state.data() + contract::EnvSpec::kQposOffset, shift.data(), 1.0);
    return put(episode, step, state);
  };
}

}  // namespace reverie::viewer
