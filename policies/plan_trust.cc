#include "policies/plan_trust.h"

#include <algorithm>
#include <cmath>

namespace reverie {

void PlanTrust::settle(float actor) {
  waiting_ = false;
  lost_ = std::min(0.0, lost_ + reward_ + discount_ * actor - actor_);
  if (lost_ >= -(resting_ ? patience_ : limit_) * worth_) return;
  lost_ = 0.0;
  if (resting_) {
    rest_ = 0.0;
    limit_ *= 2.0;
    next_rest_ = 2.0 * patience_;
  } else {
    rest_ = next_rest_;
    next_rest_ *= 2.0;
  }
}

bool PlanTrust::allow(float actor) {
  if (waiting_) settle(actor);
  const bool rests = rest_ > 0.0;
  if (resting_ && !rests) lost_ = 0.0;  // plans begin anew
  resting_ = rests;
  if (rests) rest_ -= 1.0;
  return !rests;
}

void PlanTrust::played(float actor, float claim, float reward) {
  waiting_ = true;
  actor_ = actor;
  reward_ = reward;
  worth_ = (1.0 - discount_) * std::max(std::abs(double{actor}), std::abs(double{claim}));
}

}  // namespace reverie
