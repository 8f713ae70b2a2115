#include "worldmodel/outcome_heads.h"

#include <torch/types.h>

#include "tensor/fused.h"
#include "tensor/two_hot_unit.h"

namespace reverie::worldmodel {
namespace {

at::Tensor output(const tensor::Mlp& head, const at::Tensor& z, const at::Tensor& a) {
  return tensor::forward(head, tensor::join(z, a));
}

}  // namespace

void visit(OutcomeHeads& heads, const std::string& prefix, const tensor::ParameterVisitor& f) {
  visit(heads.reward, prefix + "reward.", f);
  if (heads.has_continuation) visit(heads.continuation, prefix + "continuation.", f);
}

OutcomeHeads make_outcome_heads(int64_t inputs, bool has_continuation, const ModelConfig& config,
                                contract::Rng& rng) {
  OutcomeHeads heads;
  heads.has_continuation = has_continuation;
  heads.bin_low = config.bin_low;
  heads.bin_high = config.bin_high;
  heads.reward = tensor::make_mlp(inputs, config.hidden_dim, 2, config.bins, 0, 0.0, rng);
  if (has_continuation) heads.continuation = tensor::make_mlp(inputs, config.hidden_dim, 2, 1, 0, 0.0, rng);
  return heads;
}

at::Tensor predicted_reward(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a) {
  return tensor::two_hot_expectation(output(heads.reward, z, a), heads.bin_low, heads.bin_high);
}

at::Tensor predicted_continuation(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a) {
  if (!heads.has_continuation) return at::ones({a.size(0)}, a.options());
  return output(heads.continuation, z, a).squeeze(-1).sigmoid();
}

at::Tensor reward_cross_entropy(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a,
                                const at::Tensor& rewards, const at::Tensor& weights) {
  const at::Tensor error =
      tensor::two_hot_cross_entropy(output(heads.reward, z, a), rewards, heads.bin_low, heads.bin_high);
  return (error * weights).sum();
}

at::Tensor continuation_cross_entropy(const OutcomeHeads& heads, const at::Tensor& z, const at::Tensor& a,
                                      const at::Tensor& terminated, const at::Tensor& weights) {
  const at::Tensor goes_on = 1.0 - terminated;
  const at::Tensor logit = output(heads.continuation, z, a).squeeze(-1);
  const at::Tensor error = at::binary_cross_entropy_with_logits(logit, goes_on, {}, {}, at::Reduction::None);
  return (error * weights).sum();
}

void divide_rewards(const OutcomeHeads& heads, double factor) {
  tensor::divide_predictions(heads.reward.out, heads.bin_low, heads.bin_high, factor);
}

}  // namespace reverie::worldmodel
