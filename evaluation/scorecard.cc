#include "evaluation/scorecard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>

#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

constexpr double kRatioRoom = 0.1;     // of the returns' ratio around 1
constexpr double kRankLine = 0.7;      // of Spearman's correlation of policies
constexpr double kBiasShare = 0.1;     // of the simulated return
constexpr double kRewardRoom = 0.1;    // of the reward head's error, as a share of what the task pays
constexpr double kValueRoom = 0.1;     // of the ratio of values and returns around 1
constexpr double kShown = 25.0;        // control steps of the calibration
constexpr double kActionSteps = 32.0;  // after other actions, at most
constexpr double kSizeRoom = 1.25;     // of the size of differences: from 1 / kSizeRoom on
constexpr double kCosineLine = 0.7;
constexpr double kOrderLine = 0.5;  // of Kendall's tau of actions

// The row of whatever section; n = 0 where there is none.
Row row_of(const EvaluationResult& result, std::string_view name) {
  for (const SectionResult& section : result.sections)
    if (const Row row = find_row(section.findings, name); row.n > 0) return row;
  return {};
}

// The last point of a curve up to `horizon` control steps.
Row point_of(const EvaluationResult& result, std::string_view name, double horizon) {
  Row found;
  for (const SectionResult& section : result.sections)
    for (const Row& row : section.findings.rows)
      if (row.name == name && row.horizon && (found.n == 0 || static_cast<double>(*row.horizon) <= horizon))
        found = row;
  return found;
}

bool has_interval(const Row& row) { return row.n > 1 && std::isfinite(row.low) && std::isfinite(row.high); }

// Is [low, high] of the row within [from, to]?
Support within(const Row& row, double from, double to) {
  if (!has_interval(row)) return Support::kNotMeasured;
  if (row.low >= from && row.high <= to) return Support::kSupported;
  if (row.high < from || row.low > to) return Support::kNotSupported;
  return Support::kUndecided;
}

// What the worst of several says; those that were not measured say nothing.
Support worst_of(std::initializer_list<Support> supports) {
  for (const Support support : {Support::kNotSupported, Support::kUndecided, Support::kSupported})
    if (std::ranges::find(supports, support) != supports.end()) return support;
  return Support::kNotMeasured;
}

std::string with_interval(const Row& row) {
  return fmt::format("{} (95% interval {}, n = {})", number_text(row.value), interval_text(row.low, row.high),
                     row.n);
}

DecisionTest not_measured(std::string name, std::string why) {
  return {std::move(name), Support::kNotMeasured, std::move(why)};
}

DecisionTest actions_test(const EvaluationResult& result) {
  const std::string name = "counterfactual action fidelity";
  const Row ratio = point_of(result, "action_ratio", kActionSteps),
            cosine = point_of(result, "action_cosine", kActionSteps),
            order = point_of(result, "action_kendall", kActionSteps);
  if (!has_interval(ratio) || !has_interval(cosine))
    return not_measured(name,
                        "No differences between actions were compared; section action_fidelity does it.");
  std::string sentence = fmt::format(
      "After {} control steps other actions make {} times the difference that they make in physics, with a "
      "cosine of {}",
      ratio.horizon.value_or(0), with_interval(ratio), with_interval(cosine));
  if (has_interval(order))
    sentence += fmt::format(" and a Kendall's tau of returns of {}", with_interval(order));
  return {name,
          worst_of({within(ratio, 1.0 / kSizeRoom, kSizeRoom), within(cosine, kCosineLine, INFINITY),
                    within(order, kOrderLine, INFINITY)}),
          fmt::format("{}; the lines are {:g} to {:g}, {:g} and {:g}.", sentence, 1.0 / kSizeRoom, kSizeRoom,
                      kCosineLine, kOrderLine)};
}

DecisionTest closed_loop_test(const EvaluationResult& result) {
  const std::string name = "closed-loop validity";
  const Row ratio = row_of(result, "return_ratio");
  const Support support = within(ratio, 1.0 - kRatioRoom, 1.0 + kRatioRoom);
  if (support == Support::kNotMeasured)
    return not_measured(name, "There is no ratio of returns with an interval; section closed_loop has it.");
  return {
      name, support,
      fmt::format(
          "From the same starts the policy earns {} times in the dream what it earns in physics; the line is "
          "{:g} to {:g}.",
          with_interval(ratio), 1.0 - kRatioRoom, 1.0 + kRatioRoom)};
}

