// The rollouts of a world as rows that a policy can act in.
#pragma once

#include <vector>

#include "contract/driver.h"
#include "contract/world.h"

namespace reverie::contract {

class WorldRows : public Rows {
 public:
  // Takes `world` as its last reset left it; the world must outlive the rows and keep its number of rollouts.
  // In decision k, row n draws by {first.seed, first.episode + n, first.decision + k}.
  WorldRows(World& world, int action_dim, const DrawKey& first);

  int size() const override { return world_->batch_size(); }
  int action_dim() const override { return action_dim_; }
  PolicyInput input() override { return {world_->observations(), world_->latents(), keys_}; }
  void step(std::span<const float> actions) override;
  std::span<const uint8_t> ended() const override { return {}; }

 private:
  World* world_;
  int action_dim_;
  std::vector<DrawKey> keys_;
};

}  // namespace reverie::contract
