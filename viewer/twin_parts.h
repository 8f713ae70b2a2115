// TwinParts: the worlds, policies and measures that a twin runs on.
// A twin knows neither tasks nor models: whoever opens something gives it these.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "contract/policy.h"
#include "contract/world.h"
#include "viewer/fan.h"
#include "viewer/timeline.h"

struct mjModel_;

namespace reverie::viewer {

// Who acts: by what physics shows, and by what the dream shows; null: the dream cannot drive.
struct PolicyPair {
  std::unique_ptr<contract::Policy> policy, dream_policy;
};

// What makes the futures of a fan: FanParts::dream and FanParts::policy.
struct FanDream {
  std::function<std::unique_ptr<contract::World>()> dream;
  std::unique_ptr<contract::Policy> policy;
};

// Everything that a twin runs on. Both worlds hold one rollout. A twin's step is one step of the dream: as many
// control steps of physics under the same action; without a dream it is one control step.
struct TwinParts {
  contract::EnvSpec spec;
  std::unique_ptr<contract::World> physics;  // one control step a step()
  std::unique_ptr<contract::World> dream;    // null: physics only
  // Dreams beside the first one, of as many control steps a step: they take the same actions and nobody acts by them.
  std::vector<std::unique_ptr<contract::World>> others = {};
  // Acts by what physics shows.
  std::unique_ptr<contract::Policy> policy;
  // Acts by what the dream shows; null: the dream cannot drive.
  std::unique_ptr<contract::Policy> dream_policy;
  uint64_t seed = 0;  // policies draw by {seed, episode, step}
  // The start of episode `index`: an Episode whose row 0 (observation, physics, task state) is filled. One with more
  // rows is a recording: the twin's episode ends where it does.
  std::function<contract::Episode(uint64_t index)> start;
  // [O]: units of the observation error, see evaluation::observation_error(). A twin with a dream needs one
  // entry that varies.
  std::vector<double> scale;
  // Judges the positions [nq] that a world shows; null: nobody does.
  std::function<evaluation::Pose(std::span<const float> positions)> read_pose = {};
  FanParts fan = {};
  // A stored state [P] with task state [S] at a control step of an episode, its joints moved by `shift` [nv]: the state [P]
  // and what is observed in it [O]. Null: nobody moves a robot.
  struct Moved {
    std::vector<double> physics;
    std::vector<float> observation;
  };
  std::function<Moved(const contract::Episode& episode, int64_t control_step, std::span<const double> shift)>
      move = {};
  // The same with `state` [P] in place of the stored one.
  std::function<Moved(const contract::Episode& episode, int64_t control_step, std::span<const double> state)>
      put = {};
  // Physics under a changed model, to be restored from a snapshot; null: physics cannot be changed.
  std::function<std::unique_ptr<contract::World>(const PhysicsChanges& changes)> change = {};
  // The state [P] at a control step, the robot's centre of mass given `speed` m/s along x by an impulse.
  std::function<std::vector<double>(const contract::Episode& episode, int64_t control_step, double speed)>
      push = {};
  int bodies = 0;         // of the model, which forces can act on; 0: nobody pulls
  int64_t forces_at = 0;  // forces_in_state()
  // What a world showed at both ends of a step.
  struct Motion {
    std::vector<float> from_positions, from_velocities;  // [nq], [nv]
    std::span<const float> to_positions, to_velocities;  // the same
    std::span<const double> physics, task_state;         // [P], [S] of physics after the step
    // [A] where physics did not take the step, so that `physics` is an earlier state without its controls; else empty.
    std::span<const float> action = {};
    bool goes_on = false;  // nor did it take the step before
  };
  // Ghost force of a step, weights; null: nobody measures it.
  std::function<double(const Motion& motion)> ghost_force = {};
};

// TwinParts::move, which puts what it moved by TwinParts::put. The model must outlive it.
void add_moves(TwinParts& parts, const mjModel_* model);

}  // namespace reverie::viewer
