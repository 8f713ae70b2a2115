// Raw loops of the two-hot distribution over returns and of the squashed Gaussian policy, on contiguous float
// rows.
#pragma once

#include <cstdint>

namespace reverie::kernels {

// K evenly spaced bins in [low, high].
struct Bins {
  int64_t count;
  float low, high;
};

// Where a symlog'ed and clamped target lies: weight 1 - fraction on bin `lower`, fraction on the next.
struct TwoHot {
  int64_t lower;
  float fraction;
};
TwoHot two_hot(float target, const Bins& bins);

// Per row: p [K] <- softmax(logits), loss <- cross entropy against the two-hot of target.
void two_hot_loss_forward(int64_t rows, const Bins& bins, const float* logits, const float* target, float* p,
                          float* loss);
// dlogits [rows, K] <- dloss (p - two-hot).
void two_hot_loss_backward(int64_t rows, const Bins& bins, const float* p, const float* target,
                           const float* dloss, float* dlogits);

// Per row: p [K] <- softmax(logits), mean <- sum p bin (symlog units), value <- symexp(mean).
void two_hot_value_forward(int64_t rows, const Bins& bins, const float* logits, float* p, float* mean,
                           float* value);
void two_hot_value_backward(int64_t rows, const Bins& bins, const float* p, const float* mean,
                            const float* dvalue, float* dlogits);

// head [rows, 2A] = (mean, s), noise [rows, A] -> action [rows, A], log_prob [rows].
void tanh_gaussian_forward(int64_t rows, int64_t actions, float std_floor, const float* head,
                           const float* noise, float* action, float* log_prob);
// daction or dlog_prob may be null: zero.
void tanh_gaussian_backward(int64_t rows, int64_t actions, float std_floor, const float* head,
                            const float* noise, const float* action, const float* daction,
                            const float* dlog_prob, float* dhead);

}  // namespace reverie::kernels
