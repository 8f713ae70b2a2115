// The rollouts of a world as rows that a policy can act in.
#pragma once

#include <vector>

#include "contract/driver.h"
#include "contract/env_spec.h"
#include "contract/world.h"

namespace reverie::contract {

class WorldRows : public Rows {
 public:
  // Takes `world` as its last reset left it; the world must outlive the rows and keep its number of rollouts.
  // In decision k, row n draws by {first.seed, first.episode + n, first.decision + k}.
  WorldRows(World& world, int action_dim, const DrawKey& first);  // never shows states
  // Shows the states of physics to policies that read them. `spec` must outlive the rows.
  WorldRows(World& world, const EnvSpec& spec, const DrawKey& first);

  int size() const override { return world_->batch_size(); }
  int action_dim() const override { return action_dim_; }
  PolicyInput input(bool with_states) override;
  void step(std::span<const float> actions) override;
  std::span<const uint8_t> ended() const override { return {}; }

 private:
  World* world_;
  const EnvSpec* spec_ = nullptr;
  int action_dim_;
  std::vector<DrawKey> keys_;
  std::vector<float> states_;  // [N, F]
};

}  // namespace reverie::contract
