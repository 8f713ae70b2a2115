#include "contract/world_rows.h"

namespace reverie::contract {

WorldRows::WorldRows(World& world, int action_dim, const DrawKey& first)
    : world_(&world), action_dim_(action_dim) {
  for (int n = 0; n < world.batch_size(); ++n)
    keys_.push_back({first.seed, first.episode + static_cast<uint64_t>(n), first.decision});
}

WorldRows::WorldRows(World& world, const EnvSpec& spec, const DrawKey& first)
    : WorldRows(world, spec.action_dim, first) {
  spec_ = &spec;
}

PolicyInput WorldRows::input(bool with_states) {
  if (with_states && spec_ != nullptr) physics_to_features(*spec_, world_->physics_states(), states_);
  return {world_->observations(), world_->latents(), keys_,
          with_states ? std::span<const float>(states_) : std::span<const float>()};
}

void WorldRows::step(std::span<const float> actions) {
  world_->step(actions);
  for (DrawKey& key : keys_) ++key.decision;
}

}  // namespace reverie::contract
