// How long the dream holds from starts that its policy never visits, and whether it says that it does not know them.
#include "evaluation/start_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "contract/rng.h"
#include "evaluation/error_table.h"
#include "evaluation/returns.h"
#include "evaluation/text.h"
#include "evaluation/uncertainty.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kSetsDraw = 8;                         // step of Stream::kEvaluation
constexpr int64_t kHorizons[] = {2, 5, 10, 25, 50, 100};  // control steps, to whole decisions
constexpr int64_t kShown = 25;                            // of the uncertainty
constexpr size_t kFewest = 8;                             // starts of either set: fewer tell nothing

const std::string kError = "error_of_", kOwn = "unshifted_error_of_", kTime = "valid_time_of_",
                  kAuroc = "uncertainty_auroc_of_", kReturn = "return_of_";

void add_curve(Findings& findings, const std::string& name, const ErrorTable& errors, int control_steps) {
  const ErrorCurve curve = quartiles(errors);
  int64_t last = 0;
  for (const int64_t horizon : kHorizons) {
    const int64_t k = std::max<int64_t>(1, horizon / control_steps);
    if (k == last || k >= std::ssize(curve.median)) continue;
    last = k;
    const auto row = static_cast<size_t>(k);
    findings.rows.push_back({name, errors.horizon[row], curve.low[row], curve.median[row], curve.high[row],
                             reach(errors, row), "sd"});
  }
}

// One set, in units of `spread`.
struct Asked {
  const std::string& name;
  const std::vector<contract::Episode>& episodes;
  const PairedRollouts& rollouts;
};

void add_set(Findings& findings, const Context& context, const Asked& set, const std::vector<double>& spread,
             bool is_shifted) {
  const PairedRollouts& rollouts = set.rollouts;
  contract::Rng rng(context.options.seed, 0, contract::Stream::kEvaluation, kSetsDraw);
  const report::RandomBits bits = [&rng] { return rng.next_u64(); };
  const ErrorTable errors = observation_errors(rollouts, rollouts.world, spread);
  const report::Estimate time = valid_time(errors, persistence_errors(rollouts, spread), kValidError, bits);
  findings.rows.push_back(estimate_row(kTime + set.name, time, "control steps"));
  findings.rows.push_back(estimate_row(
      kReturn + set.name, return_estimate(episode_returns(set.episodes), context.options.seed), "return"));
  add_curve(findings, kError + set.name, errors, rollouts.control_steps);
  if (is_shifted && rollouts.floor)
    add_curve(findings, kOwn + set.name, observation_errors(rollouts, *rollouts.floor, spread),
              rollouts.control_steps);
}

// Whether the uncertainty tells the starts of a set from undisturbed ones.
void add_auroc(Findings& findings, const Context& context, const Asked& set) {
  const std::string name = kAuroc + set.name;
  if (!context.on_policy.missing.empty()) {
    findings.missing.push_back(name + ": there are no undisturbed starts to tell from.");
    return;
  }
  const PairedRollouts& known = context.on_policy.rollouts;
  if (stated_share(known) == 0.0) {
    findings.missing.push_back(name + ": the world under test says that it is never uncertain.");
    return;
  }
  const int64_t k = std::max<int64_t>(
      1, std::min({kShown / known.control_steps, known.truth.decisions, set.rollouts.truth.decisions}));
  const UncertainErrors theirs = uncertain_errors(set.rollouts, k), ours = uncertain_errors(known, k);
  if (std::min(theirs.error.size(), ours.error.size()) < kFewest) {
    findings.missing.push_back(fmt::format("{}: {} starts and {} undisturbed ones, expected {} of each.",
                                           name, theirs.error.size(), ours.error.size(), kFewest));
    return;
  }
  findings.rows.push_back(estimate_row(name, tell_apart(theirs, ours, context.options.seed), ""));
}

