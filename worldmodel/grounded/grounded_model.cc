#include "worldmodel/grounded/grounded_model.h"

#include <torch/types.h>

#include <utility>

#include "tensor/fused.h"
#include "worldmodel/grounded/grounded.h"
#include "worldmodel/grounded/grounded_rows.h"
#include "worldmodel/grounded/losses.h"
#include "worldmodel/joint_embedding/joint_embedding.h"

namespace reverie::worldmodel {
namespace {

class GroundedModel : public LatentModel {
 public:
  explicit GroundedModel(Grounded networks)
      : networks_(std::move(networks)), terms_(grounded_losses(networks_.outcome.has_continuation)) {
    ModelConfig config = networks_.config;
    const std::vector<base::Field> all = fields(config, "");
    for (const GroundedLoss& term : terms_) weights_.push_back(configured_weight(term.name, all));
  }

  int64_t feature_dim() const override { return networks_.latent_dim(); }

  LatentState start(const History& history) const override {
    return {encode(networks_, history.observations[-1]), {}};
  }

  LatentState observe(const History& history, int64_t count) const override {
    return {encode(networks_, history.observations.flatten(0, 1).slice(0, 0, count)), {}};
  }

  LatentStep step(const LatentState& state, const at::Tensor& actions, bool want_uncertainty) const override {
    LatentStep out;
    const NextHeads heads = next_heads(networks_, state.features, actions);
    if (want_uncertainty) out.uncertainty = disagreement(heads.features);
    out.state.features = next_latent(networks_, state.features, heads);
    return out;
  }

  at::Tensor reward(const LatentState& state, const at::Tensor& actions) const override {
    return predicted_reward(networks_.outcome, state.features, actions);
  }

  at::Tensor continuation(const LatentState& state, const at::Tensor& actions) const override {
    return predicted_continuation(networks_.outcome, state.features, actions);
  }

  at::Tensor observation(const LatentState& state) const override {
    return observation_of(networks_, state.features);
  }

  std::vector<LossWeight> losses() const override { return weights_; }

  Unrolled unroll(const Batch& batch, const at::Tensor& weights) const override {
    const GroundedPredictions predictions = predict(networks_, batch, weights);
    Unrolled out;
    out.latents = predictions.latents;
    out.last = predictions.last;
    out.targets = {predictions.targets.flatten(0, 1), {}};
    for (const GroundedLoss& term : terms_) out.losses.push_back({term.name, term.value(predictions)});
    return out;
  }

  FeatureChange set_statistics(const ObservationStatistics& statistics) override {
    return set_scale(networks_, statistics);
  }

  void visit(const std::string& prefix, const tensor::ParameterVisitor& f) override {
    worldmodel::visit(networks_, prefix, f);
  }
  void visit_statistics(const std::string& prefix, const tensor::ParameterVisitor& f) override {
    visit_scale(networks_, prefix, f);
  }

  void divide_rewards(double factor) override { worldmodel::divide_rewards(networks_.outcome, factor); }

  std::unique_ptr<LatentModel> frozen() const override {
    return std::make_unique<GroundedModel>(tensor::frozen(networks_));
  }

  std::unique_ptr<RowModel> row_model() const override { return make_grounded_rows(networks_); }

 private:
  Grounded networks_;
  std::vector<GroundedLoss> terms_;
  std::vector<LossWeight> weights_;
};

}  // namespace

std::unique_ptr<LatentModel> make_grounded_model(const contract::EnvSpec& spec, const ModelConfig& config,
                                                 contract::Rng& rng) {
  return std::make_unique<GroundedModel>(
      make_grounded(spec.observation_dim, spec.action_dim, spec.has_termination, config, rng));
}

}  // namespace reverie::worldmodel
