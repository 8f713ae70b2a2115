// Fan: many futures of one present, as the dream imagines them and as physics has them.
// All of them begin in the same state. The policy acts in each by what the dream shows, and noise on its actions
// tells them apart: the first future has none. Physics takes the same actions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "contract/policy.h"
#include "contract/world.h"

namespace reverie::viewer {

struct FanOptions {
  int futures = 12;    // K
  int horizon = 50;    // H, steps of the dream
  double noise = 0.3;  // standard deviation, in halves of an action's range

  bool operator==(const FanOptions&) const = default;
};

// What futures are made with: worlds of their own, so that the twin's stay where they are. They live no longer than
// make_fan(): as many rows as futures take a lot of memory.
struct FanParts {
  std::function<std::unique_ptr<contract::World>()> dream;    // null: there are no fans
  std::function<std::unique_ptr<contract::World>()> physics;  // one control step a step()
  std::unique_ptr<contract::Policy> policy;                   // null: the noise acts alone
  // Where the key bodies of a robot at `positions` [nq] are, [B, 3] metres.
  std::function<std::vector<float>(std::span<const float> positions)> places;
  // Mean distance of the key bodies of two poses, metres: evaluation::PoseError::place.
  std::function<double(std::span<const float> truth, std::span<const float> positions)> distance;
};

struct FanWorld {
  std::vector<float> positions;  // [K, H + 1, nq]
  std::vector<float> places;     // [K, H + 1, B, 3]
  std::vector<double> spread;  // [H + 1] m, mean distance of the futures from the first one; 0 for one future
};

struct Fan {
  int futures = 0, horizon = 0, nq = 0, bodies = 0;  // K, H, nq, B
  int64_t step = 0;                                  // of the twin, at which the futures begin
  FanWorld imagined, simulated;
  std::vector<double> error;        // [H + 1] m, mean distance of an imagined future from the simulated one
  std::vector<double> uncertainty;  // [H + 1] the model's own, mean over the futures

  std::span<const float> pose(const FanWorld& world, int future, int h) const;  // [nq]
};

// Futures of `dream` and `physics`, snapshots of one row each. The noise belongs to `seed`.
Fan make_fan(FanParts& parts, const contract::EnvSpec& spec, const contract::Snapshot& dream,
             const contract::Snapshot& physics, const FanOptions& options, uint64_t seed);

}  // namespace reverie::viewer
