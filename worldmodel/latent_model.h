// LatentModel: a learned model of the world that steps latent states.
// Learner, planner and imagined world know only this interface; each kind of model has a folder of its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "tensor/network.h"
#include "worldmodel/batch.h"
#include "worldmodel/loss.h"
#include "worldmodel/observation_statistics.h"

namespace reverie::worldmodel {

class RowModel;

// Where N imagined rollouts are.
struct LatentState {
  at::Tensor features;  // [N, Z] read by the model's heads, actor, critic and probe; a sample belongs here
  at::Tensor memory;    // [N, M] what a recurrent model carries beside them; undefined without memory
};

struct LatentStep {
  LatentState state;       // the model's prediction
  at::Tensor uncertainty;  // [N] spread of the prediction, >= 0; undefined unless it was asked for
};

// What was observed and done, T decisions of N rows.
struct History {
  at::Tensor observations;  // [T, N, O]
  at::Tensor actions;       // [T-1, N, A] in [-1, 1]; row t was taken at observation t; undefined when T is 1
  // [T, N] 1 where the row exists. A row that begins later than others has 0 before. Undefined: all exist.
  at::Tensor known;
  // [T, N, F] features of qpos and qvel at each observation (contract::state_to_features). Undefined where nobody knows
  // them, as on a robot; a model that reads states then knows what its actor sees and no more.
  at::Tensor states{};
};

// What an unroll along a batch of H decisions and B sequences leaves for learning.
struct Unrolled {
  at::Tensor latents;        // [H, B, Z] predicted features before each decision, with gradient
  at::Tensor last;           // [B, Z] predicted features behind the last decision, no gradient
  LatentState targets;       // H*B rows, time first: the states at observations 1 to H, no gradient
  std::vector<Loss> losses;  // in the order of LatentModel::losses()
};

class LatentModel {
 public:
  virtual ~LatentModel() = default;

  virtual int64_t feature_dim() const = 0;              // Z
  virtual int64_t memory_dim() const { return 0; }      // M
  virtual int64_t history_length() const { return 1; }  // decisions that start() reads at most

  // S: the first so many features are a function of observations alone. The actor reads these and no others.
  virtual int64_t seen_dim() const { return feature_dim(); }
  // The first S features [N, S] of the state after the last observation; History::states may be undefined.
  virtual at::Tensor seen(const History& history) const { return start(history).features; }
  // True when start(), observe() and unroll() need positions and velocities: History::states, Batch::states, Batch::between.
  // The states of such a model hold the observation itself.
  virtual bool reads_states() const { return false; }

  // The state after the last observation. A model without memory reads only that observation.
  virtual LatentState start(const History& history) const = 0;
  // The states after each observation, the first `count` of T*N rows, time first; all when there are fewer.
  virtual LatentState observe(const History& history, int64_t count) const = 0;

  // One decision on: actions [N, A] in [-1, 1]. Gradients flow through everything that requires them.
  virtual LatentStep step(const LatentState& state, const at::Tensor& actions,
                          bool want_uncertainty) const = 0;
  // Predicted for one decision, [N].
  virtual at::Tensor reward(const LatentState& state, const at::Tensor& actions) const = 0;
  // Probability [N] that the episode goes on after one decision; 1 where the task never terminates.
  virtual at::Tensor continuation(const LatentState& state, const at::Tensor& actions) const = 0;

  // The observation [N, O] that the state itself holds, in physical units; undefined when only a probe can tell.
  virtual at::Tensor observation(const LatentState& state) const;
  // Likewise features of qpos and qvel, [N, F].
  virtual at::Tensor positions_and_velocities(const LatentState& state) const;

  // Names and weights of what unroll() returns. Each is logged as "model/<name>".
  virtual std::vector<LossWeight> losses() const = 0;
  // Predicts along the batch. `weights` [H, B] are step_weights() of its mask.
  virtual Unrolled unroll(const Batch& batch, const at::Tensor& weights) const = 0;

  // Every parameter in the order of initialisation, optimiser and checkpoints. Names that begin with "encoder."
  // learn at the encoder's rate.
  virtual void visit(const std::string& prefix, const tensor::ParameterVisitor& f) = 0;
  // Rewards are learned in a unit `factor` times larger from now on. A kind of model may go on from what it knows,
  // in place; one that does nothing learns its rewards anew.
  virtual void divide_rewards(double /*factor*/) {}
  // Numbers of the data that are no parameters: checkpoints keep them, the optimiser does not see them.
  virtual void visit_statistics(const std::string& prefix, const tensor::ParameterVisitor& f);
  // Learns what observations are like; what the model predicts stays the same. The change is for networks outside that
  // read its features.
  virtual FeatureChange set_statistics(const ObservationStatistics& statistics);
  // A model on the same weights without gradients: storage is shared, so later training shows through.
  virtual std::unique_ptr<LatentModel> frozen() const = 0;
  // This model's mathematics on plain rows, for planning on a CPU; null when the kind has none. It reads this
  // model's weights, so the model must outlive it. A kind that has one reads no states, and its actor sees all Z.
  virtual std::unique_ptr<RowModel> row_model() const;
};

inline void visit(LatentModel& model, const std::string& prefix, const tensor::ParameterVisitor& f) {
  model.visit(prefix, f);
}

// The state at one observation each, [N, O], with features of qpos and qvel [N, F] where they are known.
LatentState start_at(const LatentModel& model, const at::Tensor& observations, const at::Tensor& states = {});

// Of features [N, Z] the first S [N, S], which the actor reads.
at::Tensor seen_of(const LatentModel& model, const at::Tensor& features);

// A state as one row each, [N, Z+M]: features, then memory; and back.
at::Tensor packed(const LatentState& state);
LatentState unpacked(const LatentModel& model, const at::Tensor& rows);

}  // namespace reverie::worldmodel
