#include "evaluation/decision_log.h"

#include <algorithm>
#include <utility>

namespace reverie::evaluation {
namespace {

template <typename T>
void append(std::vector<T>& rows, std::span<const T> more) {
  rows.insert(rows.end(), more.begin(), more.end());
}

int width_of(size_t numbers, int64_t count) {
  return count == 0 ? 0 : static_cast<int>(numbers / static_cast<size_t>(count));
}

}  // namespace

double DecisionLog::part(int64_t k) const {
  const double rest = static_cast<double>(length - k * control_steps) / control_steps;
  return std::min(rest, 1.0);
}

void begin_log(DecisionLog& log, const contract::World& world, const contract::EnvSpec& spec,
               int64_t length) {
  DecisionLog fresh;
  fresh.value = std::move(log.value);
  fresh.count = world.batch_size();
  fresh.length = length;
  fresh.control_steps = world.control_steps();
  fresh.action_dim = spec.action_dim;
  fresh.nq = width_of(world.positions().size(), fresh.count);
  fresh.nv = width_of(world.velocities().size(), fresh.count);
  fresh.physics_dim = width_of(world.physics_states().size(), fresh.count);
  fresh.task_dim = width_of(world.task_states().size(), fresh.count);
  log = std::move(fresh);
}

void log_state(DecisionLog& log, const contract::World& world, std::span<const double> alive) {
  append(log.alive, alive);
  append(log.positions, world.positions());
  append(log.velocities, world.velocities());
  append(log.physics, world.physics_states());
  append(log.tasks, world.task_states());
  if (!log.value || world.latents().empty()) return;
  log.values.resize(log.values.size() + static_cast<size_t>(log.count));
  log.value(world.latents(), std::span(log.values).last(static_cast<size_t>(log.count)));
}

void log_answer(DecisionLog& log, const contract::World& world, std::span<const float> actions) {
  append(log.actions, actions);
  append(log.rewards, world.rewards());
  append(log.continuation, world.continuation());
  ++log.decisions;
}

}  // namespace reverie::evaluation
