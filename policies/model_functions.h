// The functions of an agent's world model on plain rows: encode, step, reward, continuation, decode.
// For planners outside the program, which call them one by one. Rows are those of World::latents().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "policies/agent.h"

namespace reverie::policies {

// Throws std::invalid_argument for a span of another length than a comment says. Actions are in the environment's range.
class ModelFunctions {
 public:
  explicit ModelFunctions(std::shared_ptr<Agent> agent);

  int64_t latent_width() const;  // Z + M
  int64_t known_width() const;   // O + F (contract::row_width)

  // Observations [N, O], and states [N, F] (contract::state_to_features) for a model that reads them, empty else
  // -> [N, Z+M]. Throws UserError when such a model is given none.
  std::vector<float> encode(std::span<const float> observations, std::span<const float> states) const;
  // latents [N, Z+M] under actions [N, A] -> the next ones [N, Z+M], and the spread of the prediction into
  // `uncertainty` [N]; empty: not wanted.
  std::vector<float> step(std::span<const float> latents, std::span<const float> actions,
                          std::span<float> uncertainty) const;
  // Of one decision, [N], in the task's units.
  std::vector<float> reward(std::span<const float> latents, std::span<const float> actions) const;
  // Probability that the episode goes on after one decision, [N].
  std::vector<float> continuation(std::span<const float> latents, std::span<const float> actions) const;
  // -> [N, O + F] observations and features of positions and velocities, in physical units.
  std::vector<float> decode(std::span<const float> latents) const;

 private:
  std::shared_ptr<Agent> agent_;
};

}  // namespace reverie::policies
