#include "contract/world_rows.h"

namespace reverie::contract {

WorldRows::WorldRows(World& world, int action_dim, const DrawKey& first)
    : world_(&world), action_dim_(action_dim) {
  for (int n = 0; n < world.batch_size(); ++n)
    keys_.push_back({first.seed, first.episode + static_cast<uint64_t>(n), first.decision});
}

void WorldRows::step(std::span<const float> actions) {
  world_->step(actions);
  for (DrawKey& key : keys_) ++key.decision;
}

}  // namespace reverie::contract
