// World: N rollouts that are put on stored start points and stepped with actions.
// Evaluation and viewer are written against it, so physics and a learned model serve them alike.
#pragma once

#include <cstdint>
#include <span>

#include "contract/episode.h"
#include "contract/snapshot.h"

namespace reverie::contract {

// Start point: row `step` of `episode` (0..T). The episode must outlive the reset call only.
struct StartPoint {
  const Episode* episode = nullptr;
  int64_t step = 0;
};

class World {
 public:
  virtual ~World() = default;

  // Control steps that one step() advances: 1 for plain physics, the action repeat for a world
  // that thinks in decisions.
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
  // [N], probability that the episode goes on; 1 after reset.
  virtual std::span<const float> continuation() const = 0;
  virtual std::span<const float> uncertainty() const = 0;  // [N], >= 0; 0 for physics
  // [N, nq] qpos; in imagination the probe decodes it.
  virtual std::span<const float> positions() const = 0;
  virtual std::span<const float> velocities() const = 0;  // [N, nv] qvel
  virtual std::span<const float> latents() const = 0;     // [N, Z]; empty for physics

  // The full present of physics as an Episode stores it; empty in imagination.
  virtual std::span<const double> physics_states() const = 0;  // [N, P] mjSTATE_INTEGRATION
  virtual std::span<const double> task_states() const = 0;     // [N, S]

  // All that is needed to go on from the present, the results of the last step included.
  virtual Snapshot snapshot() const = 0;
  // Go on from `snapshot`: batch_size() becomes that of the snapshot, results are those of its moment, and the
  // same actions lead to the same bits as in the world that made it. That holds in this world and in another
  // of the same kind, task, options, weights and, in imagination, batch size (pick_rows makes one as large).
  // Throws std::logic_error naming both kinds or sizes when the snapshot is of another kind of world.
  virtual void restore(const Snapshot& snapshot) = 0;
};

}  // namespace reverie::contract
