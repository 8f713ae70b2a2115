#include "python/twin.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "evaluation/observation_error.h"
#include "evaluation/rollout.h"
#include "policies/actor_policy.h"
#include "python/arrays.h"
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

template <typename T>
nb::object rows_of(std::vector<T> values, int64_t rows) {
  const auto n = static_cast<size_t>(rows);
  const size_t width = n == 0 ? 0 : values.size() / n;
  return owned(std::move(values), {n, width});
}

template <typename T>
nb::object column_of(std::vector<T> values) {
  const size_t n = values.size();
  return owned(std::move(values), {n});
}

// `seed` and `index` name the simulated episode; keys are explained at Twin.
nb::dict twin_dict(const OpenRun& open, uint64_t seed, uint64_t index, int64_t anchor) {
  Twin twin;
  {
    const Interrupt interrupt;
    const nb::gil_scoped_release released;
    open.owner.check("this run");
    twin = make_twin(open.run, seed, index, anchor, interrupt.stop());
  }
  const int64_t d = twin.decisions, all = d + 1;
  nb::dict out;
  out["physics"] = rows_of(std::move(twin.physics), all);
  out["actions"] = rows_of(std::move(twin.actions), d);
  out["observations"] = rows_of(std::move(twin.truth.observations), all);
  out["rewards"] = column_of(std::move(twin.truth.rewards));
  out["dream_observations"] = rows_of(std::move(twin.observations), all);
  out["dream_positions"] = rows_of(std::move(twin.positions), all);
  out["dream_rewards"] = column_of(std::move(twin.rewards));
  out["uncertainty"] = column_of(std::move(twin.uncertainty));
  out["error"] = column_of(std::move(twin.error));
  out["anchored"] = column_of(std::move(twin.anchored));
  return out;
}

}  // namespace

void add_twin(nb::module_& module) {
  module.def("twin", &twin_dict, nb::arg("run"), nb::arg("seed"), nb::arg("index"), nb::arg("anchor"));
}

}  // namespace reverie::python
