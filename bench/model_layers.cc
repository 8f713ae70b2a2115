#include "bench/model_layers.h"

namespace reverie::bench {

ModelLayers model_layers(const contract::EnvSpec& spec, const worldmodel::ModelConfig& m) {
  const int64_t observation = spec.observation_dim, action = spec.action_dim, heads = m.dynamics_heads;
  if (m.kind == "joint_embedding") {
    return {m.latent_dim,
            {{m.latent_dim + action, m.hidden_dim, heads},
             {m.hidden_dim, m.hidden_dim, heads},
             {m.hidden_dim, m.latent_dim, heads}}};
  }
  if (m.kind != "grounded") return {};
  const int64_t latent = observation + m.latent_dim, pair = observation + action;
  return {latent,
          {{pair, m.products},
           {pair, m.products},
           {latent + action + m.products, m.hidden_dim, heads},
           {m.hidden_dim, m.hidden_dim, heads},
           {m.hidden_dim, observation, heads},
           {pair + m.products, observation, heads},
           {m.hidden_dim, m.latent_dim, heads}}};
}

}  // namespace reverie::bench
