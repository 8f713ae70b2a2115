// The environments of a VectorEnv as rows that a policy can act in.
#pragma once

#include <vector>

#include "contract/driver.h"
#include "sim/vector_env.h"

namespace reverie::sim {

// What a policy draws by in row n.
enum class DrawBy {
  kEpisode,  // {seed, index of the running episode, decisions of this episode so far}
  kRow,      // {seed, n, decisions made through these rows}, whatever episode runs
};

class VectorEnvRows : public contract::Rows {
 public:
  // Takes `envs` as they are, after their reset() or resume(); they must outlive the rows. One decision is
  // repeated for `action_repeat` control steps. An episode also ends when its physics diverges.
  VectorEnvRows(VectorEnv& envs, int action_repeat, uint64_t seed, DrawBy draw_by);

  int size() const override { return envs_->size(); }
  int action_dim() const override { return envs_->spec().action_dim; }
  contract::PolicyInput input(bool with_states) override;
  void step(std::span<const float> actions) override;
  std::span<const uint8_t> ended() const override { return ended_; }

 private:
  VectorEnv* envs_;
  int action_repeat_;
  uint64_t seed_;
  DrawBy draw_by_;
  uint64_t decisions_ = 0;  // made through these rows
  std::vector<contract::DrawKey> keys_;
  std::vector<uint8_t> ended_;
  std::vector<double> physics_;  // [N, P]
  std::vector<float> states_;    // [N, F]
};

}  // namespace reverie::sim
