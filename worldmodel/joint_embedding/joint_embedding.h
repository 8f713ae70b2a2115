// Networks of the joint-embedding model: encoder, latent dynamics, reward and continuation heads.
// Latents are SimNorm simplices, trained to predict the next embedding. There is no decoder (TD-MPC2, Hansen
// et al. 2024, eqs. 2-3; JEPA: predict in latent space).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "tensor/network.h"
#include "worldmodel/config.h"
#include "worldmodel/outcome_heads.h"

namespace reverie::worldmodel {

struct JointEmbedding {
  ModelConfig config;
  tensor::NormedLayer encoder_in;                    // O -> encoder_dim, SiLU
  tensor::NormedLayer encoder_out;                   // encoder_dim -> Z, SimNorm
  std::vector<tensor::NormedLayer> dynamics_hidden;  // [E, ...] Z+A -> hidden -> hidden, SiLU
  tensor::NormedLayer dynamics_out;                  // [E, ...] hidden -> Z, SimNorm
  OutcomeHeads outcome;
};

void visit(JointEmbedding& model, const std::string& prefix, const tensor::ParameterVisitor& f);

JointEmbedding make_joint_embedding(int64_t observation_dim, int64_t action_dim, bool has_continuation,
                                    const ModelConfig& config, contract::Rng& rng);

at::Tensor encode(const JointEmbedding& model, const at::Tensor& observations);  // [N, O] -> [N, Z]

// The prediction of every head: z [N, Z], a [N, A] -> [E, N, Z]. Their mean lies on the same simplices and is
// the model's prediction.
at::Tensor next_latent_heads(const JointEmbedding& model, const at::Tensor& z, const at::Tensor& a);
// Spread of the heads: root mean square distance to their mean, [N].
at::Tensor disagreement(const at::Tensor& heads);

}  // namespace reverie::worldmodel
