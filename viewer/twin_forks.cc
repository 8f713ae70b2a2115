// Forks of a twin: another branch from any step, and walks between branches.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "evaluation/observation_error.h"
#include "viewer/twin.h"

namespace reverie::viewer {

namespace {

// Steps `from` to `to` of the actions [rows, A], each `repeat` times.
void step_again(contract::World& world, const std::vector<float>& actions, int width, int64_t from,
                int64_t to, int repeat) {
  for (int64_t step = from; step < to; ++step) {
    const auto action =
        std::span(actions).subspan(static_cast<size_t>(step * width), static_cast<size_t>(width));
    for (int i = 0; i < repeat && world.continuation()[0] > 0; ++i) world.step(action);
  }
}

template <typename T>
void replace_last_row(std::vector<T>& rows, std::span<const T> row) {
  std::ranges::copy(row, rows.end() - std::ssize(row));
}

}  // namespace

const Timeline& Twin::timeline(int branch) const {
  return branch == branch_ ? now_ : branches_.at(static_cast<size_t>(branch)).timeline;
}

void Twin::put_worlds() {
  const int width = parts_.spec.action_dim;
  const Keyframe& physics = now_.physics_keys.back();
  put_physics_under(changes());  // events make snapshots, so no other changes came after this one
  parts_.physics->restore(physics.snapshot);
  step_again(*parts_.physics, now_.history.actions, width, physics.step, now_.steps, control_steps());
  if (!parts_.dream) return;
  if (now_.dream_keys.empty()) return anchor_here();  // this dream was never here: dream_by()
  const Keyframe& dream = now_.dream_keys.back();
  parts_.dream->restore(dream.snapshot);
  const std::vector<float>& actions = now_.history.actions;
  for (int64_t step = dream.step; step < now_.steps; ++step)  // a dream goes on whatever it expects
    parts_.dream->step(
        std::span(actions).subspan(static_cast<size_t>(step * width), static_cast<size_t>(width)));
  put_others();
}

void Twin::fork(int64_t step, const ForkEdit& edit) {
  if (step < 0 || step > now_.steps)
    throw std::out_of_range(fmt::format("fork: step {} is outside 0..{}", step, now_.steps));
  simulate(behind());
  branches_[static_cast<size_t>(branch_)].timeline = now_;
  branches_.push_back({.parent = branch_, .from_step = step, .edit = edit});
  branch_ = static_cast<int>(branches_.size()) - 1;
  now_ = cut_timeline(now_, step, control_steps(), step_seconds());
  Branch& branch = branches_.back();
  branch.inherited_events = now_.events.size();
  branch.inherited_anchors = now_.anchors.size();
  ++generation_;
  put_worlds();
  begin_policies();
  first_difference_ = -1;
  compare_with_start(0);
  if (edit.moves()) {
    move(edit);
    branch.inherited_anchors = now_.anchors.size();  // a move does it again
  }
  if (!edit.action.empty()) follow(edit.action, {});
}

void Twin::walk_to(int branch) {
  if (branch == branch_) return;
  Branch& other = branches_.at(static_cast<size_t>(branch));
  simulate(behind());
  branches_[static_cast<size_t>(branch_)].timeline = std::move(now_);
  now_ = std::exchange(other.timeline, {});
  branch_ = branch;
  ++generation_;
  put_worlds();
  begin_policies();
  first_difference_ = -1;
  compare_with_start(0);
}

void Twin::follow(std::span<const float> actions, std::span<const int64_t> anchors,
                  std::span<const PhysicsEvent> events, std::span<const BodyForce> forces) {
  const Pull pulled = std::exchange(pull, {});
  const int every = std::exchange(anchor_every, 0);
  const Steering steered = std::exchange(steering, {});
  const auto width = static_cast<size_t>(parts_.spec.action_dim);
  size_t event = 0, anchored = 0;
  const auto let_happen = [&] {  // what was done after this step, in its order
    while (true) {
      const bool event_due = event < events.size() && events[event].step == now_.steps;
      const bool anchor_due = anchored < anchors.size() && anchors[anchored] == now_.steps;
      if (anchor_due && !(event_due && events[event].anchors <= now_.anchors.size())) {
        anchor();
        ++anchored;
      } else if (event_due) {
        change(events[event].changes);
        push(events[event].push);
        ++event;
      } else {
        return;
      }
    }
  };
  let_happen();
  for (; actions.size() >= width; actions = actions.subspan(width)) {
    if (done()) now_.free = true;  // the branch went on, so it was driven
    const auto force = std::ranges::find(forces, now_.steps, &BodyForce::step);
    if (force != forces.end()) pull = {force->body, [w = force->wrench](auto) { return w; }};
    forced_.assign(actions.begin(), actions.begin() + static_cast<std::ptrdiff_t>(width));
    step();
    forced_.clear();
    pull = {};
    let_happen();
  }
  anchor_every = every;
  steering = steered;
  pull = pulled;
}

// Both worlds begin anew where the robot was put.
void Twin::move(const ForkEdit& edit) {
  const auto& mover = edit.state.empty() ? parts_.move : parts_.put;
  if (!mover) return;
  contract::Episode& recording = now_.recording;
  std::vector<double> by = edit.state.empty() ? edit.shift : edit.state;
  if (!edit.state.empty()) by[0] = recording.physics_state(recording.length())[0];  // time goes on
  const TwinParts::Moved moved = mover(recording, recording.length(), by);
  replace_last_row(recording.physics, std::span<const double>(moved.physics));
  replace_last_row(recording.observations, std::span<const float>(moved.observation));
  const contract::StartPoint point{&recording, recording.length()};
  parts_.physics->reset({&point, 1});
  now_.physics_keys.push_back({now_.steps, parts_.physics->snapshot()});
  if (!parts_.dream) return;
  anchor_here();
  const contract::World& dream = *parts_.dream;
  replace_last_row(now_.dream_observations, dream.observations());
  replace_last_row(now_.dream_positions, dream.positions());
  replace_last_row(now_.dream_velocities, dream.velocities());
  now_.history.error.back() =
      evaluation::observation_error(dream.observations(), parts_.physics->observations(), parts_.scale);
  move_others();
}

void Twin::look_at(int64_t step) {
  looked_at_ = std::clamp<int64_t>(step, -1, now_.steps - behind());
  if (looked_at_ < 0) return;
  const int64_t row = std::min(looked_at_ * control_steps(), now_.recording.length());
  const auto state = now_.recording.physics_state(row);
  const auto begin = state.begin() + contract::EnvSpec::kQposOffset;
  shown_physics_.assign(begin, begin + parts_.spec.nq);
}

}  // namespace reverie::viewer
