// Episode: what was seen, done and earned, with the full physics state of every step.
// It is the seam between physics and learning. Any step can be simulated again bit for bit, and any imagined
// future can be compared with physics from its start.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "contract/env_spec.h"
#include "contract/names.h"

namespace reverie::contract {

// Rows are always control steps; only the replay buffer folds action_repeat of them into one decision.
struct Episode {
  uint64_t seed = 0;   // with `index`, the key of every random draw of the episode
  uint64_t index = 0;  // episode index within its source
  std::string task;    // EnvSpec::task
  std::string hash;    // EnvSpec::hash
  std::string policy;  // which policy acted: "random", "zero", "actor@20000", ...

  int observation_dim = 0, action_dim = 0, physics_dim = 0, task_dim = 0;
  std::vector<float> observations;    // [T+1, O]; row t is what the policy saw before action t
  std::vector<float> actions;         // [T, A]; exactly the float32 values that were cast and applied
  std::vector<float> rewards;         // [T]
  std::vector<double> physics;        // [T+1, P] mjSTATE_INTEGRATION
  std::vector<double> task_state;     // [T+1, S]
  std::vector<double> randomisation;  // drawn model parameters, empty when the task draws none

  // What the task file names, for people and reports. The numbers are float32, like observations and rewards:
  // nothing is computed from them again, and their doubles follow from the recorded physics. An episode of a
  // file that was written before they were recorded has no names and no numbers.
  Names signal_names;               // [G] EnvSpec::signals
  Names reward_term_names;          // [R] EnvSpec::reward_terms
  std::vector<float> signals;       // [T+1, G]; row t belongs to observation row t
  std::vector<float> reward_terms;  // [T, R] weighted; their sum is the reward
  bool terminated = false;          // a termination held after the last step: no future reward
  bool truncated = false;           // the time limit ended it: bootstrap from the last observation
  bool diverged = false;            // physics became non-finite in the step after the last row, which is not
                                    // stored: excluded from replay
  std::string divergence;           // why it diverged: the engine's warning with its time; else empty

  int64_t length() const { return static_cast<int64_t>(rewards.size()); }  // T
  std::span<const float> observation(int64_t t) const {                    // [O], t in 0..T
    return {observations.data() + t * observation_dim, static_cast<size_t>(observation_dim)};
  }
  std::span<const float> action(int64_t t) const {  // [A], t in 0..T-1
    return {actions.data() + t * action_dim, static_cast<size_t>(action_dim)};
  }
  std::span<const double> physics_state(int64_t t) const {  // [P], t in 0..T
    return {physics.data() + t * physics_dim, static_cast<size_t>(physics_dim)};
  }
  std::span<const double> task_row(int64_t t) const {  // [S], t in 0..T
    return {task_state.data() + t * task_dim, static_cast<size_t>(task_dim)};
  }
  std::span<const float> signal_row(int64_t t) const {  // [G], t in 0..T
    return {signals.data() + t * static_cast<int64_t>(signal_names.size()), signal_names.size()};
  }
  std::span<const float> reward_term_row(int64_t t) const {  // [R], t in 0..T-1
    return {reward_terms.data() + t * static_cast<int64_t>(reward_term_names.size()),
            reward_term_names.size()};
  }
  double return_sum() const;               // sum of rewards
  double reward_term_sum(size_t r) const;  // sum of reward term r, below reward_term_names.size()
};

// Names that all episodes of a task share: EnvSpec::signals and EnvSpec::reward_terms.
struct EpisodeNames {
  Names signals, reward_terms;
};

// An empty episode with the dimensions of `spec` and these names, or those of `spec`.
Episode make_episode(const EnvSpec& spec, uint64_t seed, uint64_t index, const EpisodeNames& names);
Episode make_episode(const EnvSpec& spec, uint64_t seed, uint64_t index);

// Reserves the room of `steps` transitions.
void reserve_episode(Episode& episode, int64_t steps);

// Forget what lies behind the first `steps` <= T transitions, and how the episode ended.
void cut_episode(Episode& episode, int64_t steps);

// Give back room that the arrays of a finished episode do not need, except those so large (32 MB) that unused
// room takes no memory.
void shrink_episode(Episode& episode);

// What is known at step t, [O + F]: the observation, then qpos and qvel as features (state_to_features). Rows
// of the replay buffer, and what the probe learns to read back.
void observation_and_features(const EnvSpec& spec, const Episode& episode, int64_t t, std::span<float> row);

// Throws std::logic_error naming the array whose length disagrees with T and the dimensions.
void check_consistent(const Episode& episode);

// "observations: row 3, column 1 is nan": the first number that is not finite; empty when all are. The last
// physics row of an episode that diverged is passed over: older files have what became of it there.
std::string non_finite_number(const Episode& episode);

}  // namespace reverie::contract
