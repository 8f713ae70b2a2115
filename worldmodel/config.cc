#include "worldmodel/config.h"

#include "base/error.h"
#include "tensor/kernels/kernels.h"

namespace reverie::worldmodel {
namespace {

// Of a layer's width: one of a stranger's file is refused before it is allocated.
constexpr double kMost = 16384;

// symlog of 2e17: squares of what it stands for are still float32.
constexpr double kLargestBin = 40.0;

}  // namespace

std::vector<base::Field> fields(ModelConfig& c, const std::string& prefix) {
  using base::at_least, base::from_to;
  return base::with_prefix(
      prefix,
      {
          {"kind", &c.kind,
           "joint_embedding: features alone; grounded: they stand beside the observation; mechanics: and "
           "beside "
           "positions and velocities that move as the robot's joints do",
           base::one_of({"joint_embedding", "grounded", "mechanics"})},
          {"latent_dim", &c.latent_dim, "learned features of the latent state; a multiple of simnorm_dim",
           from_to(2, kMost)},
          {"simnorm_dim", &c.simnorm_dim, "entries of one simplex of the latent state", from_to(2, kMost)},
          {"encoder_dim", &c.encoder_dim, "hidden units of the encoder", from_to(1, kMost)},
          {"hidden_dim", &c.hidden_dim, "hidden units of dynamics, reward, critic and actor",
           from_to(1, kMost)},
          {"dynamics_heads", &c.dynamics_heads, "dynamics networks; their spread is the uncertainty",
           from_to(1, 1000)},
          {"bins", &c.bins, "bins of the two-hot reward and value support, symlog spaced",
           from_to(2, tensor::kernels::kMaxBins)},
          {"bin_low", &c.bin_low,
           "symlog of the smallest reward or value that can be predicted, in units that follow the data",
           from_to(-kLargestBin, kLargestBin)},
          {"bin_high", &c.bin_high,
           "symlog of the largest reward or value that can be predicted, in units that follow the data",
           from_to(-kLargestBin, kLargestBin)},
          {"horizon", &c.horizon, "decisions unrolled in the model's loss", from_to(1, 1000)},
          {"rho", &c.rho, "weight decay of the loss per unrolled decision", from_to(1e-6, 1)},
          {"products", &c.products, "products of inputs that the grounded dynamics read", from_to(1, kMost)},
          {"observation_weight", &c.observation_weight,
           "weight of predicting the next observation (grounded and mechanics)", at_least(0)},
          {"predictor_weight", &c.predictor_weight,
           "weight of the first guess of the next motion (mechanics)", at_least(0)},
          {"consistency_weight", &c.consistency_weight, "weight of predicting the next embedding",
           at_least(0)},
          {"reward_weight", &c.reward_weight, "weight of predicting the reward", at_least(0)},
          {"value_weight", &c.value_weight, "weight of predicting the value", at_least(0)},
          {"continuation_weight", &c.continuation_weight,
           "weight of predicting whether the episode goes on (tasks that terminate)", at_least(0)},
          {"probe_dim", &c.probe_dim, "hidden units of the probe that draws and measures dreams",
           from_to(1, kMost)},
      });
}

void check_config(ModelConfig config) {
  base::check_fields(fields(config));
  if (config.latent_dim % config.simnorm_dim != 0) {
    base::throw_user_error("model.latent_dim: expected a multiple of model.simnorm_dim ({}), found {}",
                           config.simnorm_dim, config.latent_dim);
  }
  if (!(config.bin_low < config.bin_high)) {
    base::throw_user_error("model.bin_low: expected less than model.bin_high ({}), found {}", config.bin_high,
                           config.bin_low);
  }
}

}  // namespace reverie::worldmodel
