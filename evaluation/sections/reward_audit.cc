// The reward head against the task's own reward program, on the states of the dream.
#include "evaluation/reward_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "contract/rng.h"
#include "evaluation/context.h"
#include "evaluation/section.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kAuditDraw = 47;  // step of Stream::kEvaluation
constexpr std::array<int64_t, 5> kBands = {50, 100, 200, 500,
                                           0};  // control steps at which a band ends; 0: the last
constexpr size_t kWorst = 3;                    // starts that the sentence names

class Rows {
 public:
  Rows(Findings& findings, uint64_t seed)
      : findings_(findings), rng_(seed, 0, contract::Stream::kEvaluation, kAuditDraw) {}

  // A ratio of sums over the drawn rollouts; nothing where it has no value.
  template <typename Of>
  void add(const std::string& name, const std::vector<AuditCounts>& rollouts, const Of& of, const char* unit,
           std::optional<int64_t> horizon = {}) {
    const auto statistic = [&](std::span<const size_t> chosen) {
      AuditCounts sum;
      for (const size_t n : chosen) sum.add(rollouts[n]);
      return static_cast<double>(of(sum));
    };
    const report::Estimate estimate =
        report::bootstrap(rollouts.size(), statistic, [this] { return rng_.next_u64(); });
    if (!std::isfinite(estimate.mean)) return;
    findings_.rows.push_back(estimate_row(name, estimate, unit));
    findings_.rows.back().horizon = horizon;
  }

 private:
  Findings& findings_;
  contract::Rng rng_;
};

double over(double sum, double by) { return by == 0.0 ? kNone : sum / by; }
double states_of(const AuditCounts& c) { return static_cast<double>(c.states); }
double error_of(const AuditCounts& c) { return over(c.error, states_of(c)); }
double absolute_error_of(const AuditCounts& c) { return over(c.absolute_error, states_of(c)); }
double error_share_of(const AuditCounts& c) { return over(c.absolute_error, c.program); }
double paid_for_nothing_of(const AuditCounts& c) {
  return over(static_cast<double>(c.paid_for_nothing), states_of(c));
}

void add_bands(Rows& rows, const DecisionLog& log, const ProgramRewards& program, double scale) {
  int64_t first = 0;
  for (const int64_t end : kBands) {
    const bool is_last = end == 0 || end >= log.length;
    const int64_t decisions = is_last ? log.decisions : end / log.control_steps;
    if (decisions <= first) continue;
    const std::vector<AuditCounts> band = audit_band(log, program, scale, first, decisions);
    const int64_t horizon = std::min(decisions * log.control_steps, log.length);
    rows.add("audit_error_by_horizon", band, error_of, "reward", horizon);
    rows.add("audit_absolute_error_by_horizon", band, absolute_error_of, "reward", horizon);
    rows.add("audit_paid_for_nothing_by_horizon", band, paid_for_nothing_of, "", horizon);
    first = decisions;
    if (is_last) return;
  }
}

Findings measure(const Context& context) {
  Findings findings;
  if (context.program.rewards.empty()) {
    findings.missing.emplace_back("the dream tells no positions and velocities.");
    return findings;
  }
  const RewardAudit audit =
      audit_rewards(context.dreamt, context.program,
                    best_decision(context.on_policy.episodes, context.subject.action_repeat));
  if (audit.worst_rollout < 0) {
    findings.missing.emplace_back("there is no imagined state from which physics could go on.");
    return findings;
  }
  Rows rows(findings, context.options.seed);
  const auto plain = [&](const char* name, double value, int64_t n, const char* unit) {
    findings.rows.push_back({name, {}, kNone, value, kNone, n, unit});
  };
  const int64_t states = std::accumulate(audit.rollouts.begin(), audit.rollouts.end(), int64_t{0},
                                         [](int64_t sum, const AuditCounts& c) { return sum + c.states; });
  rows.add("audit_error", audit.rollouts, error_of, "reward");
  rows.add("audit_absolute_error", audit.rollouts, absolute_error_of, "reward");
  rows.add("audit_error_share", audit.rollouts, error_share_of, "");
  if (audit.scale > 0.0)
    rows.add("audit_paid_for_nothing", audit.rollouts, paid_for_nothing_of, "");
  else
    findings.missing.emplace_back("audit_paid_for_nothing: neither physics nor the head pays anything.");
  plain("audit_largest_overpayment", audit.worst_head - audit.worst_program, states, "reward");
  plain("audit_scale", audit.scale, states, "reward");
  plain("audit_states", static_cast<double>(states), states, "");
  plain("audit_unanswered", static_cast<double>(context.program.unanswered), context.program.asked, "");
  add_bands(rows, context.dreamt, context.program, audit.scale);
  Points by_start{"audit_by_start", "start", "head_less_program", {}, {}};
  for (size_t n = 0; n < audit.rollouts.size(); ++n) {
    by_start.x.push_back(static_cast<double>(n));
    by_start.y.push_back(audit.rollouts[n].error);
  }
  Points largest{"audit_largest_overpayment_at", "start", "control_step", {}, {}};
  largest.x = {static_cast<double>(audit.worst_rollout)};
  largest.y = {static_cast<double>(audit.worst_decision * context.dreamt.control_steps)};
  findings.points = {by_start, largest};
  return findings;
}

