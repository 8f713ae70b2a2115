// The scorer of action sequences by tensor operations.
#include <torch/types.h>

#include <cmath>
#include <limits>
#include <vector>

#include "policies/agent_impl.h"
#include "policies/imagination.h"
#include "policies/sequence_scorer.h"
#include "tensor/tensor_io.h"

namespace reverie::policies {
namespace {

class TensorScorer : public SequenceScorer {
 public:
  TensorScorer(Agent& agent, const PlannerConfig& config, double discount)
      : agent_(agent.impl()), config_(config), discount_(discount) {}

  void start_at_observation(std::span<const float> observation, std::span<const float> states) override {
    at::NoGradGuard no_grad;
    start_ = worldmodel::packed(agent_.start_at(observation, states));
  }
  void start_at_latent(std::span<const float> latent) override { start_ = row(latent); }

  void score(std::span<const float> actions, std::span<float> scores) override {
    at::NoGradGuard no_grad;
    const at::Tensor given = sequences(actions, std::ssize(scores));
    run([&](int64_t k, const at::Tensor&) { return given[k]; }, scores);
  }

  void roll_out(std::span<const float> noise, std::span<float> actions, std::span<float> scores) override {
    at::NoGradGuard no_grad;
    const at::Tensor normals = sequences(noise, std::ssize(scores));
    std::vector<at::Tensor> chosen;
    run(
        [&](int64_t k, const at::Tensor& z) {
          chosen.push_back(sample_action(agent_.average_actor, z, normals[k]).action);
          return chosen.back();
        },
        scores);
    tensor::copy_to(at::stack(chosen), actions);
  }

  float reward(std::span<const float> action) override {
    at::NoGradGuard no_grad;
    return agent_.model->reward(worldmodel::unpacked(*agent_.model, start_), row(action)).item<float>();
  }

 private:
  at::Tensor row(std::span<const float> values) const {
    return agent_.to_device(tensor::tensor_from(values, {1, std::ssize(values)}));
  }
  at::Tensor sequences(std::span<const float> values, int64_t count) const {
    return agent_.to_device(tensor::tensor_from(values, {config_.horizon, count, agent_.spec.action_dim}));
  }

  void run(const ActionChoice& choose, std::span<float> scores) const {
    const at::Tensor rows = start_.expand({std::ssize(scores), -1}).contiguous();
    const ImaginedRollout rollout =
        imagine_actions(*agent_.model, worldmodel::unpacked(*agent_.model, rows), config_.horizon, choose,
                        config_.uncertainty_weight != 0.0);
    const at::Tensor& z = rollout.state.features;
    const at::Tensor last = mean_action(agent_.average_actor, worldmodel::seen_of(*agent_.model, z));
    const at::Tensor values = critic_values(agent_.critic, z, last);
    const at::Tensor value = (1.0 - config_.pessimism) * values.mean(0) + config_.pessimism * values.amin(0);
    tensor::copy_to(rollout_return(rollout, value, discount_, config_.uncertainty_weight), scores);
    for (float& score : scores) {
      if (!std::isfinite(score)) score = std::numeric_limits<float>::lowest();
    }
  }

  const Agent::Impl& agent_;
  PlannerConfig config_;
  double discount_;
  at::Tensor start_;  // [1, Z+M]
};

}  // namespace

std::unique_ptr<SequenceScorer> make_tensor_scorer(Agent& agent, const PlannerConfig& config,
                                                   double discount) {
  return std::make_unique<TensorScorer>(agent, config, discount);
}

}  // namespace reverie::policies
