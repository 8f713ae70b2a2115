#include "evaluation/reward_program.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "sim/env.h"
#include "sim/model.h"

namespace reverie::evaluation {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

// One thread's simulator.
struct Asker {
  sim::Env env;
  std::vector<double> physics;  // [P] scratch

  double pay(const DecisionLog& log, const contract::StartPoint& start, int64_t k, int64_t n) {
    if (!put_state(log, start, k, n)) return kNan;
    const std::span<const float> action = log.row(log.actions, k, n, log.action_dim);
    if (!all_finite(action)) return kNan;
    double sum = 0.0;
    for (int i = 0; i < log.control_steps; ++i) {
      const sim::StepResult result = env.step(action);
      if (result.diverged) return kNan;
      sum += static_cast<double>(static_cast<float>(result.reward));  // as episodes store it
      if (result.terminated) break;
    }
    return sum;
  }

  bool put_state(const DecisionLog& log, const contract::StartPoint& start, int64_t k, int64_t n) {
    const contract::Episode& episode = *start.episode;
    const int64_t step = start.step + k * log.control_steps;
    if (log.physics_dim > 0) {
      env.restore(log.row(log.physics, k, n, log.physics_dim), log.row(log.tasks, k, n, log.task_dim),
                  episode.seed, episode.index, step);
      return true;
    }
    const std::span<const float> positions = log.row(log.positions, k, n, log.nq),
                                 velocities = log.row(log.velocities, k, n, log.nv);
    if (!all_finite(positions) || !all_finite(velocities)) return false;
    const int64_t row = std::min(step, episode.length());
    physics.assign(episode.physics_state(row).begin(), episode.physics_state(row).end());
    const auto first = physics.begin() + contract::EnvSpec::kQposOffset;
    std::ranges::copy(positions, first);
    std::ranges::copy(velocities, first + log.nq);
    mj_normalizeQuat(env.model(), physics.data() + contract::EnvSpec::kQposOffset);
    env.restore(physics, episode.task_row(row), episode.seed, episode.index, step);
    return true;
  }

  // An imagined state may be one in which the engine gives up or an expression of the task has no value.
  double try_pay(const DecisionLog& log, const contract::StartPoint& start, int64_t k, int64_t n) {
    try {
      return pay(log, start, k, n);
    } catch (const sim::PhysicsError&) {
      return kNan;
    } catch (const base::UserError&) {
      return kNan;
    }
  }
};

}  // namespace

ProgramRewards ask_program(const std::shared_ptr<const sim::Task>& task, const DecisionLog& log,
                           std::span<const contract::StartPoint> starts, base::ThreadPool& pool,
                           const base::Stop* stop, const Progress& progress) {
  ProgramRewards out;
  out.rewards.assign(static_cast<size_t>(log.decisions * log.count), 0.0);
  std::vector<Asker> askers;
  askers.reserve(static_cast<size_t>(pool.size()));
  for (int i = 0; i < pool.size(); ++i) askers.push_back({sim::Env(task), {}});
  for (int64_t k = 0; k < log.decisions; ++k) {
    base::check_stop(stop);
    pool.run(log.count, [&](int64_t n, int worker) {
      if (!(log.weight(k, n) > 0.0)) return;
      out.rewards[log.at(k, n)] =
          askers[static_cast<size_t>(worker)].try_pay(log, starts[static_cast<size_t>(n)], k, n);
    });
    for (int64_t n = 0; n < log.count; ++n) {
      if (!(log.weight(k, n) > 0.0)) continue;
      ++out.asked;
      if (std::isnan(out.rewards[log.at(k, n)])) ++out.unanswered;
    }
    progress.at(k + 1, log.decisions);
  }
  return out;
}

}  // namespace reverie::evaluation
