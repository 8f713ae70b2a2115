// Twin: physics and dream side by side on the same actions.
// It has no window: the panels draw what it records.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "contract/driver.h"
#include "contract/policy.h"
#include "contract/world.h"
#include "viewer/companion.h"
#include "viewer/fan.h"
#include "viewer/timeline.h"
#include "viewer/twin_parts.h"

namespace reverie::viewer {

// The world in which actions are chosen; both worlds take them.
enum class Driver { kPhysics, kDream };

// What the user has to do with the actions, and whether physics runs.
struct Steering {
  bool driven = false;      // `push` is added to the actions
  bool policy_acts = true;  // while driven: the push is added to the policy's action instead of to 0
  bool physics_on = true;   // false: the dream steps alone
  std::vector<float> push;  // [A]; empty: none

  bool operator==(const Steering&) const = default;
};

class Twin {
 public:
  // Starts episode 0. Throws std::invalid_argument when the parts do not fit together.
  explicit Twin(TwinParts parts);
  ~Twin();

  void reset(uint64_t index);  // start episode `index`; clears the history
  void step();                 // one step of both worlds, or of the dream alone; nothing when done()
  // Let physics do up to `most` of the steps that it is behind, under the actions of the dream. step() with physics on
  // and anchor() do so before anything else.
  void simulate(int64_t most);
  int64_t behind() const;  // steps that the dream took while physics was off, and physics has not yet
  void anchor();           // put the dream on the simulator's present, as if it had begun there
  // Futures of the present, until the next step. Nothing where the parts make no fans.
  void show_fan(const FanOptions& options);
  void hide_fan() { fan_ = nullptr; }
  void act_by(PolicyPair acting);  // from the next step on, as if its episode had begun there
  // Another dream of the same task, anchored on the simulator's present, and that of its fans. Branches stay: where only
  // the dream before it has been, the new one is anchored when a fork or a walk leads there. Throws
  // std::invalid_argument when there was none, or when its steps are of another length.
  void dream_by(std::unique_ptr<contract::World> dream, FanDream fan = {});

  // Forks. The history of an episode is a tree of branches. Worlds are put where they were after any step, exactly: from
  // a snapshot and the actions that followed it. Policies begin anew there. Physics catches up first.
  void fork(int64_t step, const ForkEdit& edit);  // of the present branch; the new one becomes present
  void walk_to(int branch);                       // to the end of another branch
  // Go on under `actions` [n, A] instead of a policy's, with anchors and events after these steps and forces in them.
  void follow(std::span<const float> actions, std::span<const int64_t> anchors,
              std::span<const PhysicsEvent> events = {}, std::span<const BodyForce> forces = {});
  void start_from(const contract::Episode& start,
                  uint64_t episode);      // row 0 of `start` begins it; clears the history
  int branch() const { return branch_; }  // the present one
  const std::vector<Branch>& branches() const { return branches_; }
  const Timeline& timeline(int branch) const;

  // Events: physics is another one from the present on, and the dream is not told. Nothing where the parts cannot.
  void change(const PhysicsChanges& changes);
  void push(double speed);         // m/s along x, of the robot's centre of mass
  PhysicsChanges changes() const;  // in force
  bool can_change() const { return parts_.change != nullptr; }
  const std::vector<PhysicsEvent>& events() const { return now_.events; }  // of the present branch
  int bodies() const { return parts_.bodies; }                             // that can be pulled; 0: none can
  const std::vector<BodyForce>& forces() const { return now_.forces; }     // of the present branch

  // Show the states after an earlier step, -1: the present. A step ends the look back.
  void look_at(int64_t step);
  int64_t looked_at() const { return looked_at_; }
  std::span<const float> shown_physics_positions() const { return shown_physics_; }  // [nq]
  const std::shared_ptr<const Fan>& fan() const { return fan_; }                     // null: none is shown
  // The episode's time limit is reached. A step that is driven or without physics lifts the limit.
  bool done() const;

  Steering steering;
  Pull pull;  // acts on physics, and the dream is not told; nothing while physics is off
  std::function<void()> before_restart;  // called before another episode clears the history; null: nobody is
  std::string notice;                    // for the user: what became of a file of branches
  int anchor_every = 0;                  // control steps between anchors, rounded up to whole steps; 0: never
  Driver driver = Driver::kPhysics;

