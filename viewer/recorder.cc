#include "viewer/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace reverie::viewer {
namespace {

interop::TwinRecording::Options options_of(const Opened& opened, const Twin& twin, const base::Stop* stop) {
  interop::TwinRecording::Options options;
  options.seconds = twin.step_seconds();
  options.dream = twin.has_dream();
  options.stop = stop;
  options.metadata = {{"task", twin.spec().task},
                      {"task_hash", twin.spec().hash},
                      {"seconds_a_decision", fmt::format("{}", twin.step_seconds())}};
  if (opened.run) options.metadata["checkpoint"] = opened.run->checkpoint;
  return options;
}

std::span<const float> row_of(const std::vector<float>& rows, int64_t row, int width) {
  return std::span(rows).subspan(static_cast<size_t>(row * width), static_cast<size_t>(width));
}

interop::WorldMoment physics_moment(const Twin& twin, int64_t k) {
  const contract::Episode& done = twin.recording();
  const int64_t from = std::min(k * twin.control_steps(), done.length());
  const int64_t to = std::min(from + twin.control_steps(), done.length());
  interop::WorldMoment moment;
  moment.observation = done.observation(from);
  if (k + 1 < std::ssize(twin.history().physics_return))
    moment.reward = std::accumulate(done.rewards.begin() + from, done.rewards.begin() + to, 0.0F);
  return moment;
}

interop::WorldMoment dream_moment(const Twin& twin, int64_t k) {
  const Timeline& now = twin.timeline(twin.branch());
  interop::WorldMoment moment;
  moment.positions = row_of(now.dream_positions, k, twin.spec().nq);
  moment.observation = row_of(now.dream_observations, k, twin.spec().observation_dim);
  const auto at = static_cast<size_t>(k);
  if (k == now.steps) return moment;
  moment.reward =
      static_cast<float>(now.history.dream_return[at + 1] - now.history.dream_return[at]);  // as it was added
  moment.uncertainty = now.history.uncertainty[at + 1];
  return moment;
}

}  // namespace

Recorder::Recorder(const std::filesystem::path& path, const Opened& opened, Twin& twin,
                   const base::Stop* stop)
    : recording_(path, opened.model.get(), twin.spec(), options_of(opened, twin, stop)) {
  twin.before_restart = [this, &twin] {
    if (twin.steps() == 0) return;
    add_episode(twin);
    recording_.end_episode();
  };
}

void Recorder::finish(const Twin& twin) {
  if (!twin.before_restart)
    base::throw_user_error(
        "view --record: the script opened something else, and a recording is of one thing");
  add_episode(twin);
  recording_.finish();
}

void Recorder::add_episode(const Twin& twin) {
  const TwinHistory& history = twin.history();
  const std::vector<int64_t>& anchors = twin.timeline(twin.branch()).anchors;
  for (int64_t k = 0; k <= twin.steps(); ++k) {
    interop::TwinMoment moment;
    const contract::Episode& done = twin.recording();
    moment.physics = done.physics_state(std::min(k * twin.control_steps(), done.length()));
    if (k < twin.steps()) moment.action = row_of(history.actions, k, twin.spec().action_dim);
    if (k < std::ssize(history.physics_return)) moment.simulation = physics_moment(twin, k);
    if (twin.has_dream()) moment.dream = dream_moment(twin, k);
    moment.observation_error = k < std::ssize(history.error) ? history.error[static_cast<size_t>(k)]
                                                             : std::numeric_limits<double>::infinity();
    moment.anchored = k == 0 || std::ranges::binary_search(anchors, k);
    recording_.add(moment);
  }
}

}  // namespace reverie::viewer
