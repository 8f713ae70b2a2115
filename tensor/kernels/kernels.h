// The raw loops under the fused operations, on contiguous float rows.
// Each loop exists once for every instruction set that matters; kernels() is the set for this processor.
// Callers split rows over threads: no loop allocates memory or starts threads. The sets round differently;
// one set gives the same bits every time.
#pragma once

#include <cstdint>
#include <span>

#include "tensor/kernels/kinematic_steps.h"

namespace reverie::tensor::kernels {

constexpr float kNormEpsilon = 1e-5f;  // LayerNorm's, PyTorch's default

// What follows a matrix product, D entries each; bias is the linear layer's, gamma and beta LayerNorm's.
struct NormParameters {
  const float *bias, *gamma, *beta;
};

// Sums over rows of the gradients of NormParameters; added to, not set. bias null: not wanted (frozen).
struct NormGradients {
  float *bias, *gamma, *beta;
};

constexpr int64_t kMaxBins = 1024;

// K bins at symexp of evenly spaced numbers in [low, high], 2 <= K <= kMaxBins.
struct Bins {
  int64_t count;
  float low, high;
};

// rate: learning rate over the first moment's bias correction; scale: of the gradient (clipping); root_scale:
// 1 over the square root of the second moment's bias correction.
struct AdamFactors {
  float rate, scale, beta1, beta2, root_scale, epsilon;
};

struct Kernels {
  const char* instruction_set;

  // x [rows, D] <- (x + bias - mean) / sqrt(var + eps) in place; rstd [rows] <- the reciprocal root (null:
  // not wanted); y [rows, D] <- SiLU(x * gamma + beta), y may be x.
  void (*norm_silu_forward)(int64_t rows, int64_t d, float* x, NormParameters p, float* rstd, float* y);
  // From the normalised rows and dy = dL/dy: dx <- the gradient of the matrix product.
  void (*norm_silu_backward)(int64_t rows, int64_t d, const float* normalised, const float* rstd,
                             NormParameters p, const float* dy, float* dx, NormGradients sums);
  // As norm_silu, with y = softmax within each `group` consecutive entries; backward takes y.
  void (*norm_simnorm_forward)(int64_t rows, int64_t d, int64_t group, float* x, NormParameters p,
                               float* rstd, float* y);
  void (*norm_simnorm_backward)(int64_t rows, int64_t d, int64_t group, const float* normalised,
                                const float* rstd, NormParameters p, const float* y, const float* dy,
                                float* dx, NormGradients sums);
  // SimNorm alone on n entries, a multiple of group; y may be x, dx may be dy.
  void (*simnorm_forward)(int64_t n, int64_t group, const float* x, float* y);
  void (*simnorm_backward)(int64_t n, int64_t group, const float* y, const float* dy, float* dx);
  // x [rows, D] += bias; sums [D] += each column's sum.
  void (*add_bias)(int64_t rows, int64_t d, const float* bias, float* x);
  void (*add_column_sums)(int64_t rows, int64_t d, const float* x, float* sums);

  // p [rows, K] <- softmax(logits), loss [rows] <- cross entropy against the target's two-hot.
  void (*two_hot_loss_forward)(int64_t rows, const Bins& bins, const float* logits, const float* target,
                               float* p, float* loss);
  void (*two_hot_loss_backward)(int64_t rows, const Bins& bins, const float* p, const float* target,
                                const float* dloss, float* dlogits);
  // p <- softmax(logits), value [rows] <- sum of p * bin.
  void (*two_hot_value_forward)(int64_t rows, const Bins& bins, const float* logits, float* p, float* value);
  void (*two_hot_value_backward)(int64_t rows, const Bins& bins, const float* p, const float* value,
                                 const float* dvalue, float* dlogits);

  // head [rows, 2A] = (mean, s), noise [rows, A] -> action [rows, A], log_prob [rows].
  void (*tanh_gaussian_forward)(int64_t rows, int64_t actions, float std_floor, const float* head,
                                const float* noise, float* action, float* log_prob);
  // daction or dlog_prob may be null: zero.
  void (*tanh_gaussian_backward)(int64_t rows, int64_t actions, float std_floor, const float* head,
                                 const float* noise, const float* action, const float* daction,
                                 const float* dlog_prob, float* dhead);

  // x [E, n] -> y [n], the mean over E; and y <- scale * x.
  void (*mean_of_members)(int64_t members, int64_t n, const float* x, float* y);
  void (*scaled)(int64_t n, float scale, const float* x, float* y);
  // heads: E blocks of [rows, D], `stride` entries apart; target [rows, D] -> error [rows], the mean over E
  // and D of the squared difference; backward gives the blocks of dheads from derror [rows].
  void (*squared_error_forward)(int64_t members, int64_t stride, int64_t rows, int64_t d, const float* heads,
                                const float* target, float* error);
  void (*squared_error_backward)(int64_t members, int64_t stride, int64_t rows, int64_t d, const float* heads,
                                 const float* target, const float* derror, float* dheads);

  float (*sum_of_squares)(int64_t n, const float* x);
  void (*adam_step)(int64_t n, const AdamFactors& f, const float* gradient, float* m, float* v, float* value);
  // target += rate (source - target)
  void (*lerp)(int64_t n, float rate, const float* source, float* target);

  // Standard normal numbers 0 ... n-1 of a Philox stream (contract/rng.h): number i from word i % 4 of the block
  // of `counter` with i / 4 added to its first word.
  void (*normals)(int64_t n, const uint32_t* counter, const uint32_t* key, float* out);

  // qpos [rows, positions], qvel [rows, velocities] -> all bodies; and their gradients, set, from the bodies'. scratch:
  // kinematic_scratch(plan) floats.
  void (*kinematics_forward)(int64_t rows, const KinematicPlan& plan, const float* qpos, const float* qvel,
                             BodyArrays<float> out, float* scratch);
  void (*kinematics_backward)(int64_t rows, const KinematicPlan& plan, const float* qpos, const float* qvel,
                              BodyArrays<const float> dout, float* scratch, float* dqpos, float* dqvel);
  // All bodies -> balls; and the bodies' gradients, set, from the balls'. scratch: touch_scratch(bodies) floats.
  void (*touch_forward)(int64_t rows, int64_t bodies, std::span<const TouchBall> balls,
                        BodyArrays<const float> in, TouchArrays<float> out, float* scratch);
  void (*touch_backward)(int64_t rows, int64_t bodies, std::span<const TouchBall> balls,
                         BodyArrays<const float> in, TouchArrays<const float> dout, float* scratch,
                         BodyArrays<float> din);
};

// The sets that this processor can run, slowest first.
std::span<const Kernels> available_kernels();
inline const Kernels& kernels() {
  static const Kernels& best = available_kernels().back();
  return best;
}

}  // namespace reverie::tensor::kernels
