// World: what evaluation and viewer are written against. A batch of N rollouts is reset to stored start
// points and stepped with actions; whether physics or a learned model answers makes no difference to the
// caller.
#pragma once

#include <cstdint>
#include <span>

#include "contract/episode.h"

namespace reverie::contract {

// Start point: row `step` of `episode` (0..T). The episode must outlive the reset call only.
struct StartPoint {
  const Episode* episode = nullptr;
  int64_t step = 0;
};

class World {
 public:
  virtual ~World() = default;

  // Control steps that one step() advances: 1 for plain physics, the action repeat for a world that thinks in
  // decisions.
  virtual int control_steps() const = 0;
  virtual int batch_size() const = 0;  // N of the last reset

  // Put N = starts.size() rollouts at the start points. A simulated world restores the stored physics state
  // and reports the *stored* observation; an imagined world encodes the stored observation.
  virtual void reset(std::span<const StartPoint> starts) = 0;

  // Advance all N rollouts. `actions` [N, A], row-major, within the action range.
  virtual void step(std::span<const float> actions) = 0;

  // Results of the last reset or step; valid until the next call. Rewards are summed over control_steps().
  virtual std::span<const float> observations() const = 0;  // [N, O]
  virtual std::span<const float> rewards() const = 0;       // [N], 0 after reset
  virtual std::span<const float> continuation()
      const = 0;  // [N], probability that the episode goes on (1 after reset)
  virtual std::span<const float> uncertainty() const = 0;  // [N], >= 0; 0 for physics
  virtual std::span<const float> positions() const = 0;  // [N, nq] qpos (decoded by the probe in imagination)
  virtual std::span<const float> velocities() const = 0;  // [N, nv] qvel
  virtual std::span<const float> latents() const = 0;     // [N, Z]; empty for physics
};

}  // namespace reverie::contract
