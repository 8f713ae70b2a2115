#include "evaluation/reward_audit.h"

#include <algorithm>
#include <cmath>

namespace reverie::evaluation {
namespace {

bool counts(const DecisionLog& log, const ProgramRewards& program, size_t at) {
  return log.alive[at] >= 0.5 && std::isfinite(program.rewards[at]) && std::isfinite(log.rewards[at]);
}

}  // namespace

void AuditCounts::add(const AuditCounts& more) {
  states += more.states;
  paid_for_nothing += more.paid_for_nothing;
  error += more.error;
  absolute_error += more.absolute_error;
  program += more.program;
}

double best_decision(std::span<const contract::Episode> episodes, int control_steps) {
  double best = 0.0;
  for (const contract::Episode& episode : episodes) {
    for (int64_t first = 0; first + control_steps <= episode.length(); first += control_steps) {
      double sum = 0.0;
      for (int64_t t = first; t < first + control_steps; ++t)
        sum += static_cast<double>(episode.rewards[static_cast<size_t>(t)]);
      best = std::max(best, sum);
    }
  }
  return best;
}

std::vector<AuditCounts> audit_band(const DecisionLog& log, const ProgramRewards& program, double scale,
                                    int64_t first, int64_t end) {
  std::vector<AuditCounts> rollouts(static_cast<size_t>(log.count));
  for (int64_t k = first; k < std::min(end, log.decisions); ++k) {
    for (int64_t n = 0; n < log.count; ++n) {
      const size_t at = log.at(k, n);
      if (!counts(log, program, at)) continue;
      const double head = log.rewards[at], task = program.rewards[at];
      AuditCounts& sum = rollouts[static_cast<size_t>(n)];
      ++sum.states;
      sum.error += head - task;
      sum.absolute_error += std::abs(head - task);
      sum.program += std::abs(task);
      if (scale > 0.0 && head >= kMuch * scale && task <= kNothing * scale) ++sum.paid_for_nothing;
    }
  }
  return rollouts;
}

RewardAudit audit_rewards(const DecisionLog& log, const ProgramRewards& program, double best) {
  RewardAudit audit{.scale = best, .rollouts = {}};
  for (int64_t k = 0; k < log.decisions; ++k) {
    for (int64_t n = 0; n < log.count; ++n) {
      const size_t at = log.at(k, n);
      if (!counts(log, program, at)) continue;
      const double head = log.rewards[at], task = program.rewards[at];
      if (best <= 0.0) audit.scale = std::max(audit.scale, head);
      if (audit.worst_rollout >= 0 && head - task <= audit.worst_head - audit.worst_program) continue;
      audit.worst_rollout = n, audit.worst_decision = k;
      audit.worst_head = head, audit.worst_program = task;
    }
  }
  audit.rollouts = audit_band(log, program, audit.scale, 0, log.decisions);
  return audit;
}

}  // namespace reverie::evaluation
