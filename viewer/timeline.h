// Timeline: what one branch of a twin's history has seen and done, and where its worlds can be put again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "contract/episode.h"
#include "contract/snapshot.h"
#include "evaluation/admissibility.h"
#include "viewer/physics_changes.h"
#include "viewer/pull.h"

namespace reverie::viewer {

// One row a step (row 0: the start), in step order. While physics is off its curves are shorter than the others:
// they end where physics does.
struct TwinHistory {
  std::vector<double> time;            // seconds since reset
  std::vector<double> physics_return;  // cumulative reward of the simulator
  std::vector<double> dream_return;    // cumulative imagined reward
  std::vector<double> error;  // observation_error() in units of TwinParts::scale; infinite when not finite
  std::vector<double> uncertainty;  // the model's own, >= 0
  // Of the step that led to the row, weights (evaluation::PhysicsReader); not a number where nobody measures it.
  std::vector<double> ghost_force, physics_ghost_force;
  std::vector<float> actions;        // [rows - 1, A]
  std::vector<double> anchor_times;  // seconds at which the dream was put back on the simulator's state
};

// Median over the last 1000 steps of a curve of ghost forces, as the evaluation takes it of a rollout: the mean would tell
// of a few impacts. NaN before the first step.
double median_ghost_force(const std::vector<double>& curve);

// How long the dream has held since it was last anchored.
struct ValidClock {
  double seconds = 0.0;          // until the error first passed kValidError, or until now
  bool held = true;              // the error has not passed it yet
  std::vector<double> finished;  // seconds of the anchors before this one, this episode

  void take(double error, double since_anchor);  // of a step, so many seconds after the anchor
  void begin_anew();                             // an anchor
};

// When a dream reacted to an event that it was not told of, in seconds after it; not a number: it has not.
struct Reaction {
  double drifted = std::numeric_limits<double>::quiet_NaN();  // the error passed kValidError
  double noticed =
      std::numeric_limits<double>::quiet_NaN();  // its uncertainty passed the highest before the event
};
Reaction reaction_to(const PhysicsEvent& event, const TwinHistory& history, double step_seconds);

// A world as it was after a step.
struct Keyframe {
  int64_t step = 0;
  contract::Snapshot snapshot;
};

inline constexpr int64_t kKeyframeEvery = 50;  // steps

// A dream beside the first one: what it showed after each step. Errors end where physics does.
struct DreamTrack {
  std::vector<double> returns, error;  // as TwinHistory
  ValidClock clock;
  std::vector<float> observations, positions, velocities;  // [steps + 1, O], [steps + 1, nq], [steps + 1, nv]
  std::vector<Keyframe> keys;                              // ascending; the last one of a step counts
};

struct Timeline {
  int64_t steps = 0;
  // What the simulator has done since reset, a row a control step, until it ends: any of its rows is an exact
  // start point for either world. Signals and reward terms are not recorded.
  contract::Episode recording;
  TwinHistory history;
  ValidClock clock;
  // What the dream showed after each step, [steps + 1, O], [steps + 1, nq] and [steps + 1, nv].
  std::vector<float> dream_observations, dream_positions, dream_velocities;
  std::vector<PhysicsEvent> events;                // ascending
  std::vector<BodyForce> forces;                   // ascending, at most one a step
  std::vector<int64_t> anchors;                    // steps after which the dream was anchored
  std::vector<Keyframe> physics_keys, dream_keys;  // ascending; the last one of a step counts
  std::vector<DreamTrack> others;                  // as TwinParts::others
  bool free = false;                               // no time limit
  // Of the states since reset, the start left out.
  evaluation::Admissibility dream_admissibility, physics_admissibility;

  int64_t anchored_at() const { return anchors.empty() ? 0 : anchors.back(); }
};

// The first `step` steps of a timeline in which physics is not behind. Counts of states stay those of the whole.
Timeline cut_timeline(const Timeline& whole, int64_t step, int control_steps, double step_seconds);

// What is done at the beginning of a branch.
struct ForkEdit {
  std::vector<float> action = {};  // [A] of the first step; empty: the policy's
  std::vector<double> shift = {};  // [nv] how far each joint is moved, tangent space; empty: none
  std::vector<double> state = {};  // [P] state of physics that is put; empty: none

  bool moves() const { return !shift.empty() || !state.empty(); }
};

struct Branch {
  int parent = -1;        // its number; -1: the first branch
  int64_t from_step = 0;  // of the parent
  ForkEdit edit = {};
  size_t inherited_events = 0,
         inherited_anchors = 0;  // of its timeline, with the anchor of a robot that was moved
  Timeline timeline = {};        // of a branch that is not the present one
};

}  // namespace reverie::viewer
