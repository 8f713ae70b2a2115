#include "evaluation/counterfactuals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "contract/driver.h"
#include "contract/random_policy.h"
#include "contract/recorded_policy.h"
#include "contract/world_rows.h"
#include "contract/zero_policy.h"
#include "evaluation/observation_error.h"
#include "report/ranking.h"
#include "report/statistics.h"

namespace reverie::evaluation {
namespace {

constexpr int kRandom = 3;                // random sequences
constexpr double kSmallestEffect = 1e-6;  // sd, and return: less is rounding
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// What a policy does in every row, decision by decision [K, R, A]. It keeps to rows that are there already.
using ActionTable = std::vector<float>;

ActionTable actions_in_world(contract::World& world, std::span<const contract::StartPoint> starts,
                             contract::Policy& policy, const contract::EnvSpec& spec, int64_t decisions,
                             uint64_t seed, const base::Stop* stop, const Progress& progress) {
  world.reset(starts);
  contract::WorldRows rows(world, spec, {.seed = seed});
  contract::Driver driver(rows, policy);
  ActionTable table;
  for (int64_t k = 0; k < decisions; ++k) {
    base::check_stop(stop);
    progress.at(k, decisions);
    driver.step();
    table.insert(table.end(), driver.actions().begin(), driver.actions().end());
  }
  return table;
}

// The same of a policy that needs no world: it shows nothing to it.
ActionTable actions_without_world(size_t rows, contract::Policy& policy, const contract::EnvSpec& spec,
                                  int64_t decisions, uint64_t seed) {
  const size_t width = rows * static_cast<size_t>(spec.action_dim);
  ActionTable table(width * static_cast<size_t>(decisions));
  const std::vector<float> nothing(rows * static_cast<size_t>(spec.observation_dim));
  std::vector<contract::DrawKey> keys(rows);
  policy.reset(static_cast<int>(rows));
  for (int64_t k = 0; k < decisions; ++k) {
    for (size_t n = 0; n < rows; ++n)
      keys[n] = {.seed = seed, .episode = n, .decision = static_cast<uint64_t>(k)};
    policy.act({.observations = nothing, .keys = keys},
               std::span(table).subspan(static_cast<size_t>(k) * width, width));
  }
  return table;
}

// `table` [K, N, A] with actuator n mod A of row n moved by half of its range in the first decisions.
ActionTable bumped(ActionTable table, size_t rows, const contract::EnvSpec& spec, int64_t decisions,
                   float sign) {
  const auto width = static_cast<size_t>(spec.action_dim);
  for (size_t k = 0; k < static_cast<size_t>(std::min(decisions, kBumpDecisions)); ++k) {
    for (size_t n = 0; n < rows && width > 0; ++n) {
      const size_t a = n % width;
      const float low = spec.action_low[a], high = spec.action_high[a];
      float& action = table[(k * rows + n) * width + a];
      action = std::clamp(action + sign * 0.5f * (high - low), low, high);
    }
  }
  return table;
}

// Plays a table of actions [K, R, A].
class TablePolicy : public contract::Policy {
 public:
  explicit TablePolicy(std::span<const float> table) : table_(table) {}
  void reset(int) override { next_ = 0; }
  void act(const contract::PolicyInput&, std::span<float> actions) override {
    std::ranges::copy(table_.subspan(next_, actions.size()), actions.begin());
    next_ += actions.size();
  }

