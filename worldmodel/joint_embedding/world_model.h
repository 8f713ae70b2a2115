// The joint-embedding latent model: an encoder to SimNorm latents, an ensemble of latent dynamics, and
// two-hot reward and continuation heads. No decoder: latents are trained to predict the next embedding
// (TD-MPC2, Hansen et al. 2024, eqs. 2-3; JEPA: predict in latent space).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "tensor/network.h"
#include "worldmodel/batch.h"
#include "worldmodel/config.h"

namespace reverie::worldmodel {

struct WorldModel {
  ModelConfig config;
  tensor::NormedLayer encoder_in;                    // O -> encoder_dim, SiLU
  tensor::NormedLayer encoder_out;                   // encoder_dim -> Z, SimNorm
  std::vector<tensor::NormedLayer> dynamics_hidden;  // [E, ...] Z+A -> hidden -> hidden, SiLU
  tensor::NormedLayer dynamics_out;                  // [E, ...] hidden -> Z, SimNorm
  tensor::Mlp reward;                                // Z+A -> bins
  tensor::Mlp continuation;  // Z+A -> 1 logit; empty hidden when the task never terminates
  bool has_continuation = false;
};

void visit(WorldModel& model, const std::string& prefix, const tensor::ParameterVisitor& f);

WorldModel make_world_model(int64_t observation_dim, int64_t action_dim, bool has_continuation,
                            const ModelConfig& config, contract::Rng& rng);

at::Tensor encode(const WorldModel& model, const at::Tensor& observations);  // [N, O] -> [N, Z]

// The prediction of every head: z [N, Z], a [N, A] -> [E, N, Z].
at::Tensor next_latent_heads(const WorldModel& model, const at::Tensor& z, const at::Tensor& a);
// Their mean, which lies on the same simplices: the model's prediction, [N, Z].
at::Tensor next_latent(const WorldModel& model, const at::Tensor& z, const at::Tensor& a);
// Spread of the heads: root mean square distance to their mean, [N].
at::Tensor disagreement(const at::Tensor& heads);

at::Tensor reward_logits(const WorldModel& model, const at::Tensor& z, const at::Tensor& a);     // [N, bins]
at::Tensor predicted_reward(const WorldModel& model, const at::Tensor& z, const at::Tensor& a);  // [N]
at::Tensor continuation_logit(const WorldModel& model, const at::Tensor& z, const at::Tensor& a);  // [N]

// T open-loop steps from z0 [N, Z] with actions [T, N, A] -> latents [T+1, N, Z] (row 0 is z0).
at::Tensor imagine(const WorldModel& model, const at::Tensor& z0, const at::Tensor& actions);

// The model's part of the loss on a batch, and the latents along the unrolled horizon that the critic learns
// on.
struct Unrolled {
  at::Tensor latents;       // [H, B, Z] predicted z_0 ... z_{H-1}, with gradient
  at::Tensor targets;       // [H, B, Z] encode(o_1 ... o_H), stop-gradient
  at::Tensor last;          // [B, Z] predicted z_H, detached
  at::Tensor consistency;   // scalar: sum over t of rho^t * mean squared error, averaged over heads, / H
  at::Tensor reward;        // scalar two-hot cross entropy, weighted the same way
  at::Tensor continuation;  // scalar binary cross entropy; undefined when there is no such head
};
Unrolled unroll(const WorldModel& model, const Batch& batch);

// rho^t * mask as weights [H, B], normalised by H*B: sum(w * per_step_loss) is the weighted mean of TD-MPC2's
// losses.
at::Tensor step_weights(const at::Tensor& mask, double rho);

}  // namespace reverie::worldmodel
