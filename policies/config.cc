#include "policies/config.h"

namespace reverie {

std::vector<Field> fields(LearnerConfig& config, const std::string& prefix) {
  return {
      {prefix + "batch_size", &config.batch_size, "replayed sequences in one model update", {}},
      {prefix + "imagination_batch",
       &config.imagination_batch,
       "replayed latents from which the actor dreams",
       {}},
      {prefix + "imagination_horizon",
       &config.imagination_horizon,
       "imagined decisions in the actor's objective; 0: the critic at replayed latents only",
       {}},
      {prefix + "discount", &config.discount, "discount per decision, (0, 1)", {}},
      {prefix + "learning_rate", &config.learning_rate, "step size of Adam", {}},
      {prefix + "decay_share",
       &config.decay_share,
       "last share of training in which the learning rate falls linearly, [0, 1]",
       {}},
      {prefix + "final_lr_scale", &config.final_lr_scale, "what is left of the learning rate at the end", {}},
      {prefix + "encoder_lr_scale",
       &config.encoder_lr_scale,
       "encoder's step size relative to learning_rate",
       {}},
      {prefix + "clip_norm", &config.clip_norm, "largest global gradient norm", {}},
      {prefix + "target_rate",
       &config.target_rate,
       "share of the critic in each update of its target, (0, 1]",
       {}},
      {prefix + "value_expansion",
       &config.value_expansion,
       "imagined decisions between a transition and the bootstrap of its critic target, >= 0",
       {}},
      {prefix + "critics",
       &config.critics,
       "critics in the ensemble, >= 2; targets use the minimum of two",
       {}},
      {prefix + "entropy_weight", &config.entropy_weight, "reward for a random policy, >= 0", {}},
      {prefix + "std_floor", &config.std_floor, "smallest standard deviation of exploration", {}},
      {prefix + "scale_rate",
       &config.scale_rate,
       "rate of the running range that scales the actor's objective",
       {}},
  };
}

}  // namespace reverie
