// Policy: chooses an action for each of N rows from what they show.
// A row is one environment of a batch or one rollout of a world.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace reverie::contract {

// Names the random draws of one row at one decision: they come from Rng(seed, episode, stream, decision).
struct DrawKey {
  uint64_t seed = 0;
  uint64_t episode = 0;
  uint64_t decision = 0;  // within the episode
};

// What N rows show before a decision. The spans belong to the caller and are valid during the call.
struct PolicyInput {
  std::span<const float> observations = {};  // [N, O]
  std::span<const float> latents = {};       // [N, Z] of an imagined world; empty in physics
  std::span<const DrawKey> keys = {};        // [N]
  // [N, F] features of qpos and qvel (state_to_features) for a policy that reads them. Empty for others, in an imagined
  // world, and where nobody knows them, as on a robot.
  std::span<const float> states = {};

  // What row n shows, as an input of one row.
  PolicyInput row(size_t n) const {
    const auto part = [&](std::span<const float> rows) {
      const size_t width = rows.size() / keys.size();
      return rows.subspan(n * width, width);
    };
    return {part(observations), part(latents), keys.subspan(n, 1), part(states)};
  }
};

// A policy owns its state, one part a row. What it does in one row does not depend on the other rows. The
// driver of a policy (contract/driver.h) calls reset() before the first act(), and reset_row() whenever a row
// goes on with another episode. A policy without state overrides neither.
class Policy {
 public:
  virtual ~Policy() = default;

  virtual void reset(int /*rows*/) {}     // N rows follow, and all of them begin an episode
  virtual void reset_row(int /*row*/) {}  // `row` begins another episode, the others go on

  // True when it wants PolicyInput::states. The answer never changes.
  virtual bool reads_states() const { return false; }

  // One decision of every row: actions [N, A] within the environment's action range.
  virtual void act(const PolicyInput& input, std::span<float> actions) = 0;
};

}  // namespace reverie::contract
