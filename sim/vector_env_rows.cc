#include "sim/vector_env_rows.h"

namespace reverie::sim {

VectorEnvRows::VectorEnvRows(VectorEnv& envs, int action_repeat, uint64_t seed, DrawBy draw_by)
    : envs_(&envs),
      action_repeat_(action_repeat),
      seed_(seed),
      draw_by_(draw_by),
      keys_(static_cast<size_t>(envs.size())),
      ended_(keys_.size(), 0) {}

contract::PolicyInput VectorEnvRows::input(bool with_states) {
  for (size_t n = 0; n < keys_.size(); ++n) {
    if (draw_by_ == DrawBy::kRow) {
      keys_[n] = {seed_, n, decisions_};
    } else {
      keys_[n] = {seed_, envs_->episode_indices()[n],
                  static_cast<uint64_t>(envs_->steps()[n] / action_repeat_)};
    }
  }
  if (with_states) {
    const auto width = static_cast<size_t>(envs_->spec().physics_dim);
    physics_.resize(keys_.size() * width);
    for (size_t n = 0; n < keys_.size(); ++n)
      envs_->copy_physics_state(static_cast<int>(n), std::span(physics_).subspan(n * width, width));
    contract::physics_to_features(envs_->spec(), physics_, states_);
  }
  return {.observations = envs_->observations(),
          .latents = {},
          .keys = keys_,
          .states = with_states ? std::span<const float>(states_) : std::span<const float>()};
}

void VectorEnvRows::step(std::span<const float> actions) {
  envs_->step(actions, action_repeat_);
  ++decisions_;
  for (size_t n = 0; n < ended_.size(); ++n)
    ended_[n] = envs_->terminated()[n] | envs_->truncated()[n] | envs_->diverged()[n];
}

}  // namespace reverie::sim
