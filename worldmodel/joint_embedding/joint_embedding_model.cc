#include "worldmodel/joint_embedding/joint_embedding_model.h"

#include <torch/types.h>

#include <utility>

#include "tensor/fused.h"
#include "worldmodel/joint_embedding/joint_embedding_rows.h"
#include "worldmodel/joint_embedding/losses/losses.h"

namespace reverie::worldmodel {
namespace {

class JointEmbeddingModel : public LatentModel {
 public:
  explicit JointEmbeddingModel(JointEmbedding networks)
      : networks_(std::move(networks)),
        terms_(loss_terms(networks_.outcome.has_continuation)),
        weights_(loss_weights(networks_)) {}

  int64_t feature_dim() const override { return networks_.config.latent_dim; }

  LatentState start(const History& history) const override {
    return {encode(networks_, history.observations[-1]), {}};
  }

  LatentState observe(const History& history, int64_t count) const override {
    return {encode(networks_, history.observations.flatten(0, 1).slice(0, 0, count)), {}};
  }

  LatentStep step(const LatentState& state, const at::Tensor& actions, bool want_uncertainty) const override {
    LatentStep out;
    const at::Tensor heads = next_latent_heads(networks_, state.features, actions);  // [E, N, Z]
    if (want_uncertainty) out.uncertainty = disagreement(heads);
    out.state.features = tensor::ensemble_mean(heads);
    return out;
  }

  at::Tensor reward(const LatentState& state, const at::Tensor& actions) const override {
    return predicted_reward(networks_.outcome, state.features, actions);
  }

  at::Tensor continuation(const LatentState& state, const at::Tensor& actions) const override {
    return predicted_continuation(networks_.outcome, state.features, actions);
  }

  std::vector<LossWeight> losses() const override { return weights_; }

  Unrolled unroll(const Batch& batch, const at::Tensor& weights) const override {
    const Predictions predictions = predict(networks_, batch, weights);
    Unrolled out;
    out.latents = predictions.latents;
    out.last = predictions.last;
    out.targets = {predictions.targets.flatten(0, 1), {}};
    for (const LossTerm& term : terms_) out.losses.push_back({term.name, term.value(predictions)});
    return out;
  }

  void visit(const std::string& prefix, const tensor::ParameterVisitor& f) override {
    worldmodel::visit(networks_, prefix, f);
  }

  void divide_rewards(double factor) override { worldmodel::divide_rewards(networks_.outcome, factor); }

  std::unique_ptr<LatentModel> frozen() const override {
    return std::make_unique<JointEmbeddingModel>(tensor::frozen(networks_));
  }

  std::unique_ptr<RowModel> row_model() const override { return make_joint_embedding_rows(networks_); }

 private:
  JointEmbedding networks_;
  std::vector<LossTerm> terms_;
  std::vector<LossWeight> weights_;
};

}  // namespace

std::unique_ptr<LatentModel> make_joint_embedding_model(JointEmbedding networks) {
  return std::make_unique<JointEmbeddingModel>(std::move(networks));
}

std::unique_ptr<LatentModel> make_joint_embedding_model(const contract::EnvSpec& spec,
                                                        const ModelConfig& config, contract::Rng& rng) {
  return make_joint_embedding_model(
      make_joint_embedding(spec.observation_dim, spec.action_dim, spec.has_termination, config, rng));
}

}  // namespace reverie::worldmodel
