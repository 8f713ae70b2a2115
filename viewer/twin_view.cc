#include "viewer/twin_view.h"

#include <algorithm>

#include <span>

namespace reverie::viewer {

namespace {

template <typename T>
void append_missing(std::vector<T>& mine, const std::vector<T>& all) {
  mine.insert(mine.end(), all.begin() + static_cast<std::ptrdiff_t>(mine.size()), all.end());
}

void append_missing(TwinHistory& mine, const TwinHistory& all) {
  append_missing(mine.time, all.time);
  append_missing(mine.physics_return, all.physics_return);
  append_missing(mine.dream_return, all.dream_return);
  append_missing(mine.error, all.error);
  append_missing(mine.uncertainty, all.uncertainty);
  append_missing(mine.ghost_force, all.ghost_force);
  append_missing(mine.physics_ghost_force, all.physics_ghost_force);
  append_missing(mine.actions, all.actions);
  append_missing(mine.anchor_times, all.anchor_times);
}

void copy(ShownState& shown, std::span<const float> positions, std::span<const float> velocities) {
  shown.positions.assign(positions.begin(), positions.end());
  shown.velocities.assign(velocities.begin(), velocities.end());
}

void append_missing(ValidClock& mine, const ValidClock& all) {
  append_missing(mine.finished, all.finished);
  mine.seconds = all.seconds;
  mine.held = all.held;
}

// What the dreams beside the first one show; velocities are of no interest to a picture.
void catch_up_others(std::vector<OtherView>& views, const Twin& twin) {
  views.resize(twin.others());
  for (size_t i = 0; i < views.size(); ++i) {
    append_missing(views[i].returns, twin.other(i).returns);
    append_missing(views[i].error, twin.other(i).error);
    append_missing(views[i].clock, twin.other(i).clock);
    copy(views[i].shown, twin.other_positions(i),
         std::vector<float>(static_cast<size_t>(twin.spec().nv), 0.0f));
  }
}

void copy_branches(std::vector<BranchView>& views, const Twin& twin) {
  views.clear();
  for (const Branch& branch : twin.branches()) {
    const Timeline& timeline = twin.timeline(static_cast<int>(views.size()));
    views.push_back(
        {branch.parent, branch.from_step, timeline.steps, !branch.edit.action.empty(), branch.edit.moves()});
  }
}

}  // namespace

void TwinView::catch_up(const Twin& twin) {
  spec_ = &twin.spec();
  has_dream_ = twin.has_dream();
  dream_can_drive_ = twin.dream_can_drive();
  done_ = twin.done();
  episode_ = twin.episode();
  steps_ = twin.steps();
  control_steps_ = twin.control_steps();
  anchor_every_ = twin.anchor_every;
  driver_ = twin.driver;
  behind_ = twin.behind();
  episode_steps_ = twin.episode_steps();
  if (generation_ != twin.generation()) {
    generation_ = twin.generation();
    history_ = {};
    observations_.clear();
    dream_observations_.clear();
    clock_ = {};
    others_.clear();
    const auto row = twin.recording().physics_state(0);
    start_physics_.assign(row.begin(), row.end());
    recording_ = {twin.start().length(), -1, twin.start().return_sum(), twin.start().policy};
  }
  recording_.difference = twin.first_difference();
  append_missing(history_, twin.history());
  const contract::Episode& recording = twin.recording();
  append_missing(observations_, recording.observations);
  append_missing(dream_observations_, twin.timeline(twin.branch()).dream_observations);
  const int64_t now = recording.length();
  const int64_t row = twin.looked_at() < 0 ? now : std::min(twin.looked_at() * control_steps_, now);
  physics_state_.assign(recording.physics_state(row).begin(), recording.physics_state(row).end());
  append_missing(clock_, twin.clock());
  copy_branches(branches_, twin);
  branch_ = twin.branch();
  looked_at_ = twin.looked_at();
  notice_ = twin.notice;
  can_change_ = twin.can_change();
  events_ = twin.events();
  can_pull_ = twin.bodies() > 0;
  pulls_ = std::ssize(twin.forces());
  force_ = twin.forces().empty() ? BodyForce{} : twin.forces().back();
  if (looked_at_ >= 0) {
    copy(physics_, twin.shown_physics_positions(), std::vector<float>(static_cast<size_t>(spec_->nv), 0.0f));
  } else {
    copy(physics_, twin.physics().positions(), twin.physics().velocities());
  }
  fan_ = twin.fan();
  dream_pose_ = twin.dream_pose();
  dream_admissibility_ = twin.dream_admissibility();
  physics_admissibility_ = twin.physics_admissibility();
  if (has_dream_) copy(dream_, twin.dream_positions(), twin.dream_velocities());
  catch_up_others(others_, twin);
}

}  // namespace reverie::viewer
