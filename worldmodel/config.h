// ModelConfig: kind, sizes and loss weights of the latent model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace reverie::worldmodel {

// What each key means and may be stands in fields(), which `reverie config` prints.
struct ModelConfig {
  std::string kind = "grounded";
  int64_t latent_dim = 64;  // Z
  int64_t simnorm_dim = 8;  // TD-MPC2, eq. 5 of its appendix
  int64_t encoder_dim = 128;
  int64_t hidden_dim = 128;
  int64_t dynamics_heads = 2;
  int64_t bins = 151;  // values of 8% apart
  double bin_low = -6.0;
  double bin_high = 6.0;
  int64_t horizon = 3;  // H
  double rho = 0.5;
  int64_t products = 32;  // P
  double observation_weight = 1.0;
  double predictor_weight = 0.3;
  double consistency_weight = 20.0;
  double reward_weight = 0.1;
  double value_weight = 0.1;
  double continuation_weight = 1.0;
  int64_t probe_dim = 128;
};

std::vector<base::Field> fields(ModelConfig& config, const std::string& prefix = "model.");

// Throws UserError naming the first key whose value is not allowed, by itself or beside the others.
void check_config(ModelConfig config);

}  // namespace reverie::worldmodel
