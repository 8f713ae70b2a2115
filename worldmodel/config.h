// Sizes and loss weights of the joint-embedding latent model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace reverie::worldmodel {

struct ModelConfig {
  int64_t latent_dim = 64;     // Z, a multiple of simnorm_dim
  int64_t simnorm_dim = 8;     // entries of one simplex (TD-MPC2, eq. 5 of its appendix)
  int64_t encoder_dim = 128;   // hidden units of the encoder
  int64_t hidden_dim = 128;    // hidden units of dynamics, reward, critic and actor
  int64_t dynamics_heads = 2;  // ensemble of latent dynamics; their spread is the uncertainty
  int64_t bins = 151;          // two-hot support, symlog spaced: values of 8% apart
  double bin_low = -6.0;       // symlog of the smallest representable value
  double bin_high = 6.0;       // symlog of the largest
  int64_t horizon = 3;         // decisions unrolled in the model loss
  double rho = 0.5;            // weight decay per unrolled decision
  double consistency_weight = 20.0;
  double reward_weight = 0.1;
  double value_weight = 0.1;
  double continuation_weight = 1.0;  // only for tasks that terminate
  int64_t probe_dim = 128;           // hidden units of the probe (not part of the model's loss)
};

std::vector<base::Field> fields(ModelConfig& config, const std::string& prefix);

}  // namespace reverie::worldmodel