  bool has_dream() const { return parts_.dream != nullptr; }
  bool dream_can_drive() const { return has_dream() && parts_.dream_policy != nullptr; }
  const contract::EnvSpec& spec() const { return parts_.spec; }
  const contract::World& physics() const { return *parts_.physics; }
  const contract::World& dream() const { return *parts_.dream; }
  // Positions and velocities of the dream: at the step looked at, at the moment that physics shows, or its present while
  // physics is off.
  std::span<const float> dream_positions() const;
  std::span<const float> dream_velocities() const;
  // Of the dreams beside the first one: how many, what they showed, and [nq] as dream_positions().
  size_t others() const { return parts_.others.size(); }
  const DreamTrack& other(size_t i) const { return now_.others[i]; }
  std::span<const float> other_positions(size_t i) const;
  const contract::Episode& recording() const { return now_.recording; }
  // The first control step after which physics is not where the recording was; -1: nowhere so far. Bit by bit.
  int64_t first_difference() const { return first_difference_; }
  const contract::Episode& start() const {
    return start_;
  }  // what this episode began with, and its recording
  // Another number whenever history() is another one instead of a longer one; never 0.
  uint64_t generation() const { return generation_; }
  uint64_t episode() const { return episode_; }  // the index given to reset()
  int64_t steps() const { return now_.steps; }   // since reset
  int control_steps() const;                     // control steps a step
  double step_seconds() const;                   // simulated seconds a step
  int64_t episode_steps() const;  // steps until the time limit or the recording's end; 0: without end
  const TwinHistory& history() const { return now_.history; }
  const ValidClock& clock() const { return now_.clock; }
  // Of the states since reset, the start left out.
  const evaluation::Admissibility& dream_admissibility() const { return now_.dream_admissibility; }
  const evaluation::Admissibility& physics_admissibility() const { return now_.physics_admissibility; }
  const evaluation::Pose& dream_pose() const { return dream_pose_; }  // of its present

 private:
  void step_physics(std::span<const float> action);  // one step of the twin; sums physics_reward_
  void compare_with_start(int64_t from);             // rows of the recording
  void record_dream(double reward, double ghost_force);
  void record_physics(double reward, std::span<const float> dream_observation);  // of one moment

  class Row;     // both worlds as the one row that policies act in
  class Acting;  // the policy and the user's push

  void put_physics_under(const PhysicsChanges& changes);
  void put_worlds();  // where the present branch ends
  void anchor_here();
  void move(const ForkEdit& edit);
  bool begin_pull();  // whether a force acts in the step that follows
  void end_pull();
  void put_force(int body, const Wrench& wrench);
  TwinParts::Motion dream_motion() const;  // that begins now
  double dream_ghost(TwinParts::Motion& motion, std::span<const float> action, bool physics_on) const;
  double physics_ghost(int64_t step) const;  // of the step that led there
  void begin_policies();
  bool shows_earlier() const;  // the dream is drawn as it was after an earlier step than its last
  // The same things are done to the dreams beside the first one (twin_others.cc).
  void begin_others(const contract::StartPoint& point);
  void step_others(std::span<const float> action);
  void record_others();
  void compare_others();
  void anchor_others(const contract::StartPoint& point);
  void put_others();
  void move_others();
  std::span<const float> dream_row(const std::vector<float>& rows, int width) const;

  TwinParts parts_;
  contract::Episode start_;
  int64_t first_difference_ = -1;
  uint64_t episode_ = 0, generation_ = 0;
  Timeline now_;                  // the present branch
  std::vector<Branch> branches_;  // the timeline of the present one is now_
  int branch_ = 0;
  PhysicsChanges in_force_;  // in parts_.physics
  std::unique_ptr<Row> row_;
  std::unique_ptr<Acting> acting_;
  std::unique_ptr<contract::Driver> loop_;
  float physics_reward_ = 0.0f;  // of the last step
  std::vector<float> forced_;    // [A] action of the next step; empty: the policy's
  int64_t looked_at_ = -1;
  std::vector<float> shown_physics_;
  std::shared_ptr<const Fan> fan_;
  evaluation::Pose dream_pose_;
  Companion companion_;  // steps physics while the dream steps
};

}  // namespace reverie::viewer