// The first point of a curve.
Row first_point(const EvaluationResult& result, std::string_view name) {
  for (const SectionResult& section : result.sections)
    for (const Row& row : section.findings.rows)
      if (row.name == name && row.horizon) return row;
  return {};
}

// Of two parts that are both needed.
Support both(Support a, Support b) {
  if (a == Support::kNotSupported || b == Support::kNotSupported) return Support::kNotSupported;
  return a == Support::kSupported && b == Support::kSupported ? Support::kSupported : Support::kUndecided;
}

DecisionTest reward_test(const EvaluationResult& result) {
  const std::string name = "reward and value prediction";
  const Row reward = row_of(result, "audit_error_share");
  const Row value = first_point(result, "value_ratio");
  const Support reward_support = within(reward, -INFINITY, kRewardRoom),
                value_support = within(value, 1.0 - kValueRoom, 1.0 + kValueRoom);
  if (reward_support == Support::kNotMeasured)
    return not_measured(name,
                        "There is no error of the reward head on imagined states with an interval; section "
                        "reward_audit has it.");
  const std::string rewards = fmt::format(
      "On the states that it dreams the reward head is off by {} of what the task pays for them; the line is "
      "{:g}.",
      with_interval(reward), kRewardRoom);
  // One half that fails is enough; one half that holds is not.
  if (value_support == Support::kNotMeasured) {
    const std::string why = " The critic's values are not measured; section value says why.";
    if (reward_support == Support::kNotSupported) return {name, reward_support, rewards + why};
    return not_measured(name, rewards + why);
  }
  return {
      name, both(reward_support, value_support),
      rewards + fmt::format(" At states of physics the critic expects {} times the discounted return that "
                            "follows; the line is {:g} to {:g}.",
                            with_interval(value), 1.0 - kValueRoom, 1.0 + kValueRoom)};
}

DecisionTest ranking_test(const EvaluationResult& result) {
  const std::string name = "policy ranking";
  const Row rank = row_of(result, "ranking_spearman");
  const Support support = within(rank, kRankLine, INFINITY);
  if (support == Support::kNotMeasured)
    return not_measured(name, "No policies were ranked; section ranking does it, but not with --quick.");
  return {name, support,
          fmt::format("Dream and physics rank policies with a correlation of {}; the line is {:g}.",
                      with_interval(rank), kRankLine)};
}

DecisionTest lift_test(const EvaluationResult& result) {
  const std::string name = "optimisation lift";
  if (const Row lift = row_of(result, "lift_over_random"); has_interval(lift)) {
    const Row first = row_of(result, "lift_over_first"), rival = row_of(result, "lift_over_rival");
    const Support over_rival = has_interval(rival) ? within(rival, 0.0, INFINITY) : Support::kNotMeasured;
    return {name, worst_of({within(lift, 0.0, INFINITY), over_rival}),
            fmt::format(
                "From the same starts in physics the policy earns {} more than the random policy{}{}; "
                "the line is 0.",
                with_interval(lift),
                has_interval(first)
                    ? fmt::format(" and {} more than the run's first checkpoint", with_interval(first))
                    : "",
                has_interval(rival)
                    ? fmt::format(" and {} more than the run that it is held against", with_interval(rival))
                    : "")};
  }
  const Row simulated = row_of(result, "simulated_return"), random = row_of(result, "random_return");
  if (!has_interval(simulated) || !has_interval(random))
    return not_measured(name, "There are no returns with intervals of both this and the random policy.");
  const Support support = simulated.low > random.high   ? Support::kSupported
                          : simulated.high < random.low ? Support::kNotSupported
                                                        : Support::kUndecided;
  return {name, support,
          fmt::format("In physics the policy earns {}, the random policy {}. What it would have learned "
                      "without imagination "
                      "is not measured.",
                      with_interval(simulated), with_interval(random))};
}

