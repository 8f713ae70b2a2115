#include "viewer/timeline.h"

#include <algorithm>
#include <limits>
#include <span>

#include "evaluation/observation_error.h"
#include "report/statistics.h"

namespace reverie::viewer {

namespace {

template <typename T>
void keep_rows(std::vector<T>& values, int64_t rows, size_t width = 1) {
  values.resize(std::min(values.size(), static_cast<size_t>(rows) * width));
}

void keep_keys(std::vector<Keyframe>& keys, int64_t step) {
  std::erase_if(keys, [step](const Keyframe& key) { return key.step > step; });
}

// How long each anchor held, told anew from the errors.
ValidClock clock_of(const Timeline& timeline, const std::vector<double>& error, double step_seconds) {
  ValidClock clock;
  int64_t anchored_at = 0;
  size_t next = 0;
  for (int64_t step = 0; step <= timeline.steps; ++step) {
    clock.take(error[static_cast<size_t>(step)], static_cast<double>(step - anchored_at) * step_seconds);
    for (; next < timeline.anchors.size() && timeline.anchors[next] == step; ++next) {
      clock.begin_anew();
      anchored_at = step;
    }
  }
  return clock;
}

}  // namespace

double median_ghost_force(const std::vector<double>& curve) {
  constexpr size_t kSteps = 1000;  // as many are sorted in each frame
  const std::span<const double> steps = std::span(curve).subspan(std::min<size_t>(curve.size(), 1));
  return report::median(steps.last(std::min(steps.size(), kSteps)));
}

Reaction reaction_to(const PhysicsEvent& event, const TwinHistory& history, double step_seconds) {
  const auto from = static_cast<size_t>(event.step);
  const auto seconds_until = [&](const std::vector<double>& curve, double limit) {
    for (size_t row = from; row < curve.size(); ++row)
      if (!(curve[row] <= limit)) return static_cast<double>(row - from) * step_seconds;
    return std::numeric_limits<double>::quiet_NaN();
  };
  const std::vector<double>& uncertainty = history.uncertainty;
  const size_t rows = std::min(from + 1, uncertainty.size());
  const double highest =
      *std::max_element(uncertainty.begin(), uncertainty.begin() + static_cast<std::ptrdiff_t>(rows));
  return {seconds_until(history.error, evaluation::kValidError), seconds_until(uncertainty, highest)};
}

void ValidClock::take(double error, double since_anchor) {
  if (!(error <= evaluation::kValidError)) held = false;
  if (held) seconds = since_anchor;
}

void ValidClock::begin_anew() {
  finished.push_back(seconds);
  seconds = 0;
  held = true;
}

Timeline cut_timeline(const Timeline& whole, int64_t step, int control_steps, double step_seconds) {
  Timeline out = whole;
  out.steps = step;
  const int64_t rows = step + 1;
  contract::cut_episode(out.recording, std::min(step * control_steps, out.recording.length()));
  for (auto* curve :
       {&out.history.time, &out.history.physics_return, &out.history.dream_return, &out.history.error,
        &out.history.uncertainty, &out.history.ghost_force, &out.history.physics_ghost_force})
    keep_rows(*curve, rows);
  const auto width = [&](const std::vector<float>& values) {
    return values.size() / (static_cast<size_t>(whole.steps) + 1);
  };
  keep_rows(out.history.actions, step, static_cast<size_t>(whole.recording.action_dim));
  keep_rows(out.dream_observations, rows, width(whole.dream_observations));
  keep_rows(out.dream_positions, rows, width(whole.dream_positions));
  keep_rows(out.dream_velocities, rows, width(whole.dream_velocities));
  std::erase_if(out.anchors, [step](int64_t at) { return at > step; });
  keep_rows(out.history.anchor_times, std::ssize(out.anchors));
  std::erase_if(out.events, [step](const PhysicsEvent& event) {
    return event.step > step || (event.pulled > 0 && event.step == step);  // a pull begins with the next step
  });
  std::erase_if(out.forces, [step](const BodyForce& force) { return force.step >= step; });
  keep_keys(out.physics_keys, step);
  keep_keys(out.dream_keys, step);
  out.clock = clock_of(out, out.history.error, step_seconds);
  for (DreamTrack& other : out.others) {
    keep_rows(other.returns, rows);
    keep_rows(other.error, rows);
    keep_rows(other.observations, rows, width(other.observations));
    keep_rows(other.positions, rows, width(other.positions));
    keep_rows(other.velocities, rows, width(other.velocities));
    keep_keys(other.keys, step);
    other.clock = clock_of(out, other.error, step_seconds);
  }
  return out;
}

}  // namespace reverie::viewer
