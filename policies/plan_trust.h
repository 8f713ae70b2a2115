// PlanTrust: stops plans that do not keep what they promise.
// Where a critic is wrong, every plan may begin by going there or staying there: each decision claims a gain,
// and none of them ever comes.
#pragma once

namespace reverie::policies {

// The state of one episode. V is what the model thinks that the actor's mean actions are worth from here.
//
//   after each played plan   lost <- min(0, lost + r + gamma V' - V)        (one-sided sum, Page 1954)
//   worth of a decision      (1 - gamma) max(|V|, |score of the plan|)
//   lost < -patience worth   lost <- 0, and the actor acts alone for 2 patience decisions, the next time for
//                            4 patience, then 8 patience, ...
//
// Where the actor is followed and the model is right, r + gamma V' - V is about zero on average; plans that are
// worth playing add up to more. Example: with gamma = 0.97, V = 100 and a score of 100, a decision is worth 3.
// With patience = 10, played plans must lose 30 in sum before the actor acts alone, for 20 decisions.
class PlanTrust {
 public:
  PlanTrust(double patience, double discount)
      : patience_(patience), discount_(discount), next_rest_(2.0 * patience) {}

  // Before a decision, V = `actor`: whether its plan may be played.
  bool allow(float actor);
  // The plan of that decision is played: the score that it claims, and the reward predicted
  // for its first action.
  void played(float actor, float claim, float reward);

 private:
  double patience_, discount_;
  bool waiting_ = false;                             // a plan was played, and its result is not known yet
  double actor_ = 0.0, worth_ = 0.0, reward_ = 0.0;  // of that decision
  double lost_ = 0.0;                                // at most 0
  double rest_ = 0.0;                                // decisions for which the actor still acts
  double next_rest_;
};

}  // namespace reverie::policies
