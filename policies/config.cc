#include "policies/config.h"

namespace reverie::policies {

std::vector<base::Field> fields(LearnerConfig& c, const std::string& prefix) {
  using base::at_least, base::from_to;
  return base::with_prefix(
      prefix,
      {
          {"batch_size", &c.batch_size, "replayed sequences in one model update", from_to(1, 1e6)},
          {"imagination_batch", &c.imagination_batch, "replayed latents from which the actor dreams",
           from_to(1, 1e6)},
          {"imagination_horizon", &c.imagination_horizon,
           "imagined decisions in the actor's objective; 0: the critic at replayed latents only",
           from_to(0, 1000)},
          {"imagination_lambda", &c.imagination_lambda,
           "weight of each imagined decision's longer returns in the actor's objective; 1: the longest alone",
           from_to(0, 1)},
          {"discount", &c.discount,
           "discount per decision; the task's control timestep decides on it unless it is set",
           from_to(0, 1)},
          {"learning_rate", &c.learning_rate, "step size of Adam", from_to(0, 1)},
          {"decay_share", &c.decay_share, "last share of training in which the learning rate falls linearly",
           from_to(0, 1)},
          {"final_lr_scale", &c.final_lr_scale, "what is left of the learning rate at the end",
           from_to(0, 1)},
          {"encoder_lr_scale", &c.encoder_lr_scale, "encoder's step size relative to learning_rate",
           at_least(0)},
          {"clip_norm", &c.clip_norm, "largest global gradient norm", at_least(0)},
          {"target_rate", &c.target_rate, "share of the critic in each update of its target", from_to(0, 1)},
          {"value_expansion", &c.value_expansion,
           "imagined decisions between a transition and the bootstrap of its critic target",
           from_to(0, 1000)},
          {"critics", &c.critics, "critics in the ensemble; targets use the minimum of two",
           from_to(2, 1000)},
          {"entropy_weight", &c.entropy_weight,
           "first reward for a random policy; later what keeps the policy at entropy_target", at_least(0)},
          {"entropy_target", &c.entropy_target,
           "entropy, in nats an action dimension, at which the reward is held"},
          {"entropy_rate", &c.entropy_rate,
           "how fast that reward's logarithm adapts, per update and nat; 0: entropy_weight stays",
           at_least(0)},
          {"std_floor", &c.std_floor, "smallest standard deviation of exploration", at_least(0)},
          {"noise_octaves", &c.noise_octaves,
           "exploration noise changes over 1, 2, ... 2^(octaves-1) decisions; 1: white noise",
           from_to(1, 31)},
          {"average_share", &c.average_share,
           "the averaged actor acts: over about this share of all updates so far, the last ones; 0: the "
           "actor itself",
           from_to(0, 1)},
          {"uncertainty_weight", &c.uncertainty_weight,
           "reward for disagreement of the dynamics heads at the policy's actions, in the actor's dream and "
           "in critic targets; negative: pessimism"},
          {"behaviour_weight", &c.behaviour_weight,
           "penalty for the squared distance of the policy's actions to the recorded ones, for learning from "
           "fixed data",
           at_least(0)},
          {"scale_rate", &c.scale_rate,
           "rate of the running 5-95 percentile range that scales the actor's objective", from_to(0, 1)},
      });
}

void check_config(LearnerConfig config) { base::check_fields(fields(config)); }

}  // namespace reverie::policies