// "start 3 (+12.1 over its episode), start 7 (-4.0 over its episode)"
std::string worst_starts(const Points& by_start) {
  std::vector<size_t> order(by_start.y.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](size_t n) { return std::abs(by_start.y[n]); });
  std::string text;
  for (size_t i = 0; i < std::min(kWorst, order.size()); ++i)
    text += fmt::format("{}start {} ({}{} over its episode)", i == 0 ? "" : ", ", order[i],
                        by_start.y[order[i]] < 0.0 ? "-" : "+", number_text(std::abs(by_start.y[order[i]])));
  return text;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  const Row error = find_row(findings, "audit_error"), scale = find_row(findings, "audit_scale"),
            nothing = find_row(findings, "audit_paid_for_nothing"),
            states = find_row(findings, "audit_states");
  std::string first = fmt::format(
      "For a state that it dreams, the reward head pays {} {} than the task's own program (95% interval of "
      "the "
      "difference {}; the best decision in physics earns {})",
      number_text(std::abs(error.value)), error.value < 0.0 ? "less" : "more",
      interval_text(error.low, error.high), number_text(scale.value));
  if (nothing.n > 0)
    first += fmt::format(
        "; for {}% of {:.0f} states it pays at least {:g} of that best where the program pays at most {:g} "
        "of "
        "it (95% interval {}%)",
        number_text(100.0 * nothing.value), states.value, kMuch, kNothing,
        interval_text(100.0 * nothing.low, 100.0 * nothing.high));
  drawing.sentences = {first + "."};
  for (const Points& points : findings.points)
    if (points.name == "audit_by_start")
      drawing.sentences.push_back("Largest errors: " + worst_starts(points) + ".");
  drawing.sentences.emplace_back(
      "The simulator is put on the positions and velocities that the dream shows. Where the model's state "
      "does "
      "not hold them, the probe reads them, and its error counts as the head's.");
  const CurveLine lines[] = {{"audit_error_by_horizon", "head less program", 0},
                             {"audit_absolute_error_by_horizon", "without sign", 1}};
  report::Plot plot = plot_by_horizon(findings, lines, "Reward of one decision", "reward");
  plot.horizontal.push_back({0.0, "", -1});
  if (!plot.series.empty())
    drawing.figures.push_back({{{"", std::move(plot)}},
                               "Means over the states of a band of the episode that ends at the point shown, "
                               "with 95% intervals over starts."});
  return drawing;
}

// The world's rewards are float32.
std::string fault(const Findings& findings, const Context&) {
  const double allowed = 1e-6 * std::max(1.0, find_row(findings, "audit_scale").value);
  for (const Row& row : findings.rows) {
    if (row.name == "audit_scale" || row.name == "audit_states") continue;
    if (std::abs(row.value) > allowed) return fmt::format("{} is {}, expected 0", row.name, row.value);
  }
  return "";
}

}  // namespace

Section reward_audit_section() {
  return {.name = "reward_audit",
          .title = "Rewards of imagined states",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.imagined = true},
          .weight = 0.1};
}

}  // namespace reverie::evaluation
