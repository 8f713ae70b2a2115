// SequenceBatch: short sequences of decisions that a model learns from.
// Plain buffers without torch, filled by ReplayBuffer::sample() and reused from update to update.
#pragma once

#include <cstdint>
#include <vector>

namespace reverie::training {

// B sequences of H decisions, time-major and row-major. A sequence never leaves its episode: behind the
// episode's last known decision mask is 0, the last observation is repeated, and actions, rewards and
// terminated are 0.
struct SequenceBatch {
  int64_t horizon = 0, batch = 0;   // H, B
  std::vector<float> observations;  // [H+1, B, O+F]
  std::vector<float> actions;       // [H, B, A]
  std::vector<float> rewards;       // [H, B] summed over the control steps of the decision
  std::vector<float> terminated;    // [H, B] 1 where no reward follows; a truncated episode has none
  std::vector<float> mask;          // [H, B] 1 where the decision was taken
  // Rows at the control steps inside each decision of R, where the buffer keeps them (then repeat is R, else 0). A
  // decision that the episode's end cut short repeats the row behind it.
  int64_t repeat = 0;
  std::vector<float> between;  // [H, R-1, B, O+F]
};

}  // namespace reverie::training