Findings measure(const Context& context) {
  Findings findings;
  base::ThreadPool pool(context.options.sim_threads);
  const std::vector<StartSet> sets = make_start_sets(context, pool);
  const HeldOut& measure_by = context.pushed.missing.empty() ? context.pushed : context.on_policy;
  if (!measure_by.missing.empty()) {
    findings.missing.push_back(measure_by.missing);
    return findings;
  }
  const std::vector<double>& spread = measure_by.rollouts.spread;
  const std::string on_policy = "on_policy", pushed = "pushed";
  if (context.on_policy.missing.empty())
    add_set(findings, context, {on_policy, context.on_policy.episodes, context.on_policy.rollouts}, spread,
            false);
  if (context.pushed.missing.empty()) {
    const Asked asked{pushed, context.pushed.episodes, context.pushed.rollouts};
    add_set(findings, context, asked, spread, false);
    add_auroc(findings, context, asked);
  }
  for (const StartSet& set : sets) {
    if (!set.missing.empty()) {
      findings.missing.push_back(fmt::format("{}{}: {}", kError, set.name, set.missing));
      continue;
    }
    const Asked asked{set.name, set.episodes, set.rollouts};
    add_set(findings, context, asked, spread, set.is_shifted);
    add_auroc(findings, context, asked);
  }
  return findings;
}

// "12.0 (random), 8.0 (heavy)": of the rows whose name begins with `prefix`.
std::string list_of(const Findings& findings, const std::string& prefix) {
  std::string text;
  for (const Row& row : findings.rows) {
    if (row.horizon || !row.name.starts_with(prefix)) continue;
    std::string set = row.name.substr(prefix.size());
    std::ranges::replace(set, '_', ' ');
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", number_text(row.value), set);
  }
  return text;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  drawing.sentences = {
      fmt::format("Given the recorded actions, the dream follows physics for so many control steps: {}.",
                  list_of(findings, kTime)),
      "All errors are in standard deviations of the pushed episodes. Heavy is mass x 1.5, slippery is "
      "friction x "
      "0.5, strong gravity is x 1.25: the policy acts there, and the dream, which knows nothing of it, is "
      "given its "
      "actions. So much of the error belongs to the task's own physics under these actions: the unshifted "
      "error."};
  if (const std::string auroc = list_of(findings, kAuroc); !auroc.empty())
    drawing.sentences.push_back(fmt::format(
        "The probability that the dream is less certain after at most {} control steps from a start of "
        "a set than from an undisturbed one is {}; one half says nothing.",
        kShown, auroc));
  std::vector<CurveLine> lines;
  std::vector<std::string> names;
  for (const Row& row : findings.rows)
    if (row.horizon && row.name.starts_with(kError) &&
        (names.empty() || names.back() != row.name.substr(kError.size())))
      names.push_back(row.name.substr(kError.size()));
  for (size_t i = 0; i < names.size(); ++i)
    lines.push_back({kError + names[i], names[i], static_cast<int>(i % 6)});
  report::Plot plot = plot_by_horizon(findings, lines, "", "observation error (standard deviations)");
  plot.horizontal.push_back({kValidError, fmt::format("{:g} σ", kValidError), -1});
  drawing.figures = {{{{"", plot}}, "Medians and quartiles over the starts of each set."}};
  return drawing;
}

// Of a perfect model the error is that of the task's own physics.
std::string fault(const Findings& findings, const Context&) {
  for (const Row& row : findings.rows) {
    if (!row.horizon || !row.name.starts_with(kError)) continue;
    double expected = 0.0;
    for (const Row& own : findings.rows)
      if (own.name == kOwn + row.name.substr(kError.size()) && own.horizon == row.horizon)
        expected = own.value;
    if (row.value != expected)
      return fmt::format("{} is {} after {} control steps, expected {}", row.name, row.value, *row.horizon,
                         expected);
  }
  return "";
}

}  // namespace

Section start_sets_section() {
  return {.name = "start_sets",
          .title = "From where its policy does not go",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true, .on_policy = true},
          .weight = 10.0};
}

}  // namespace reverie::evaluation
