// Ghost forces of a twin's steps: what neither actuators nor recorded pushes nor contacts explain of a motion.
#include <algorithm>
#include <limits>

#include "viewer/twin.h"

namespace reverie::viewer {

TwinParts::Motion Twin::dream_motion() const {
  TwinParts::Motion motion;
  if (!parts_.ghost_force || !has_dream()) return motion;
  const contract::World& dream = *parts_.dream;
  motion.from_positions.assign(dream.positions().begin(), dream.positions().end());
  motion.from_velocities.assign(dream.velocities().begin(), dream.velocities().end());
  return motion;
}

double Twin::dream_ghost(TwinParts::Motion& motion, std::span<const float> action, bool physics_on) const {
  if (motion.from_positions.empty()) return std::numeric_limits<double>::quiet_NaN();
  motion.to_positions = parts_.dream->positions();
  motion.to_velocities = parts_.dream->velocities();
  motion.physics = parts_.physics->physics_states();
  motion.task_state = parts_.physics->task_states();
  if (!physics_on) {
    motion.action = action;
    motion.goes_on = behind() > 0;
  }
  return parts_.ghost_force(motion);
}

double Twin::physics_ghost(int64_t step) const {
  const contract::Episode& recording = now_.recording;
  const int64_t from = (step - 1) * control_steps(),
                to = std::min(step * control_steps(), recording.length());
  if (step < 1 || to <= from || !parts_.ghost_force)
    return step < 1 ? 0 : std::numeric_limits<double>::quiet_NaN();
  const auto floats = [&](int64_t row, int at, int count) {
    const auto state =
        recording.physics_state(row).subspan(static_cast<size_t>(at), static_cast<size_t>(count));
    return std::vector<float>(state.begin(), state.end());
  };
  const contract::EnvSpec& spec = parts_.spec;
  const std::vector<float> positions = floats(to, contract::EnvSpec::kQposOffset, spec.nq);
  const std::vector<float> velocities = floats(to, spec.qvel_offset(), spec.nv);
  TwinParts::Motion motion;
  motion.from_positions = floats(from, contract::EnvSpec::kQposOffset, spec.nq);
  motion.from_velocities = floats(from, spec.qvel_offset(), spec.nv);
  motion.to_positions = positions;
  motion.to_velocities = velocities;
  std::vector<double> state(recording.physics_state(to).begin(), recording.physics_state(to).end());
  if (!now_.forces.empty() && now_.forces.back().step == step - 1)  // the row has it no more
    std::ranges::copy(now_.forces.back().wrench,
                      state.begin() + parts_.forces_at + 6 * now_.forces.back().body);
  motion.physics = state;
  motion.task_state = recording.task_row(to);
  return parts_.ghost_force(motion);
}

}  // namespace reverie::viewer
