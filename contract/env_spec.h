// EnvSpec: sizes, names, ranges and rates of an environment, as a learner may know them.
// It is plain data without MuJoCo.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace reverie::contract {

struct Mechanics;  // contract/mechanics.h

// A named slice of the flat observation vector.
struct ObservationGroup {
  std::string name;
  int offset = 0;
  int size = 0;
};

struct EnvSpec {
  std::string task;  // id, e.g. "dmc/cartpole-swingup"
  std::string hash;  // content_hash of resolved MJCF + task file: equal hashes mean the same physics and task
  int observation_dim = 0;
  int action_dim = 0;
  std::vector<float> action_low, action_high;  // [A], what the policy may send
  std::vector<ObservationGroup> observation;   // in the order of the flat vector
  // Names of what an episode records beside observations and rewards: one for each number. A signal of
  // several numbers has one name for each, "foot[0]", "foot[1]", ...
  std::vector<std::string> signals;       // [G]
  std::vector<std::string> reward_terms;  // [R], unique; one of a task whose reward is one expression
  double control_dt = 0.0;                // seconds a control step
  int episode_steps = 0;                  // control steps until truncation

  // The stored physics state is MuJoCo's mjSTATE_INTEGRATION vector: time, qpos[nq], qvel[nv], act[na], ...
  int nq = 0, nv = 0, na = 0;
  // Ascending qpos indices that are angles without limits: q and q + 2 pi are one pose.
  std::vector<int> circular;
  int physics_dim = 0;  // doubles
  int task_dim = 0;     // doubles of the task's own state (delay buffers, commands, timers)
  static constexpr int kQposOffset = 1;
  int qvel_offset() const { return kQposOffset + nq; }

  // What the model file says of the motion, for models of the world that compute with it; null where nobody read it.
  std::shared_ptr<const Mechanics> mechanics;

  bool has_termination = false;  // false: continuation need not be learned
};

// What the probe learns of qpos and qvel [nq + nv]: circular positions as cosine and sine, everything else as
// it is. A latent that knows a pose does not know how often an angle has gone round.
int state_feature_dim(const EnvSpec& spec);  // F = nq + circular + nv
// Width of a row of what is known at a step, O + F: an observation, then the features of its state.
int row_width(const EnvSpec& spec);
void state_to_features(const EnvSpec& spec, std::span<const double> state, std::span<float> features);
// The same of N states as physics stores them, [N, P] -> [N, F]; nothing of nothing.
void physics_to_features(const EnvSpec& spec, std::span<const double> physics, std::vector<float>& features);
// Back to qpos and qvel. A circular position is the angle nearest to the one that `state` held before.
void features_to_state(const EnvSpec& spec, std::span<const float> features, std::span<float> state);

}  // namespace reverie::contract
