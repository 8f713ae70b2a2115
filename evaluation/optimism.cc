#include "evaluation/optimism.h"

#include <algorithm>

#include "contract/random_policy.h"
#include "contract/recorded_policy.h"
#include "evaluation/rollout.h"

namespace reverie::evaluation {
namespace {

constexpr int64_t kRecorded = kSequences - 1;  // the last sequence is random

// Writes what rollout `n` did as case `i`.
void add_outcome(const Rollouts& rollouts, int64_t n, size_t i, Outcomes& outcomes) {
  outcomes.returns[i] = rollouts.kept_return(n, rollouts.decisions);
  outcomes.survived[i] = rollouts.alive(n, rollouts.decisions) >= 0.5 ? 1 : 0;
}

}  // namespace

Outcomes try_sequences(contract::World& world, std::span<const contract::StartPoint> starts,
                       const contract::EnvSpec& spec, int64_t decisions, uint64_t seed,
                       const base::Stop* stop, const Progress& progress) {
  const size_t count = starts.size();
  std::vector<contract::StartPoint> repeated, sources;
  for (size_t i = 0; i < count; ++i) {
    for (size_t s = 0; s < kRecorded; ++s) {
      repeated.push_back(starts[i]);
      sources.push_back(starts[(i + s * count / kRecorded) % count]);
    }
  }
  const auto recorded = contract::recorded_policy(sources, world.control_steps());
  const auto random = contract::random_policy(spec, contract::Stream::kEvaluation);
  const Rollouts replayed =
      play(world, repeated, *recorded, seed, decisions, stop, progress.between(0.0, 0.75));
  const Rollouts drawn = play(world, starts, *random, seed, decisions, stop, progress.between(0.75, 1.0));
  Outcomes outcomes;
  outcomes.returns.resize(count * kSequences);
  outcomes.survived.resize(count * kSequences);
  for (size_t i = 0; i < count; ++i) {
    for (int64_t s = 0; s < kRecorded; ++s)
      add_outcome(replayed, static_cast<int64_t>(i) * kRecorded + s, i * kSequences + static_cast<size_t>(s),
                  outcomes);
    add_outcome(drawn, static_cast<int64_t>(i), i * kSequences + kRecorded, outcomes);
  }
  return outcomes;
}

Optimism compare_outcomes(const Outcomes& physics, const Outcomes& dream) {
  Optimism result;
  for (size_t first = 0; first + kSequences <= physics.returns.size(); first += kSequences) {
    double best = 0.0;
    for (size_t i = first; i < first + kSequences; ++i)
      if (physics.survived[i] != 0) best = std::max(best, physics.returns[i]);
    if (best <= 0.0) continue;
    ++result.starts;
    result.kept.push_back(first / kSequences);
    for (size_t i = first; i < first + kSequences; ++i) {
      const auto succeeds = [&](const Outcomes& world) {
        return world.survived[i] != 0 && world.returns[i] >= 0.5 * best;
      };
      const bool in_physics = succeeds(physics), in_dream = succeeds(dream);
      ++(in_physics ? result.succeeded : result.failed);
      if (in_physics && !in_dream) ++result.missed;
      if (!in_physics && in_dream) ++result.promised;
      result.simulated.push_back(physics.returns[i] / best);
      result.imagined.push_back(dream.returns[i] / best);
    }
  }
  return result;
}

}  // namespace reverie::evaluation
