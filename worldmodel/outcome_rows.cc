#include "worldmodel/outcome_rows.h"

namespace reverie::worldmodel {

void OutcomeRows::start(std::span<const float> state) {
  const int64_t actions = heads_.reward.hidden[0].weight.size(-1) - std::ssize(state);
  reward_first_.prepare(heads_.reward.hidden[0], 0, state.data(), actions);
  if (heads_.has_continuation)
    continuation_first_.prepare(heads_.continuation.hidden[0], 0, state.data(), actions);
}

void OutcomeRows::run(const tensor::Mlp& head, const tensor::SharedInputLayer& at_start, const RowStep& step,
                      const float* joint, float* out) {
  if (!step.first) return tensor::run_mlp(head, 0, step.rows, joint, hidden_, out);
  tensor::grow(hidden_.even, step.rows * tensor::width_of(head.hidden[0]));
  at_start.run_silu(step.rows, step.actions, hidden_.even.data());
  tensor::run_mlp_tail(head, 0, step.rows, hidden_, out);
}

void OutcomeRows::predict(const RowStep& step, const float* joint) {
  const int64_t bins = tensor::width_of(heads_.reward);
  tensor::grow(logits_, step.rows * bins);
  run(heads_.reward, reward_first_, step, joint, logits_.data());
  tensor::run_two_hot(step.rows, bins, heads_.bin_low, heads_.bin_high, logits_.data(), step.rewards);
  if (step.continuation != nullptr)
    run(heads_.continuation, continuation_first_, step, joint, step.continuation);
}

void OutcomeRows::reward_at_start(int64_t rows, const float* actions, float* rewards) {
  predict({.rows = rows, .first = true, .actions = actions, .rewards = rewards}, nullptr);
}

}  // namespace reverie::worldmodel
