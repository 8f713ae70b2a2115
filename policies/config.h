// How critic and actor learn inside the imagined dynamics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace reverie::policies {

struct LearnerConfig {
  int64_t batch_size = 64;          // sequences a model update
  int64_t imagination_batch = 128;  // replayed latents from which the actor dreams
  int64_t imagination_horizon =
      3;                   // imagined decisions of the actor's objective; 0: critic at replayed latents only
  double discount = 0.97;  // per decision
  double learning_rate = 1e-3;
  double decay_share = 0.3;       // last share of training in which the learning rate falls, linearly
  double final_lr_scale = 0.03;   // what is left of it at the end
  double encoder_lr_scale = 0.3;  // encoder's learning rate relative to learning_rate
  double clip_norm = 20.0;        // global gradient norm
  double target_rate = 0.05;      // Polyak average of the target critic
  // imagined decisions between a transition and the bootstrap of its critic target
  int64_t value_expansion = 0;
  int64_t critics = 2;           // Q ensemble; targets use the minimum of two
  double entropy_weight = 1e-3;  // at the start; later what keeps the policy at entropy_target
  double entropy_target = -1.5;  // nats an action dimension
  double entropy_rate = 1e-3;    // of the logarithm of the weight, an update and nat; 0: the weight stays
  double std_floor = 0.1;        // policy std = 0.9*sigmoid(s+2) + floor: exploration never dies
  int64_t noise_octaves = 8;     // exploration noise changes over 1, 2, ... 2^(octaves-1) decisions
  double average_share = 0.1;    // what acts: the average over this share of the updates so far
  // reward for the spread of the dynamics heads at the policy's actions, in the actor's dream and in critic
  // targets; negative: pessimism
  double uncertainty_weight = 0.0;
  double behaviour_weight = 0.0;  // keeps the policy near the recorded actions; for learning from fixed data
  double scale_rate = 0.01;       // running 5-95 percentile range of the actor's objective
};

std::vector<base::Field> fields(LearnerConfig& config, const std::string& prefix);

}  // namespace reverie::policies
