// Whether plans keep what they promise. A critic that is wrong somewhere makes every plan begin by going, or
// by staying, there: each decision claims a gain, and none of them ever comes.
#pragma once

namespace reverie::policies {

// Of one episode. V is what the model thinks that the actor's mean actions are worth from the state at hand.
// A decision changes it by r + gamma V' - V, about zero on average where the actor is followed and the model
// is right; decisions of plans that are worth playing add up to more. When those that were played have lost,
// since their last high, `patience` times what a decision is worth, (1 - gamma) of the larger of |V| and |the
// plan's score| (the one-sided sum of Page 1954), the actor alone acts for 2 * patience decisions, the next
// time for twice as many, and so on.
class PlanTrust {
 public:
  PlanTrust(double patience, double discount)
      : patience_(patience), discount_(discount), next_rest_(2.0 * patience) {}

  // Before a decision, V = `actor`: whether its plan may be played.
  bool allow(float actor);
  // The plan of that decision is played: the score that it claims, and the reward predicted for its first
  // action.
  void played(float actor, float claim, float reward);

 private:
  double patience_, discount_;
  bool waiting_ = false;                             // for what became of the last decision
  double actor_ = 0.0, worth_ = 0.0, reward_ = 0.0;  // of it
  double lost_ = 0.0;                                // at most 0
  double rest_ = 0.0;                                // decisions for which the actor still acts
  double next_rest_;
};

}  // namespace reverie::policies
