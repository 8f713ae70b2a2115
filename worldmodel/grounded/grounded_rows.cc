#include "worldmodel/grounded/grounded_rows.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/inference.h"
#include "tensor/kernels/kernels.h"
#include "worldmodel/outcome_rows.h"

namespace reverie::worldmodel {
namespace {

class GroundedRows : public RowModel {
 public:
  explicit GroundedRows(const Grounded& networks)
      : networks_(networks),
        observation_dim_(networks.observation_dim()),
        latent_dim_(networks.latent_dim()),
        action_dim_(networks.left.weight.size(-1) - observation_dim_),
        products_(networks.left.weight.size(0)),
        dynamics_first_(static_cast<size_t>(networks.config.dynamics_heads)),
        outcome_(networks.outcome) {}

  bool has_continuation() const override { return networks_.outcome.has_continuation; }

  void encode(std::span<const float> observation, std::span<float> state) override {
    const float* mean = networks_.scale.mean.const_data_ptr<float>();
    const float* deviation = networks_.scale.deviation.const_data_ptr<float>();
    for (int64_t i = 0; i < observation_dim_; ++i) state[i] = (observation[i] - mean[i]) / deviation[i];
    tensor::grow(hidden_.even, tensor::width_of(networks_.encoder_in));
    tensor::run_silu(networks_.encoder_in, 0, 1, state.data(), hidden_.even.data());
    tensor::run_simnorm(networks_.encoder_out, 0, 1, networks_.config.simnorm_dim, hidden_.even.data(),
                        state.data() + observation_dim_);
  }

  // The start's part of every first layer's product is made once.
  void start(std::span<const float> state) override {
    for (size_t e = 0; e < dynamics_first_.size(); ++e) {
      dynamics_first_[e].prepare(networks_.dynamics_hidden[0], static_cast<int64_t>(e), state.data(),
                                 action_dim_ + products_);
    }
    outcome_.start(state);
  }

  void step(const RowStep& step) override {
    join(step.rows, step.states, step.actions);
    outcome_.predict(step, joint_.data());
    advance(step);
  }

  void reward_at_start(int64_t rows, const float* actions, float* out) override {
    outcome_.reward_at_start(rows, actions, out);
  }

 private:
  // joint_ = [z, a], x_ = [s, a, q], inputs_ = [z, a, q], own_ = [a, q].
  void join(int64_t rows, const float* states, const float* actions) {
    const int64_t z = latent_dim_, a = action_dim_, o = observation_dim_, p = products_;
    tensor::grow(joint_, rows * (z + a));
    tensor::grow(pair_, rows * (o + a));
    tensor::grow(left_, rows * p);
    tensor::grow(right_, rows * p);
    tensor::grow(x_, rows * (o + a + p));
    tensor::grow(inputs_, rows * (z + a + p));
    tensor::grow(own_, rows * (a + p));
    for (int64_t r = 0; r < rows; ++r) {
      std::copy_n(states + r * z, z, joint_.data() + r * (z + a));
      std::copy_n(actions + r * a, a, joint_.data() + r * (z + a) + z);
      std::copy_n(states + r * z, o, pair_.data() + r * (o + a));
      std::copy_n(actions + r * a, a, pair_.data() + r * (o + a) + o);
    }
    tensor::run_linear(networks_.left, 0, rows, pair_.data(), left_.data());
    tensor::run_linear(networks_.right, 0, rows, pair_.data(), right_.data());
    for (int64_t i = 0; i < rows * p; ++i) left_[i] *= right_[i];
    for (int64_t r = 0; r < rows; ++r) {
      std::copy_n(pair_.data() + r * (o + a), o + a, x_.data() + r * (o + a + p));
      std::copy_n(left_.data() + r * p, p, x_.data() + r * (o + a + p) + o + a);
      std::copy_n(joint_.data() + r * (z + a), z + a, inputs_.data() + r * (z + a + p));
      std::copy_n(left_.data() + r * p, p, inputs_.data() + r * (z + a + p) + z + a);
      std::copy_n(x_.data() + r * (o + a + p) + o, a + p, own_.data() + r * (a + p));
    }
  }

