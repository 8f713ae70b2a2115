// RowModel: a latent model on plain float rows, for planning on a CPU.
// Planning runs it some hundred times a decision, so it makes no tensors and allocates only while it grows.
#pragma once

#include <cstdint>
#include <span>

namespace reverie::worldmodel {

// One decision of R rows.
struct RowStep {
  int64_t rows = 0;
  bool first = false;              // every row is still at the start
  const float* actions = nullptr;  // [R, A] in [-1, 1]
  float* states = nullptr;         // [R, Z] where the rows are; replaced by the prediction
  float* rewards = nullptr;        // [R]
  float* continuation = nullptr;   // [R] logits; null when has_continuation() is false
  float* uncertainty = nullptr;    // [R]; null: not wanted
};

class RowModel {
 public:
  virtual ~RowModel() = default;
  virtual bool has_continuation() const = 0;

  // The state [Z] of one observation [O].
  virtual void encode(std::span<const float> observation, std::span<float> state) = 0;
  // First steps begin at this state [Z] from now on; the model's weights must not change until the next start.
  virtual void start(std::span<const float> state) = 0;
  virtual void step(const RowStep& step) = 0;
  // Predicted rewards [R] of actions [R, A] at the start.
  virtual void reward_at_start(int64_t rows, const float* actions, float* rewards) = 0;
};

}  // namespace reverie::worldmodel
