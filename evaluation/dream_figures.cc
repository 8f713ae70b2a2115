#include "evaluation/dream_figures.h"

#include <algorithm>

#include "base/error.h"
#include "contract/pushed_policy.h"
#include "contract/rng.h"
#include "evaluation/closed_loop.h"
#include "evaluation/fidelity.h"
#include "report/statistics.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kOverpromiseDraw = 10;  // step of Stream::kEvaluation

using training::DreamFigures;
using training::DreamQuestion;

double error_after(const Fidelity& fidelity, int64_t control_steps) {
  const auto found = std::ranges::lower_bound(fidelity.horizon, control_steps);
  if (found == fidelity.horizon.end()) return DreamFigures::kNone;
  return fidelity.world.median[static_cast<size_t>(found - fidelity.horizon.begin())];
}

void measure_open_loop(contract::World& dream, std::span<const contract::Episode> episodes,
                       const DreamQuestion& question, const DreamProtocol& protocol, DreamFigures& figures) {
  const FidelityOptions options{.horizon = protocol.horizon,
                                .max_starts = protocol.starts,
                                .seed = question.seed,
                                .stop = question.stop};
  const Fidelity fidelity =
      measure_fidelity(dream, nullptr, episodes, question.task->spec().control_dt, options);
  figures.error_2 = error_after(fidelity, 2);
  figures.error_10 = error_after(fidelity, 10);
  figures.error_50 = error_after(fidelity, 50);
  figures.valid_steps = static_cast<double>(fidelity.valid_horizon_steps);
}

void measure_closed_loop(contract::World& dream, std::span<const contract::Episode> episodes,
                         const DreamQuestion& question, const DreamProtocol& protocol,
                         DreamFigures& figures) {
  const contract::EnvSpec& spec = question.task->spec();
  const FidelityOptions options{
      .horizon = protocol.window, .max_starts = protocol.closed_starts, .seed = question.seed};
  const std::vector<contract::StartPoint> starts = choose_starts(episodes, dream.control_steps(), options);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(question.task, question.pool, {.action_repeat = dream.control_steps()});
  const auto visits = [&](contract::World& world) {
    return closed_loop(world, starts, question.policy, spec, question.seed, protocol.window, question.stop);
  };
  const Visits simulated = visits(*physics), imagined = visits(dream);
  const ObservationDistances distances = compare_observations(simulated, imagined);
  figures.simulated_return = report::mean(simulated.returns);
  figures.imagined_return = report::mean(imagined.returns);
  contract::Rng rng(question.seed, 0, contract::Stream::kEvaluation, kOverpromiseDraw);
  figures.overpromise_low =
      report::paired_difference(imagined.returns, simulated.returns, [&rng] { return rng.next_u64(); }).low;
  figures.ks_mean = distances.mean;
  figures.ks_max = distances.largest;
}

}  // namespace

DreamFigures measure_dream(const DreamQuestion& question, const DreamProtocol& protocol) {
  const std::unique_ptr<contract::World> dream = question.agent.imagined_world();
  const auto pushed = contract::pushed_policy(question.policy, question.task->spec());
  std::vector<contract::Episode> episodes = record_episodes(question.task, *pushed,
                                                            {.count = static_cast<int>(question.episodes),
                                                             .seed = question.seed,
                                                             .action_repeat = question.agent.action_repeat(),
                                                             .policy_name = "actor, pushed",
                                                             .stop = question.stop},
                                                            question.pool);
  std::erase_if(episodes, [](const contract::Episode& e) { return e.diverged; });
  DreamFigures figures;
  try {
    measure_open_loop(*dream, episodes, question, protocol, figures);
    measure_closed_loop(*dream, episodes, question, protocol, figures);
  } catch (const base::UserError&) {  // no start, or nothing varies
  }
  return figures;
}

}  // namespace reverie::evaluation