  // `heads` predictions, one after the other in change_ [E, R, O] and features_ [E, R, L].
  void predict(int64_t heads, int64_t rows, bool first) {
    const int64_t o = observation_dim_, l = latent_dim_ - o;
    const tensor::NormedLayer &in = networks_.dynamics_hidden[0], &inner = networks_.dynamics_hidden[1];
    tensor::grow(hidden_.even, rows * tensor::width_of(in));
    tensor::grow(hidden_.odd, rows * tensor::width_of(inner));
    tensor::grow(change_, heads * rows * o);
    tensor::grow(skip_, rows * o);
    tensor::grow(features_, heads * rows * l);
    for (int64_t e = 0; e < heads; ++e) {
      float* change = change_.data() + e * rows * o;
      if (first) {
        dynamics_first_[static_cast<size_t>(e)].run_silu(rows, own_.data(), hidden_.even.data());
      } else {
        tensor::run_silu(in, e, rows, inputs_.data(), hidden_.even.data());
      }
      tensor::run_silu(inner, e, rows, hidden_.even.data(), hidden_.odd.data());
      tensor::run_linear(networks_.change_out, e, rows, hidden_.odd.data(), change);
      tensor::run_linear(networks_.change_skip, e, rows, x_.data(), skip_.data());
      for (int64_t i = 0; i < rows * o; ++i) change[i] += skip_[i];
      tensor::run_simnorm(networks_.features_out, e, rows, networks_.config.simnorm_dim, hidden_.odd.data(),
                          features_.data() + e * rows * l);
    }
  }

  void advance(const RowStep& step) {
    const int64_t o = observation_dim_, z = latent_dim_, l = z - o, rows = step.rows;
    const int64_t heads = networks_.config.dynamics_heads;
    predict(heads, rows, step.first);
    tensor::grow(mean_change_, rows * o);
    tensor::grow(mean_features_, rows * l);
    const tensor::kernels::Kernels& kernels = tensor::kernels::kernels();
    kernels.mean_of_members(heads, rows * o, change_.data(), mean_change_.data());
    kernels.mean_of_members(heads, rows * l, features_.data(), mean_features_.data());
    const float* size = networks_.scale.change.const_data_ptr<float>();
    const float* low = networks_.scale.low.const_data_ptr<float>();
    const float* high = networks_.scale.high.const_data_ptr<float>();
    for (int64_t r = 0; r < rows; ++r) {
      float* state = step.states + r * z;
      for (int64_t i = 0; i < o; ++i)
        state[i] = std::min(std::max(state[i] + size[i] * mean_change_[r * o + i], low[i]), high[i]);
      std::copy_n(mean_features_.data() + r * l, l, state + o);
    }
    if (step.uncertainty == nullptr) return;
    kernels.squared_error_forward(heads, rows * l, rows, l, features_.data(), mean_features_.data(),
                                  step.uncertainty);
    for (int64_t r = 0; r < rows; ++r)
      step.uncertainty[r] = std::sqrt(step.uncertainty[r] * static_cast<float>(l));
  }

  const Grounded& networks_;
  int64_t observation_dim_, latent_dim_, action_dim_, products_;  // O, Z, A, P
  std::vector<tensor::SharedInputLayer> dynamics_first_;
  OutcomeRows outcome_;
  tensor::HiddenRows hidden_;
  std::vector<float> own_, joint_, pair_, left_, right_, x_, inputs_, change_, skip_, features_;
  std::vector<float> mean_change_, mean_features_;
};

}  // namespace

std::unique_ptr<RowModel> make_grounded_rows(const Grounded& networks) {
  return std::make_unique<GroundedRows>(networks);
}

}  // namespace reverie::worldmodel
