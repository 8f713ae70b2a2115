// Counterfactuals: what other actions from the same start lead to, in physics and in a dream.
// Only the differences between sequences of one start count: a dream may be right about what was done and blind to what
// else could have been done.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/env_spec.h"
#include "contract/policy.h"
#include "contract/world.h"
#include "evaluation/rollout.h"

namespace reverie::evaluation {

// S action sequences from each of N starts, K decisions long. The first sequence of a start is the one that the others are
// compared with.
struct Alternatives {
  std::vector<contract::StartPoint> starts;  // [N]
  std::vector<std::string> names;            // [S]
  int action_dim = 0;
  int64_t decisions = 0;
  std::vector<float> actions;  // [K, N, S, A]

  int64_t count() const { return static_cast<int64_t>(names.size()); }  // S
  int64_t row(int64_t start, int64_t sequence) const { return start * count() + sequence; }
};

inline constexpr int64_t kBumpDecisions = 5;

// The recorded actions; those of `policy` acting in `physics` (left out when null); zero; three random ones; and the recorded
// ones of which one actuator is moved by half of its range up, and down, in the first kBumpDecisions decisions. Which
// actuator goes by the start. `physics` is left anywhere.
Alternatives make_alternatives(contract::World& physics, std::span<const contract::StartPoint> starts,
                               contract::Policy* policy, const contract::EnvSpec& spec, int64_t decisions,
                               uint64_t seed, const base::Stop* stop = nullptr,
                               const Progress& progress = {});

// All sequences in `world`: rollout row(n, s) is sequence s of start n.
Rollouts play_alternatives(contract::World& world, const Alternatives& alternatives,
                           const base::Stop* stop = nullptr, const Progress& progress = {});

// What the choice of actions makes of each start after so many decisions, [N]. NaN where it makes no difference in physics.
struct ActionEffects {
  // Mean over the other sequences of the distance to the first one (observation_error(), in sd).
  std::vector<double> physics, dream;
  // Mean over the other sequences of the cosine between the two differences, each dimension in sd. 0 where only physics shows
  // a difference, or the dream shows no number.
  std::vector<double> cosine;
  // Agreement of the sequences' returns; 0 where only physics tells them apart, or the dream shows no number.
  std::vector<double> kendall, spearman;
  std::vector<double> regret;  // what the dream's choice among the sequences loses in physics
};
ActionEffects compare_effects(const Alternatives& alternatives, const Rollouts& physics,
                              const Rollouts& dream, std::span<const double> spread, int64_t decisions);

// How far each start moves under the sequence `name` in `decisions` decisions, [N] in sd.
std::vector<double> moved_under(const Alternatives& alternatives, const Rollouts& rollouts,
                                std::string_view name, std::span<const double> spread, int64_t decisions);

}  // namespace reverie::evaluation
