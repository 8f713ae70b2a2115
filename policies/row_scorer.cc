// The scorer of action sequences on plain float rows: no tensors, no allocation in its loops.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "policies/agent_impl.h"
#include "policies/sequence_scorer.h"
#include "tensor/inference.h"
#include "tensor/kernels/kernels.h"
#include "worldmodel/row_model.h"

namespace reverie::policies {
namespace {

constexpr int64_t kBlockRows = 128;  // sequences that go through all layers and steps while in the cache

class RowScorer : public SequenceScorer {
 public:
  RowScorer(Agent& agent, const PlannerConfig& config, double discount)
      : agent_(agent.impl()), config_(config), discount_(discount), model_(agent_.model->row_model()) {
    const int64_t actions = agent_.spec.action_dim, features = agent_.model->feature_dim();
    const auto rows = [](std::vector<float>& buffer, int64_t width) {
      buffer.assign(static_cast<size_t>(kBlockRows * width), 0.0F);
    };
    start_.resize(static_cast<size_t>(features));
    rows(z_, features);
    rows(joint_, features + actions);
    rows(logits_, tensor::width_of(agent_.critic.body));
    rows(head_, 2 * actions);
    rows(noise_, actions);  // stays zero: the mean action
    rows(action_, actions);
    for (std::vector<float>* numbers :
         {&rewards_, &continuation_, &uncertainty_, &values_, &least_, &weights_, &log_prob_}) {
      rows(*numbers, 1);
    }
  }

  void start_at_observation(std::span<const float> observation, std::span<const float> /*states*/) override {
    model_->encode(observation, start_);
    model_->start(start_);
  }
  void start_at_latent(std::span<const float> latent) override {
    std::ranges::copy(latent, start_.begin());
    model_->start(start_);
  }

  void score(std::span<const float> actions, std::span<float> scores) override {
    run({std::ssize(scores), actions.data(), nullptr, nullptr, scores.data()});
  }
  void roll_out(std::span<const float> noise, std::span<float> actions, std::span<float> scores) override {
    run({std::ssize(scores), nullptr, noise.data(), actions.data(), scores.data()});
  }

  float reward(std::span<const float> action) override {
    float reward = 0.0F;
    model_->reward_at_start(1, action.data(), &reward);
    return reward;
  }

 private:
  struct Sequences {
    int64_t count;
    const float* given;  // actions; null: the actor's, from `noise` into `chosen`
    const float* noise;
    float* chosen;
    float* scores;
  };

  void run(const Sequences& sequences) {
    for (int64_t first = 0; first < sequences.count; first += kBlockRows)
      run_block(sequences, first, std::min(kBlockRows, sequences.count - first));
    for (int64_t i = 0; i < sequences.count; ++i) {
      if (!std::isfinite(sequences.scores[i])) sequences.scores[i] = std::numeric_limits<float>::lowest();
    }
  }

  void run_block(const Sequences& sequences, int64_t first, int64_t rows) {
    const int64_t actions = agent_.spec.action_dim;
    float* scores = sequences.scores + first;
    std::fill_n(scores, rows, 0.0F);
    std::fill_n(weights_.begin(), rows, 1.0F);
    for (int64_t r = 0; r < rows; ++r) std::ranges::copy(start_, z_.begin() + r * std::ssize(start_));
    for (int64_t k = 0; k < config_.horizon; ++k) {
      const int64_t at = (k * sequences.count + first) * actions;
      if (sequences.given == nullptr) act(rows, sequences.noise + at, sequences.chosen + at);
      const float* action = (sequences.given == nullptr ? sequences.chosen : sequences.given) + at;
      step(rows, k == 0, action, scores);
    }
    add_value(rows, scores);
  }

  void act(int64_t rows, const float* noise, float* actions) {  // the actor at z_
    const Actor& actor = agent_.average_actor;
    tensor::run_mlp(actor.body, 0, rows, z_.data(), hidden_, head_.data());
    tensor::kernels::kernels().tanh_gaussian_forward(rows, agent_.spec.action_dim,
                                                     static_cast<float>(actor.std_floor), head_.data(), noise,
                                                     actions, log_prob_.data());
  }

  void step(int64_t rows, bool first, const float* actions, float* scores) {  // z_ <- the next states
    const bool continues = model_->has_continuation(), uncertain = config_.uncertainty_weight != 0.0;
    model_->step({.rows = rows,
                  .first = first,
                  .actions = actions,
                  .states = z_.data(),
                  .rewards = rewards_.data(),
                  .continuation = continues ? continuation_.data() : nullptr,
                  .uncertainty = uncertain ? uncertainty_.data() : nullptr});
    for (int64_t r = 0; r < rows; ++r) scores[r] += weights_[r] * rewards_[r];
    if (uncertain) {
      for (int64_t r = 0; r < rows; ++r)
        scores[r] += weights_[r] * static_cast<float>(config_.uncertainty_weight) * uncertainty_[r];
    }
    for (int64_t r = 0; r < rows; ++r) weights_[r] *= static_cast<float>(discount_);
    if (!continues) return;
    for (int64_t r = 0; r < rows; ++r) weights_[r] /= 1.0F + std::exp(-continuation_[r]);
  }

  void add_value(int64_t rows, float* scores) {
    const Critic& critic = agent_.critic;
    const int64_t bins = tensor::width_of(critic.body), critics = critic.body.out.weight.size(0);
    const auto pessimism = static_cast<float>(config_.pessimism);
    const float share = (1.0F - pessimism) / static_cast<float>(critics);
    act(rows, noise_.data(), action_.data());
    join(rows, action_.data());
    std::fill_n(least_.begin(), rows, std::numeric_limits<float>::max());
    for (int64_t c = 0; c < critics; ++c) {
      tensor::run_mlp(critic.body, c, rows, joint_.data(), hidden_, logits_.data());
      tensor::run_two_hot(rows, bins, critic.bin_low, critic.bin_high, logits_.data(), values_.data());
      for (int64_t r = 0; r < rows; ++r) {
        scores[r] += weights_[r] * share * values_[r];
        least_[r] = std::min(least_[r], values_[r]);
      }
    }
    if (pessimism == 0.0F) return;
    for (int64_t r = 0; r < rows; ++r) scores[r] += weights_[r] * pessimism * least_[r];
  }

  void join(int64_t rows, const float* actions) {  // joint_ = [z_, actions]
    const int64_t z = std::ssize(start_), a = agent_.spec.action_dim;
    for (int64_t r = 0; r < rows; ++r) {
      float* row = joint_.data() + r * (z + a);
      std::copy_n(z_.data() + r * z, z, row);
      std::copy_n(actions + r * a, a, row + z);
    }
  }

  const Agent::Impl& agent_;
  PlannerConfig config_;
  double discount_;
  std::unique_ptr<worldmodel::RowModel> model_;
  std::vector<float> start_;  // [Z]
  tensor::HiddenRows hidden_;
  // One block of rows: states, [z, a], the critic's logits, what the model predicts, one number a row, actor.
  std::vector<float> z_, joint_, logits_, rewards_, continuation_, uncertainty_, values_, least_, weights_,
      head_, noise_, action_, log_prob_;
};

}  // namespace

std::unique_ptr<SequenceScorer> make_row_scorer(Agent& agent, const PlannerConfig& config, double discount) {
  return std::make_unique<RowScorer>(agent, config, discount);
}

}  // namespace reverie::policies
