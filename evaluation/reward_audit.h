// Reward audit: does the reward head of a model pay what the task pays, on the states that it dreams?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/episode.h"
#include "evaluation/decision_log.h"
#include "evaluation/reward_program.h"

namespace reverie::evaluation {

// A decision is paid for nothing when the head pays at least kMuch of the best decision in physics, and the program at
// most kNothing of it.
inline constexpr double kMuch = 0.5, kNothing = 0.05;

// The largest reward of a decision of `control_steps` in the episodes; 0 when none is above 0.
double best_decision(std::span<const contract::Episode> episodes, int control_steps);

// Of some decisions of one rollout: those in which the episode probably goes on and the program has an answer.
struct AuditCounts {
  int64_t states = 0, paid_for_nothing = 0;
  double error = 0.0, absolute_error = 0.0;  // sums of head less program, and of its size
  double program = 0.0;                      // sum of the size of what the program pays

  void add(const AuditCounts& more);
};

struct RewardAudit {
  double scale = 0.0;  // of the best decision in physics; without one, the head's largest reward
  std::vector<AuditCounts> rollouts;  // [N] of all decisions
  // The decision in which the head pays most beyond the program; rollout -1 when there is none.
  int64_t worst_rollout = -1, worst_decision = 0;
  double worst_head = 0.0, worst_program = 0.0;
};

RewardAudit audit_rewards(const DecisionLog& log, const ProgramRewards& program, double best);

// [N] of the decisions from `first` up to `end`, without it.
std::vector<AuditCounts> audit_band(const DecisionLog& log, const ProgramRewards& program, double scale,
                                    int64_t first, int64_t end);

}  // namespace reverie::evaluation
