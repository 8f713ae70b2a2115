#include "worldmodel/joint_embedding/joint_embedding_rows.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/inference.h"
#include "tensor/kernels/kernels.h"
#include "worldmodel/outcome_rows.h"

namespace reverie::worldmodel {
namespace {

class JointEmbeddingRows : public RowModel {
 public:
  explicit JointEmbeddingRows(const JointEmbedding& networks)
      : networks_(networks),
        dynamics_first_(static_cast<size_t>(networks.config.dynamics_heads)),
        outcome_(networks.outcome) {}

  bool has_continuation() const override { return networks_.outcome.has_continuation; }

  void encode(std::span<const float> observation, std::span<float> state) override {
    tensor::grow(hidden_.even, tensor::width_of(networks_.encoder_in));
    tensor::run_silu(networks_.encoder_in, 0, 1, observation.data(), hidden_.even.data());
    tensor::run_simnorm(networks_.encoder_out, 0, 1, networks_.config.simnorm_dim, hidden_.even.data(),
                        state.data());
  }

  // The start's part of every first layer's product is made once.
  void start(std::span<const float> state) override {
    const int64_t actions = networks_.dynamics_hidden[0].weight.size(-1) - std::ssize(state);
    for (size_t e = 0; e < dynamics_first_.size(); ++e) {
      dynamics_first_[e].prepare(networks_.dynamics_hidden[0], static_cast<int64_t>(e), state.data(),
                                 actions);
    }
    outcome_.start(state);
  }

  void step(const RowStep& step) override {
    if (!step.first) join(step);
    outcome_.predict(step, joint_.data());
    advance(step);
  }

  void reward_at_start(int64_t rows, const float* actions, float* out) override {
    outcome_.reward_at_start(rows, actions, out);
  }

 private:
  int64_t latent_dim() const { return networks_.config.latent_dim; }

  void join(const RowStep& step) {  // joint_ = [states, actions]
    const int64_t z = latent_dim(), width = networks_.dynamics_hidden[0].weight.size(-1), a = width - z;
    tensor::grow(joint_, step.rows * width);
    for (int64_t r = 0; r < step.rows; ++r) {
      float* row = joint_.data() + r * width;
      std::copy_n(step.states + r * z, z, row);
      std::copy_n(step.actions + r * a, a, row + z);
    }
  }

  void advance(const RowStep& step) {
    const int64_t width = latent_dim(), heads = std::ssize(dynamics_first_), rows = step.rows;
    const tensor::NormedLayer &in = networks_.dynamics_hidden[0], &inner = networks_.dynamics_hidden[1];
    tensor::grow(hidden_.even, rows * tensor::width_of(in));
    tensor::grow(hidden_.odd, rows * tensor::width_of(inner));
    tensor::grow(heads_, heads * rows * width);
    for (int64_t e = 0; e < heads; ++e) {
      if (step.first) {
        dynamics_first_[static_cast<size_t>(e)].run_silu(rows, step.actions, hidden_.even.data());
      } else {
        tensor::run_silu(in, e, rows, joint_.data(), hidden_.even.data());
      }
      tensor::run_silu(inner, e, rows, hidden_.even.data(), hidden_.odd.data());
      tensor::run_simnorm(networks_.dynamics_out, e, rows, networks_.config.simnorm_dim, hidden_.odd.data(),
                          heads_.data() + e * rows * width);
    }
    tensor::kernels::kernels().mean_of_members(heads, rows * width, heads_.data(), step.states);
    if (step.uncertainty == nullptr) return;
    tensor::kernels::kernels().squared_error_forward(heads, rows * width, rows, width, heads_.data(),
                                                     step.states, step.uncertainty);
    for (int64_t r = 0; r < rows; ++r)
      step.uncertainty[r] = std::sqrt(step.uncertainty[r] * static_cast<float>(width));
  }

  const JointEmbedding& networks_;
  std::vector<tensor::SharedInputLayer> dynamics_first_;
  OutcomeRows outcome_;
  tensor::HiddenRows hidden_;
  std::vector<float> joint_, heads_;  // of the rows of a step: [z, a], each head's prediction
};

}  // namespace

std::unique_ptr<RowModel> make_joint_embedding_rows(const JointEmbedding& networks) {
  return std::make_unique<JointEmbeddingRows>(networks);
}

}  // namespace reverie::worldmodel