 private:
  std::span<const float> table_;
  size_t next_ = 0;
};

// The difference of two observations, each dimension that varies in sd.
std::vector<double> difference(std::span<const float> a, std::span<const float> b,
                               std::span<const double> spread) {
  std::vector<double> out;
  for (size_t d = 0; d < spread.size(); ++d)
    if (spread[d] >= kSmallestSpread)
      out.push_back((static_cast<double>(a[d]) - static_cast<double>(b[d])) / spread[d]);
  return out;
}

double cosine_of(std::span<const double> a, std::span<const double> b) {
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  const double cosine = ab / std::sqrt(aa * bb);
  return std::isfinite(cosine) ? cosine : 0.0;
}

void compare_motion(const Alternatives& alternatives, const Rollouts& physics, const Rollouts& dream,
                    std::span<const double> spread, int64_t k, int64_t n, ActionEffects& effects) {
  double in_physics = 0.0, in_dream = 0.0, cosine = 0.0;
  int compared = 0;
  const int64_t first = alternatives.row(n, 0);
  for (int64_t s = 1; s < alternatives.count(); ++s) {
    const int64_t row = alternatives.row(n, s);
    const double moved =
        observation_error(physics.observation(k, row), physics.observation(k, first), spread);
    if (!(moved >= kSmallestEffect)) continue;
    in_physics += moved;
    in_dream += observation_error(dream.observation(k, row), dream.observation(k, first), spread);
    cosine += cosine_of(difference(physics.observation(k, row), physics.observation(k, first), spread),
                        difference(dream.observation(k, row), dream.observation(k, first), spread));
    ++compared;
  }
  const double share = compared == 0 ? kNan : 1.0 / compared;
  effects.physics.push_back(share * in_physics);
  effects.dream.push_back(share * in_dream);
  effects.cosine.push_back(share * cosine);
}

void compare_order(const Alternatives& alternatives, const Rollouts& physics, const Rollouts& dream,
                   int64_t k, int64_t n, ActionEffects& effects) {
  std::vector<double> paid, promised;
  for (int64_t s = 0; s < alternatives.count(); ++s) {
    paid.push_back(physics.kept_return(alternatives.row(n, s), k));
    promised.push_back(dream.kept_return(alternatives.row(n, s), k));
  }
  const auto [least, most] = std::ranges::minmax(paid);
  if (!(most - least >= kSmallestEffect)) {
    for (std::vector<double>* values : {&effects.kendall, &effects.spearman, &effects.regret})
      values->push_back(kNan);
    return;
  }
  const bool is_number = std::ranges::all_of(promised, [](double x) { return std::isfinite(x); });
  const auto known = [&](double value) { return is_number && std::isfinite(value) ? value : 0.0; };
  effects.kendall.push_back(known(report::kendall(paid, promised)));
  effects.spearman.push_back(known(report::spearman(paid, promised)));
  effects.regret.push_back(is_number ? report::regret_at_one(paid, promised) : most - report::mean(paid));
}

}  // namespace

Alternatives make_alternatives(contract::World& physics, std::span<const contract::StartPoint> starts,
                               contract::Policy* policy, const contract::EnvSpec& spec, int64_t decisions,
                               uint64_t seed, const base::Stop* stop, const Progress& progress) {
  const size_t count = starts.size();
  const auto recorded = contract::recorded_policy(starts, physics.control_steps());
  const auto zero = contract::zero_policy(spec);
  const auto random = contract::random_policy(spec, contract::Stream::kEvaluation);
  const ActionTable own = actions_without_world(count, *recorded, spec, decisions, seed);
  // Rows of their own for each random sequence: another draw for each.
  const ActionTable drawn = actions_without_world(count * kRandom, *random, spec, decisions, seed);
  std::vector<std::string> names{"recorded"};
  std::vector<ActionTable> tables{own};
  const auto add = [&](std::string name, ActionTable table) {
    names.push_back(std::move(name));
    tables.push_back(std::move(table));
  };
  if (policy != nullptr)
    add("policy", actions_in_world(physics, starts, *policy, spec, decisions, seed, stop, progress));
  add("zero", actions_without_world(count, *zero, spec, decisions, seed));
  const size_t width = count * static_cast<size_t>(spec.action_dim);
  for (size_t r = 0; r < kRandom; ++r) {
    ActionTable part;
    for (size_t k = 0; k < static_cast<size_t>(decisions); ++k) {
      const auto rows = std::span(drawn).subspan((k * kRandom + r) * width, width);
      part.insert(part.end(), rows.begin(), rows.end());
    }
    add(fmt::format("random {}", r + 1), std::move(part));
  }
  add("bumped up", bumped(own, count, spec, decisions, 1.0f));
  add("bumped down", bumped(own, count, spec, decisions, -1.0f));

  Alternatives result;
  result.starts.assign(starts.begin(), starts.end());
  result.names = std::move(names);
  result.action_dim = spec.action_dim;
  result.decisions = decisions;
  const auto actions = static_cast<size_t>(spec.action_dim);
  for (size_t row = 0; row < static_cast<size_t>(decisions) * count; ++row)
    for (const ActionTable& table : tables) {
      const auto action = std::span(table).subspan(row * actions, actions);
      result.actions.insert(result.actions.end(), action.begin(), action.end());
    }
  return result;
}

Rollouts play_alternatives(contract::World& world, const Alternatives& alternatives, const base::Stop* stop,
                           const Progress& progress) {
  std::vector<contract::StartPoint> repeated;
  for (const contract::StartPoint& start : alternatives.starts)
    repeated.insert(repeated.end(), static_cast<size_t>(alternatives.count()), start);
  TablePolicy policy(alternatives.actions);
  return play(world, repeated, policy, 0, alternatives.decisions, stop, progress);
}

ActionEffects compare_effects(const Alternatives& alternatives, const Rollouts& physics,
                              const Rollouts& dream, std::span<const double> spread, int64_t decisions) {
  ActionEffects effects;
  for (int64_t n = 0; n < std::ssize(alternatives.starts); ++n) {
    compare_motion(alternatives, physics, dream, spread, decisions, n, effects);
    compare_order(alternatives, physics, dream, decisions, n, effects);
  }
  return effects;
}

std::vector<double> moved_under(const Alternatives& alternatives, const Rollouts& rollouts,
                                std::string_view name, std::span<const double> spread, int64_t decisions) {
  const auto found = std::ranges::find(alternatives.names, name);
  std::vector<double> moved;
  if (found == alternatives.names.end()) return moved;
  const int64_t sequence = found - alternatives.names.begin();
  for (int64_t n = 0; n < std::ssize(alternatives.starts); ++n) {
    const int64_t row = alternatives.row(n, sequence);
    moved.push_back(
        observation_error(rollouts.observation(decisions, row), rollouts.observation(0, row), spread));
  }
  return moved;
}

}  // namespace reverie::evaluation
