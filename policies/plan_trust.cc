#include "policies/plan_trust.h"

#include <algorithm>
#include <cmath>

namespace reverie::policies {

bool PlanTrust::allow(float actor) {
  if (waiting_) {
    waiting_ = false;
    lost_ = std::min(0.0, lost_ + reward_ + discount_ * actor - actor_);
    if (lost_ < -patience_ * worth_) {
      lost_ = 0.0;
      rest_ = next_rest_;
      next_rest_ *= 2.0;
    }
  }
  if (rest_ <= 0.0) return true;
  rest_ -= 1.0;
  return false;
}

void PlanTrust::played(float actor, float claim, float reward) {
  waiting_ = true;
  actor_ = actor;
  reward_ = reward;
  worth_ = (1.0 - discount_) * std::max(std::abs(double{actor}), std::abs(double{claim}));
}

}  // namespace reverie::policies
