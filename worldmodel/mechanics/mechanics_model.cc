#include "worldmodel/mechanics/mechanics_model.h"

#include <torch/types.h>

#include <utility>

#include "base/error.h"
#include "tensor/fused.h"
#include "worldmodel/joint_embedding/joint_embedding.h"
#include "worldmodel/mechanics/losses.h"
#include "worldmodel/mechanics/mechanical.h"
#include "worldmodel/row_model.h"

namespace reverie::worldmodel {
namespace {

// Positions and velocities behind a history; they are needed where the model itself acts.
const at::Tensor& states_of(const History& history) {
  if (!history.states.defined())
    base::throw_user_error(
        "model.kind=mechanics: a dream can start only where positions and velocities are known, found an "
        "observation "
        "alone");
  return history.states;
}

class MechanicsModel : public LatentModel {
 public:
  explicit MechanicsModel(Mechanical networks)
      : networks_(std::move(networks)), terms_(mechanical_losses(networks_.outcome.has_continuation)) {
    ModelConfig config = networks_.config;
    const std::vector<base::Field> all = fields(config, "");
    for (const MechanicalLoss& term : terms_) weights_.push_back(configured_weight(term.name, all));
  }

  int64_t feature_dim() const override { return networks_.latent_dim(); }
  int64_t memory_dim() const override { return networks_.coordinates().ignored_size(); }
  int64_t seen_dim() const override { return networks_.seen_dim(); }
  bool reads_states() const override { return true; }

  at::Tensor seen(const History& history) const override {
    return encode_seen(networks_, history.observations[-1]);
  }

  LatentState start(const History& history) const override {
    return encode(networks_, history.observations[-1], states_of(history)[-1]);
  }

  LatentState observe(const History& history, int64_t count) const override {
    return encode(networks_, history.observations.flatten(0, 1).slice(0, 0, count),
                  states_of(history).flatten(0, 1).slice(0, 0, count));
  }

  LatentStep step(const LatentState& state, const at::Tensor& actions, bool want_uncertainty) const override {
    LatentStep out;
    Motion motion = motion_of(networks_, state);
    for (int64_t k = 0; k < networks_.action_repeat; ++k)
      motion = control_step(networks_, motion, actions).next;
    const at::Tensor heads = next_features(networks_, state.features, actions);
    if (want_uncertainty) out.uncertainty = disagreement(heads);
    out.state = state_of(networks_, motion, tensor::ensemble_mean(heads));
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

  at::Tensor positions_and_velocities(const LatentState& state) const override {
    return features_of(networks_, state);
  }

  std::vector<LossWeight> losses() const override { return weights_; }

  Unrolled unroll(const Batch& batch, const at::Tensor& weights) const override {
    const MechanicalPredictions predictions = predict(networks_, batch, weights);
    Unrolled out;
    out.latents = predictions.latents;
    out.last = predictions.last;
    out.targets = {predictions.targets.flatten(0, 1), {}};
    if (memory_dim() > 0)
      out.targets.memory = networks_.coordinates().ignored(batch.states.slice(0, 1).flatten(0, 1));
    for (const MechanicalLoss& term : terms_) out.losses.push_back({term.name, term.value(predictions)});
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
    return std::make_unique<MechanicsModel>(tensor::frozen(networks_));
  }

 private:
  Mechanical networks_;
  std::vector<MechanicalLoss> terms_;
  std::vector<LossWeight> weights_;
};

}  // namespace

std::unique_ptr<LatentModel> make_mechanics_model(const contract::EnvSpec& spec, int action_repeat,
                                                  const ModelConfig& config, contract::Rng& rng) {
  return std::make_unique<MechanicsModel>(make_mechanical(spec, action_repeat, config, rng));
}

}  // namespace reverie::worldmodel
