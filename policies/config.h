// LearnerConfig: how critic and actor learn inside the imagined dynamics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace reverie::policies {

// What each key means and may be stands in fields(), which `reverie config` prints.
struct LearnerConfig {
  int64_t batch_size = 64;  // B
  int64_t imagination_batch = 128;
  int64_t imagination_horizon = 4;
  double imagination_lambda = 1.0;
  double discount = 0.97;
  double learning_rate = 1e-3;
  double decay_share = 0.3;
  double final_lr_scale = 0.03;
  double encoder_lr_scale = 0.3;
  double clip_norm = 20.0;
  double target_rate = 0.05;  // Polyak average of the target critic
  int64_t value_expansion = 0;
  int64_t critics = 2;
  double entropy_weight = 1e-3;
  double entropy_target = -1.5;
  double entropy_rate = 1e-3;
  double std_floor = 0.1;  // policy std = 0.9*sigmoid(s+2) + floor: exploration never dies
  int64_t noise_octaves = 8;
  double average_share = 0.1;
  double uncertainty_weight = 0.0;
  double behaviour_weight = 0.0;
  double scale_rate = 0.01;
};

std::vector<base::Field> fields(LearnerConfig& config, const std::string& prefix = "learner.");

// Throws UserError naming the first key whose value is not allowed.
void check_config(LearnerConfig config);

}  // namespace reverie::policies