DecisionTest exploit_test(const EvaluationResult& result) {
  const std::string name = "exploitability";
  const Row bias = row_of(result, "return_bias"), simulated = row_of(result, "simulated_return"),
            gap = row_of(result, "learned_on_gap"), before = row_of(result, "learned_on_before");
  const double line = kBiasShare * std::abs(simulated.value),
               learned_line = kBiasShare * std::abs(before.value);
  const Support promised = std::isfinite(line) ? within(bias, -INFINITY, line) : Support::kNotMeasured,
                learned = std::isfinite(learned_line) ? within(gap, -INFINITY, learned_line)
                                                      : Support::kNotMeasured;
  if (promised == Support::kNotMeasured && learned == Support::kNotMeasured)
    return not_measured(name,
                        "There is no bias of imagined returns with an interval; sections returns and "
                        "exploitability have it.");
  std::string sentence;
  if (promised != Support::kNotMeasured)
    sentence = fmt::format(
        "The policy that was optimised in the dream is promised {} more than physics pays; the "
        "line is {}, a tenth of what it pays.",
        with_interval(bias), number_text(line));
  if (learned != Support::kNotMeasured)
    sentence +=
        fmt::format("{}After {} more updates in the dream as it is, it is promised {} more; the line is {}.",
                    sentence.empty() ? "" : " ", row_of(result, "learned_on_updates").value,
                    with_interval(gap), number_text(learned_line));
  return {name, worst_of({promised, learned}), sentence};
}

DecisionTest uncertainty_test(const EvaluationResult& result) {
  const std::string name = "uncertainty calibration";
  const Row skill = point_of(result, "uncertainty_crps_skill", kShown);
  const Support support = within(skill, 0.0, INFINITY);
  if (support == Support::kNotMeasured)
    return not_measured(name, "Nothing is known of the dream's uncertainty; section calibration says why.");
  return {
      name, support,
      fmt::format(
          "After {} control steps from pushed starts a forecast of the error from the uncertainty has a CRPS "
          "skill of {} over one without it; the line is 0.",
          skill.horizon.value_or(0), with_interval(skill))};
}

}  // namespace

std::string support_name(Support support) {
  switch (support) {
    case Support::kSupported:
      return "supported";
    case Support::kNotSupported:
      return "not supported";
    case Support::kUndecided:
      return "undecided";
    case Support::kNotMeasured:
      break;
  }
  return "not measured";
}

std::vector<DecisionTest> scorecard(const EvaluationResult& result) {
  return {actions_test(result), closed_loop_test(result), reward_test(result),     ranking_test(result),
          lift_test(result),    exploit_test(result),     uncertainty_test(result)};
}

std::string use_sentence(const EvaluationResult& result) {
  std::string text;
  const Row valid = row_of(result, "valid_time"), bias = row_of(result, "return_bias");
  if (has_interval(valid))
    text = fmt::format("{} (it holds for {} control steps, 95% interval {}, {} starts)",
                       valid.low < 1.0
                           ? "Not known to be good for planning"
                           : fmt::format("Good for planning up to {} control steps", std::floor(valid.low)),
                       number_text(valid.value), interval_text(valid.low, valid.high), valid.n);
  if (has_interval(bias)) {
    text += fmt::format("{} promises {} {} than physics pays (95% interval {})",
                        text.empty() ? "The dream" : "; it", number_text(std::abs(bias.value)),
                        bias.value < 0.0 ? "less" : "more", interval_text(bias.low, bias.high));
  }
  return text.empty() ? text : text + ".";
}

std::string scorecard_text(const EvaluationResult& result) {
  std::string text = "Scorecard\n";
  for (const DecisionTest& test : scorecard(result))
    text += fmt::format("{:14}{}: {}\n", support_name(test.support), test.name, test.sentence);
  if (const std::string use = use_sentence(result); !use.empty()) text += use + "\n";
  if (!result.command.empty())
    text += fmt::format("Made by: {} (seed of the draws {}, weights {}, task {})\n", result.command,
                        result.options.seed, result.weights_hash, result.task_hash);
  return text + "\n";
}

}  // namespace reverie::evaluation
