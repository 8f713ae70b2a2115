// What a Learner owns: networks, optimisers, and an update's inputs and results.
// learner.cc makes the updates, learner_losses.cc their gradients.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "contract/rng.h"
#include "policies/agent_impl.h"
#include "policies/learner.h"
#include "policies/losses/losses.h"
#include "tensor/cuda_graph.h"
#include "tensor/flat_optimizer.h"
#include "worldmodel/batch.h"

namespace reverie::policies {

// An update is tensor operations from its inputs to its result and reads nothing back in between, so that a
// GPU can do it without the CPU. Scalars are tensors of no dimension for the same reason.
struct Learner::Impl {
  std::shared_ptr<Agent> agent;
  LearnerConfig config;
  uint64_t seed = 0;
  Learn learns = Learn::kAll;
  int64_t updates = 0;

  // The first is of model and critic, or of the one of them that learns.
  tensor::FlatAdam model_optimizer, actor_optimizer, probe_optimizer;
  at::Tensor target;   // the target critic's parameters
  at::Tensor average;  // the average actor's
  at::Tensor
      critic;  // the critic's part of the model optimiser's buffer, in the target's order; empty with kModel
  std::unique_ptr<worldmodel::LatentModel> dream;  // model and critic as imagination sees them: no gradients
  Critic dream_critic;
  at::Tensor scale;  // running 5-95 percentile range of imagined returns
  at::Tensor log_entropy_weight;
  at::Tensor average_rate;  // of the average actor, in this update

  std::vector<CriticLoss> critic_terms;
  std::vector<ActorLoss> actor_terms;                                // without those whose weight is 0
  std::vector<worldmodel::LossWeight> model_weights, actor_weights;  // the model's losses, then the critic's

  // What a backward pass leaves beside the gradients. No gradient hangs on it.
  struct ModelPass {
    at::Tensor latents, targets;  // [H, B, Z] predicted from the first observation on; seen in the later ones
    at::Tensor last;              // [B, Z] predicted behind the last decision
    Statistics statistics;
  };
  struct ActorPass {
    at::Tensor scale, entropy;  // scalars
    Statistics statistics;
  };
  struct Result {
    ModelPass model;
    ActorPass actor;
    at::Tensor model_norm, actor_norm, applied;
  };
  UpdateInputs inputs;  // of this update
  Result result;        // of the last one
  at::Tensor probe_loss_value;

  // Two threads, or one where nothing overlaps: a GPU's stream does one thing at a time.
  base::ThreadPool pool;
  std::optional<tensor::CudaGraph> update_graph, probe_graph;  // on a GPU

  Impl(std::shared_ptr<Agent> agent_in, const LearnerConfig& config_in, uint64_t seed_in, bool overlap,
       Learn learn);
  bool model_learns() const { return learns != Learn::kPolicy; }
  bool policy_learns() const { return learns != Learn::kModel; }
  UpdateStats update(const worldmodel::Batch& batch, bool want_stats);

  void set_inputs(const worldmodel::Batch& batch);
  void learn(bool with_probe);                                     // inputs -> result, weights and averages
  void follow(const ActorPass& actor, const at::Tensor& applied);  // averages and running scalars
  void learn_probe();
  std::map<std::string, double> stats() const;

  // learner_losses.cc, on `inputs`:
  worldmodel::LatentState dream_starts() const;
  ModelPass model_gradient();
  ActorPass actor_gradient();
  at::Tensor objective_of(const ImaginedRollout& rollout) const;
  at::Tensor probe_gradient();  // returns the loss

  template <typename F>
  void for_each_optimizer(const F& f) {
    f(model_learns() ? "model" : "critic", model_optimizer);
    if (policy_learns()) f("actor", actor_optimizer);
    if (model_learns()) f("probe", probe_optimizer);
  }
};

}  // namespace reverie::policies
