#include "sim/task/finite_values.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/task/toml_node.h"

namespace reverie::sim {
namespace {

bool is_good(double value) { return std::abs(value) <= kLargestValue; }  // false for NaN

std::string moment_text(const Moment& moment) {
  const std::string episode = fmt::format("episode {} (seed {})", moment.index, moment.seed);
  return moment.step == 0 ? "in the first state of " + episode
                          : fmt::format("in control step {} of {}", moment.step, episode);
}

[[noreturn]] void fail(const Origin& origin, int64_t element, int64_t size, double value,
                       const Moment& moment) {
  std::string message = origin.position.source ? place_of(origin.position) + ": " : "";
  message += origin.what + ": ";
  if (!origin.expression.empty()) message += fmt::format("'{}' ", origin.expression);
  if (size > 1) message += fmt::format("has element {} that ", element);
  const std::string found = std::isnan(value) ? "nan" : fmt::format("{:g}", value);  // without nan's sign
  throw NonFiniteError(fmt::format("{}is {} {}; expected numbers up to {:g}", message, found,
                                   moment_text(moment), kLargestValue));
}

void check_slots(const Origin& origin, std::span<const int> slots, std::span<const double> workspace,
                 const Moment& moment) {
  for (size_t i = 0; i < slots.size(); ++i) {
    const double value = workspace[static_cast<size_t>(slots[i])];
    if (!is_good(value))
      fail(origin, static_cast<int64_t>(i), static_cast<int64_t>(slots.size()), value, moment);
  }
}

// After noise, scale and clip: what a clip makes finite is finite.
void check_observations(const Task::Impl& task, const StateValues& values, const Moment& moment) {
  for (const ObservationItem& item : task.observation) {
    const std::span<const double> all = item.privileged ? values.privileged : values.observation;
    for (int i = 0; i < item.size(); ++i) {
      const double value = all[static_cast<size_t>(item.offset) + static_cast<size_t>(i)];
      if (!is_good(value)) fail(item.origin, i, item.size(), value, moment);
    }
  }
}

// Which part of the task file element `at` of the task's own state belongs to.
Origin owner(const Task::Impl& task, int at) {
  for (const ObservationItem& item : task.observation) {
    const bool delayed = item.delay_buffer >= 0 && at >= item.delay_buffer &&
                         at < item.delay_buffer + (item.delay_high + 1) * item.width();
    if (delayed) return item.origin;
  }
  for (const Command& command : task.commands) {
    if (at >= command.offset && at < command.offset + static_cast<int>(command.low.size()))
      return {{}, fmt::format("{}: command '{}'", task.spec.task, command.name), ""};
  }
  for (const Remembered& one : task.remembered) {
    if (at >= one.offset && at < one.offset + static_cast<int>(one.slots.size()))
      return {{}, fmt::format("{}: a value that prev() remembers", task.spec.task), ""};
  }
  return {{}, fmt::format("{}: number {} of the task's own state", task.spec.task, at), ""};
}

}  // namespace

void check_finite(const Task::Impl& task, const StateValues& values, const Moment& moment) {
  for (const SignalSlots& signal : task.signals)
    check_slots(signal.origin, signal.slots, values.workspace, moment);
  if (moment.step > 0) {
    for (const RewardTerm& term : task.reward)
      check_slots(term.origin, std::span(&term.slot, 1), values.workspace, moment);
    for (const Termination& one : task.terminations)
      check_slots(one.origin, std::span(&one.slot, 1), values.workspace, moment);
  }
  check_observations(task, values, moment);
  for (size_t i = 0; i < values.task_state.size(); ++i) {
    if (!is_good(values.task_state[i]))
      fail(owner(task, static_cast<int>(i)), 0, 1, values.task_state[i], moment);
  }
}

void check_reward(const Task::Impl& task, double reward, const Moment& moment) {
  if (!is_good(reward))
    fail({{}, task.spec.task + ": the sum of the reward terms", ""}, 0, 1, reward, moment);
}

}  // namespace reverie::sim
