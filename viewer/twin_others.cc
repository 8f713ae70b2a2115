// Dreams beside the first one of a twin: they begin where it begins, and take the same actions.
#include <algorithm>

#include "evaluation/observation_error.h"
#include "viewer/twin.h"

namespace reverie::viewer {

namespace {

void append(std::vector<float>& rows, std::span<const float> row) {
  rows.insert(rows.end(), row.begin(), row.end());
}

void replace_last(std::vector<float>& rows, std::span<const float> row) {
  std::ranges::copy(row, rows.end() - std::ssize(row));
}

}  // namespace

void Twin::begin_others(const contract::StartPoint& point) {
  now_.others.assign(others(), {});
  for (const auto& other : parts_.others) other->reset({&point, 1});
}

void Twin::step_others(std::span<const float> action) {
  for (const auto& other : parts_.others) other->step(action);
}

void Twin::record_others() {
  for (size_t i = 0; i < others(); ++i) {
    const contract::World& dream = *parts_.others[i];
    DreamTrack& track = now_.others[i];
    track.returns.push_back(track.returns.empty() ? 0 : track.returns.back() + dream.rewards()[0]);
    append(track.observations, dream.observations());
    append(track.positions, dream.positions());
    append(track.velocities, dream.velocities());
    if (now_.steps % kKeyframeEvery == 0) track.keys.push_back({now_.steps, dream.snapshot()});
  }
}

// With what physics shows, after its last step.
void Twin::compare_others() {
  const int64_t step = std::ssize(now_.history.physics_return) - 1;
  const auto width = static_cast<size_t>(parts_.spec.observation_dim);
  for (DreamTrack& track : now_.others) {
    const auto row = std::span(track.observations).subspan(static_cast<size_t>(step) * width, width);
    track.error.push_back(evaluation::observation_error(row, parts_.physics->observations(), parts_.scale));
    track.clock.take(track.error.back(), static_cast<double>(step - now_.anchored_at()) * step_seconds());
  }
}

void Twin::anchor_others(const contract::StartPoint& point) {
  for (size_t i = 0; i < others(); ++i) {
    parts_.others[i]->reset({&point, 1});
    now_.others[i].keys.push_back({now_.steps, parts_.others[i]->snapshot()});
    now_.others[i].clock.begin_anew();
  }
}

void Twin::put_others() {
  const auto width = static_cast<size_t>(parts_.spec.action_dim);
  for (size_t i = 0; i < others(); ++i) {
    const Keyframe& key = now_.others[i].keys.back();
    parts_.others[i]->restore(key.snapshot);
    for (int64_t step = key.step; step < now_.steps; ++step)
      parts_.others[i]->step(
          std::span(now_.history.actions).subspan(static_cast<size_t>(step) * width, width));
  }
}

// They were anchored where the robot was put.
void Twin::move_others() {
  for (size_t i = 0; i < others(); ++i) {
    const contract::World& dream = *parts_.others[i];
    DreamTrack& track = now_.others[i];
    replace_last(track.observations, dream.observations());
    replace_last(track.positions, dream.positions());
    replace_last(track.velocities, dream.velocities());
    track.error.back() =
        evaluation::observation_error(dream.observations(), parts_.physics->observations(), parts_.scale);
  }
}

std::span<const float> Twin::other_positions(size_t i) const {
  return shows_earlier() ? dream_row(now_.others[i].positions, parts_.spec.nq)
                         : parts_.others[i]->positions();
}

}  // namespace reverie::viewer
