#include "python/twin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "evaluation/observation_error.h"
#include "evaluation/rollout.h"
#include "interop/twin_recording.h"
#include "policies/actor_policy.h"
#include "python/interrupt.h"
#include "python/run.h"

namespace nb = nanobind;

namespace reverie::python {
namespace {

// The rows of a twin, at D + 1 decisions of which the last is behind every action.
struct Twin {
  int64_t decisions = 0;                       // D
  std::vector<double> physics;                 // [D+1, P]
  std::vector<float> actions;                  // [D, A]
  evaluation::Rollouts truth;                  // of one rollout
  std::vector<float> observations, positions;  // [D+1, O], [D+1, nq] of the dream
  std::vector<float> rewards, uncertainty;     // [D] of the dream
  std::vector<double> error;                   // [D+1] in standard deviations of the episode
  std::vector<uint8_t> anchored;               // [D+1] the dream began here
};

void append(std::vector<float>& to, std::span<const float> row) {
  to.insert(to.end(), row.begin(), row.end());
}

// The dream begins at every `anchor`-th decision and goes on alone to the next; 0: at the first one only.
void add_dream_rows(const training::Run& run, const contract::Episode& episode, int64_t anchor,
                    const base::Stop& stop, Twin& twin) {
  const int64_t every = anchor == 0 ? twin.decisions : anchor;
  std::vector<contract::StartPoint> starts;
  for (int64_t k = 0; k < twin.decisions; k += every)
    starts.push_back({&episode, k * run.agent->action_repeat()});
  const std::unique_ptr<contract::World> dream = run.agent->imagined_world();
  const evaluation::Rollouts rows = evaluation::play_actions(*dream, starts, every, &stop);
  for (int64_t k = 0; k <= twin.decisions; ++k) {
    const int64_t n = std::min(k / every, rows.count - 1), j = k - n * every;
    append(twin.observations, rows.observation(j, n));
    append(twin.positions, rows.position(j, n));
    twin.anchored.push_back(j == 0 ? 1 : 0);
    if (k == twin.decisions) break;
    twin.rewards.push_back(rows.reward(j, n));
    twin.uncertainty.push_back(rows.uncertainty_of(j, n));
  }
}

Twin make_twin(const training::Run& run, uint64_t seed, uint64_t index, int64_t anchor,
               const base::Stop& stop) {
  const int repeat = run.agent->action_repeat();
  base::ThreadPool pool(1);
  const std::unique_ptr<contract::Policy> actor = policies::actor_policy(run.agent);
  const std::vector<contract::Episode> episodes =
      evaluation::record_episodes(run.task, *actor,
                                  {.count = 1,
                                   .seed = seed,
                                   .first_index = evaluation::kEvaluationFirstIndex + index,
                                   .action_repeat = repeat,
                                   .stop = &stop},
                                  pool);
  const contract::Episode& episode = episodes.front();
  Twin twin;
  twin.decisions = episode.length() / repeat;
  const std::vector<contract::StartPoint> whole = {{&episode, 0}};
  twin.truth = evaluation::recorded(whole, twin.decisions, repeat);
  for (int64_t k = 0; k <= twin.decisions; ++k) {
    const std::span<const double> state = episode.physics_state(k * repeat);
    twin.physics.insert(twin.physics.end(), state.begin(), state.end());
    if (k < twin.decisions) append(twin.actions, episode.action(k * repeat));
  }
  if (twin.decisions == 0) return twin;
  add_dream_rows(run, episode, anchor, stop, twin);
  const std::vector<double> spread = evaluation::observation_spread(episodes);
  const auto width = static_cast<size_t>(episode.observation_dim);
  for (int64_t k = 0; k <= twin.decisions && evaluation::varying_dimensions(spread) > 0; ++k)
    twin.error.push_back(
        evaluation::observation_error({twin.observations.data() + static_cast<size_t>(k) * width, width},
                                      twin.truth.observation(k, 0), spread));
  return twin;
}

std::span<const float> row_of(const std::vector<float>& rows, int64_t row, int width) {
  return std::span(rows).subspan(static_cast<size_t>(row * width), static_cast<size_t>(width));
}

// All moments of an episode.
void add_twin_moments(const Twin& twin, const contract::EnvSpec& spec, interop::TwinRecording& recording) {
  for (int64_t k = 0; k <= twin.decisions; ++k) {
    const auto at = static_cast<size_t>(k), width = static_cast<size_t>(spec.physics_dim);
    interop::WorldMoment simulation{.observation = twin.truth.observation(k, 0)};
    interop::WorldMoment dream{.positions = row_of(twin.positions, k, spec.nq),
                               .observation = row_of(twin.observations, k, spec.observation_dim)};
    interop::TwinMoment moment;
    moment.physics = std::span(twin.physics).subspan(at * width, width);
    if (k < twin.decisions) {
      moment.action = row_of(twin.actions, k, spec.action_dim);
      simulation.reward = twin.truth.reward(k, 0);
      dream.reward = twin.rewards[at];
      dream.uncertainty = twin.uncertainty[at];
    }
    moment.simulation = simulation;
    moment.dream = dream;
    moment.observation_error = twin.error.empty() ? std::numeric_limits<double>::infinity() : twin.error[at];
    moment.anchored = twin.anchored[at] != 0;
    recording.add(moment);
  }
}

// Fresh episodes of `seed` and their dreams; `anchor` as add_dream_rows().
void record(const OpenRun& open, const std::filesystem::path& path, int64_t episodes, uint64_t seed,
            int64_t anchor) {
  const Interrupt interrupt;
  const nb::gil_scoped_release released;
  open.owner.check("this run");
  const training::Run& run = open.run;
  const contract::EnvSpec& spec = run.task->spec();
  const double seconds = spec.control_dt * run.agent->action_repeat();
  interop::TwinRecording recording(path, run.task->model(), spec,
                                   {.seconds = seconds,
                                    .metadata = {{"task", spec.task},
                                                 {"task_hash", spec.hash},
                                                 {"checkpoint", run.checkpoint},
                                                 {"seconds_a_decision", fmt::format("{}", seconds)}},
                                    .stop = &interrupt.stop()});
  for (int64_t i = 0; i < episodes; ++i) {
    const Twin twin = make_twin(run, seed, static_cast<uint64_t>(i), anchor, interrupt.stop());
    if (twin.decisions > 0) add_twin_moments(twin, spec, recording);
    recording.end_episode();
  }
  recording.finish();
}

}  // namespace

void add_twin(nb::module_& module) {
  module.def("record", &record, nb::arg("run"), nb::arg("path"), nb::arg("episodes"), nb::arg("seed"),
             nb::arg("anchor"));
}

}  // namespace reverie::python
