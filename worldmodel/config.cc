#include "worldmodel/config.h"

namespace reverie::worldmodel {

std::vector<base::Field> fields(ModelConfig& config, const std::string& prefix) {
  return {
      {prefix + "latent_dim", &config.latent_dim, "size of the latent state; a multiple of simnorm_dim", {}},
      {prefix + "simnorm_dim", &config.simnorm_dim, "entries of one simplex of the latent state", {}},
      {prefix + "encoder_dim", &config.encoder_dim, "hidden units of the encoder", {}},
      {prefix + "hidden_dim", &config.hidden_dim, "hidden units of dynamics, reward, critic and actor", {}},
      {prefix + "dynamics_heads",
       &config.dynamics_heads,
       "dynamics networks; their spread is the uncertainty",
       {}},
      {prefix + "bins", &config.bins, "bins of the two-hot reward and value support", {}},
      {prefix + "bin_low", &config.bin_low, "symlog of the smallest representable reward or value", {}},
      {prefix + "bin_high", &config.bin_high, "symlog of the largest representable reward or value", {}},
      {prefix + "horizon", &config.horizon, "decisions unrolled in the model's loss, >= 1", {}},
      {prefix + "rho", &config.rho, "weight decay of the loss per unrolled decision, (0, 1]", {}},
      {prefix + "consistency_weight",
       &config.consistency_weight,
       "weight of predicting the next embedding",
       {}},
      {prefix + "reward_weight", &config.reward_weight, "weight of predicting the reward", {}},
      {prefix + "value_weight", &config.value_weight, "weight of predicting the value", {}},
      {prefix + "continuation_weight",
       &config.continuation_weight,
       "weight of predicting whether the episode goes on (tasks that terminate)",
       {}},
      {prefix + "probe_dim",
       &config.probe_dim,
       "hidden units of the probe that draws and measures dreams",
       {}},
  };
}

}  // namespace reverie::worldmodel
