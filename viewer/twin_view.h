// TwinView: what is drawn of a twin, as it was after one of its steps.
// The thread that steps hands it to the thread that draws, so panels never wait for a step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "viewer/twin.h"

namespace reverie::viewer {

// The state that a world shows.
struct ShownState {
  std::vector<float> positions;   // [nq]
  std::vector<float> velocities;  // [nv]
};

// A branch of the history, as it is listed.
struct BranchView {
  int parent = -1;
  int64_t from_step = 0, steps = 0;
  bool action_edited = false, moved = false;
};

// A dream beside the first one.
struct OtherView {
  std::vector<double> returns, error;  // as DreamTrack
  ValidClock clock;
  ShownState shown;
};

// The recorded episode that is played again.
struct ShownRecording {
  int64_t steps = 0;        // control steps; 0: there is none
  int64_t difference = -1;  // Twin::first_difference()
  double return_sum = 0.0;
  std::string policy;
};

class TwinView {
 public:
  // Becomes what `twin` shows now. A view of an earlier moment of the same history takes only the rows that it lacks.
  void catch_up(const Twin& twin);

  bool has_dream() const { return has_dream_; }
  uint64_t generation() const { return generation_; }  // Twin::generation()
  bool dream_can_drive() const { return dream_can_drive_; }
  const contract::EnvSpec& spec() const { return *spec_; }  // the twin's own, which never changes
  uint64_t episode() const { return episode_; }
  int64_t steps() const { return steps_; }
  int control_steps() const { return control_steps_; }
  double step_seconds() const { return spec_->control_dt * control_steps_; }
  int64_t episode_steps() const { return episode_steps_; }  // as Twin
  bool done() const { return done_; }
  int64_t behind() const { return behind_; }
  int anchor_every() const { return anchor_every_; }
  Driver driver() const { return driver_; }
  const TwinHistory& history() const { return history_; }
  const ValidClock& clock() const { return clock_; }
  const ShownState& physics() const { return physics_; }
  const ShownState& dream() const { return dream_; }  // empty without a dream
  const std::vector<OtherView>& others() const { return others_; }
  const std::vector<BranchView>& branches() const { return branches_; }
  int branch() const { return branch_; }            // the present one
  int64_t looked_at() const { return looked_at_; }  // step whose states are shown; -1: the present
  bool can_change() const { return can_change_; }
  const std::vector<PhysicsEvent>& events() const { return events_; }
  PhysicsChanges changes() const { return events_.empty() ? PhysicsChanges{} : events_.back().changes; }
  bool can_pull() const { return can_pull_; }
  int64_t pulls() const { return pulls_; }  // steps of the branch in which a force acted on a body
  const BodyForce& last_force() const { return force_; }  // of them; body 0: none
  const std::string& notice() const { return notice_; }
  const Fan* fan() const { return fan_.get(); }  // null: none is shown
  const evaluation::Pose& dream_pose() const { return dream_pose_; }
  const evaluation::Admissibility& dream_admissibility() const { return dream_admissibility_; }
  const evaluation::Admissibility& physics_admissibility() const { return physics_admissibility_; }
  const ShownRecording& recording() const { return recording_; }
  const std::vector<double>& physics_state() const { return physics_state_; }  // [P] of physics as shown
  // [rows, O] a row a control step; [rows, O] a row a step, empty without a dream.
  const std::vector<float>& observations() const { return observations_; }
  const std::vector<float>& dream_observations() const { return dream_observations_; }
  const std::vector<double>& start_physics() const { return start_physics_; }  // [P] stored state of row 0

  double steps_per_second = 0.0;  // of the last second of wall clock; 0 in lock step
  double possible_rate = 0.0;     // steps a second, had those so far followed one another without a pause

 private:
  const contract::EnvSpec* spec_ = nullptr;
  bool has_dream_ = false, dream_can_drive_ = false, done_ = false;
  uint64_t generation_ = 0;  // of history_; 0: none yet
  uint64_t episode_ = 0;
  int64_t steps_ = 0, behind_ = 0, episode_steps_ = 0;
  ShownRecording recording_;
  int control_steps_ = 1, anchor_every_ = 0;
  Driver driver_ = Driver::kPhysics;
  TwinHistory history_;
  ValidClock clock_;
  ShownState physics_, dream_;
  std::vector<OtherView> others_;
  std::shared_ptr<const Fan> fan_;
  std::vector<BranchView> branches_;
  int branch_ = 0;
  int64_t looked_at_ = -1;
  std::string notice_;
  bool can_change_ = false, can_pull_ = false;
  int64_t pulls_ = 0;
  BodyForce force_;
  std::vector<PhysicsEvent> events_;
  evaluation::Pose dream_pose_;
  evaluation::Admissibility dream_admissibility_, physics_admissibility_;
  std::vector<double> start_physics_, physics_state_;
  std::vector<float> observations_, dream_observations_;
};

}  // namespace reverie::viewer
