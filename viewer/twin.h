// Twin: physics and dream side by side on the same actions.
// It has no window: the panels draw what it records.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "contract/driver.h"
#include "contract/episode.h"
#include "contract/policy.h"
#include "contract/world.h"

namespace reverie::viewer {

// Everything that a twin runs on. Both worlds hold one rollout. A twin's step is one step of the dream: as many
// control steps of physics under the same action; without a dream it is one control step.
struct TwinParts {
  contract::EnvSpec spec;
  std::unique_ptr<contract::World> physics;  // one control step a step()
  std::unique_ptr<contract::World> dream;    // null: physics only
  // Acts by what physics shows.
  std::unique_ptr<contract::Policy> policy;
  // Acts by what the dream shows; null: the dream cannot drive.
  std::unique_ptr<contract::Policy> dream_policy;
  uint64_t seed = 0;  // policies draw by {seed, episode, step}
  // The start of episode `index`: an Episode whose row 0 (observation, physics, task state) is filled.
  std::function<contract::Episode(uint64_t index)> start;
  // [O]: units of the observation error, see evaluation::observation_error(). A twin with a dream needs one
  // entry that varies.
  std::vector<double> scale;
};

// The world in which actions are chosen; both worlds take them.
enum class Driver { kPhysics, kDream };

// One row a step (row 0: the start), in step order.
struct TwinHistory {
  std::vector<double> time;            // seconds since reset
  std::vector<double> physics_return;  // cumulative reward of the simulator
  std::vector<double> dream_return;    // cumulative imagined reward
  std::vector<double> error;  // observation_error() in units of TwinParts::scale; infinite when not finite
  std::vector<double> uncertainty;   // the model's own, >= 0
  std::vector<float> actions;        // [rows - 1, A]
  std::vector<double> anchor_times;  // seconds at which the dream was put back on the simulator's state
};

// How long the dream has held since it was last anchored.
struct ValidClock {
  double seconds = 0.0;          // until the error first passed kValidError, or until now
  bool held = true;              // the error has not passed it yet
  std::vector<double> finished;  // seconds of the anchors before this one, this episode
};

class Twin {
 public:
  // Starts episode 0. Throws std::invalid_argument when the parts do not fit together.
  explicit Twin(TwinParts parts);
  ~Twin();

  void reset(uint64_t index);  // start episode `index`; clears the history
  void step();                 // one step of both worlds; nothing when done()
  void anchor();               // put the dream on the simulator's present, as if it had begun there
  bool done() const;           // the episode's time limit is reached

  int anchor_every = 0;  // control steps between anchors, rounded up to whole steps; 0: never
  Driver driver = Driver::kPhysics;

  bool has_dream() const { return parts_.dream != nullptr; }
  bool dream_can_drive() const { return has_dream() && parts_.dream_policy != nullptr; }
  const contract::EnvSpec& spec() const { return parts_.spec; }
  const contract::World& physics() const { return *parts_.physics; }
  const contract::World& dream() const { return *parts_.dream; }
  // What the simulator has done since reset, a row a control step, until it ends: any of its rows is an exact
  // start point for either world. Signals and reward terms are not recorded.
  const contract::Episode& recording() const { return recording_; }
  // Another number whenever history() is another one instead of a longer one; never 0.
  uint64_t generation() const { return generation_; }
  uint64_t episode() const { return episode_; }  // the index given to reset()
  int64_t steps() const { return steps_; }       // since reset
  int control_steps() const;                     // control steps a step
  double step_seconds() const;                   // simulated seconds a step
  int64_t episode_steps() const;                 // steps until the time limit
  const TwinHistory& history() const { return history_; }
  const ValidClock& clock() const { return clock_; }

 private:
  void step_physics(std::span<const float> action);  // one step of the twin; sums physics_reward_
  void record(double physics_reward, double dream_reward);

  class Row;  // both worlds as the one row that policies act in

  TwinParts parts_;
  contract::Episode recording_;
  uint64_t episode_ = 0, generation_ = 0;
  std::unique_ptr<Row> row_;
  std::unique_ptr<contract::Driver> loop_;
  float physics_reward_ = 0.0f;  // of the last step
  int64_t steps_ = 0;
  int64_t anchored_at_ = 0;  // step of the last anchor
  TwinHistory history_;
  ValidClock clock_;
};

}  // namespace reverie::viewer
