// What a training asks about its dream at every evaluation, and what it keeps of the answer.
// Measuring belongs to evaluation/, which lies above this folder: who starts a training brings it along.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "base/stop.h"
#include "base/thread_pool.h"
#include "contract/policy.h"
#include "policies/agent.h"
#include "sim/task/task.h"

namespace reverie::training {

// NaN where a figure could not be measured.
struct DreamFigures {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  // Recorded actions of pushed episodes, played in the dream.
  double error_2 = kNone, error_10 = kNone, error_50 = kNone;  // after so many control steps, in held-out sd
  double valid_steps = kNone;                                  // control steps for which the dream holds
  // The policy acting in the dream and in physics, from the same starts for the same time.
  double imagined_return = kNone, simulated_return = kNone;
  double overpromise_low = kNone;          // lower end of the 95% interval of their difference over starts
  double ks_mean = kNone, ks_max = kNone;  // Kolmogorov-Smirnov distances of the observations' distributions
};

// The figures as a row of metrics: "dream/error_2", "dream/return", ...
std::map<std::string, double> metric_values(const DreamFigures& figures);

// The agent and its mean actions act on the CPU; asking must leave them as they are.
struct DreamQuestion {
  std::shared_ptr<const sim::Task> task;
  policies::Agent& agent;
  contract::Policy& policy;
  int64_t episodes = 0;  // pushed episodes to record
  uint64_t seed = 0;     // of every draw; a training always asks with the same one
  base::ThreadPool& pool;
  const base::Stop* stop = nullptr;  // asked: throw base::Interrupted
};

using MeasureDream = std::function<DreamFigures(const DreamQuestion&)>;

}  // namespace reverie::training
