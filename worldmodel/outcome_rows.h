// The heads of reward and continuation on plain float rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/inference.h"
#include "worldmodel/outcome_heads.h"
#include "worldmodel/row_model.h"

namespace reverie::worldmodel {

// For weights on the CPU. The heads must outlive it.
class OutcomeRows {
 public:
  explicit OutcomeRows(const OutcomeHeads& heads) : heads_(heads) {}

  // First steps begin at this state [Z]; its part of the first layers' products is made once.
  void start(std::span<const float> state);
  // Rewards, and continuation where it is wanted, of one decision; `joint` [R, Z+A] = [z, a], not read where every
  // row is still at the start.
  void predict(const RowStep& step, const float* joint);
  // Predicted rewards [R] of actions [R, A] at the start.
  void reward_at_start(int64_t rows, const float* actions, float* rewards);

 private:
  void run(const tensor::Mlp& head, const tensor::SharedInputLayer& at_start, const RowStep& step,
           const float* joint, float* out);

  const OutcomeHeads& heads_;
  tensor::SharedInputLayer reward_first_, continuation_first_;
  tensor::HiddenRows hidden_;
  std::vector<float> logits_;  // [R, bins]
};

}  // namespace reverie::worldmodel
