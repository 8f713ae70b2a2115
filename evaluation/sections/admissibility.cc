// Could the states that a dream shows be? Bodies, joints, contacts, energy and forces, with physics' own beside them.
#include "evaluation/admissibility.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "contract/rng.h"
#include "evaluation/context.h"
#include "evaluation/section.h"
#include "evaluation/state_survey.h"
#include "evaluation/text.h"
#include "report/calibration.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kRolloutsDraw = 5;      // step of Stream::kEvaluation
constexpr int kEveryVisit = 5;             // of the states that the policy meets
constexpr int64_t kStarts = 64;            // about so many starts of recorded actions
constexpr int kResamples = 400;            // of curves, which have many points
constexpr double kInstrumentError = 1e-3;  // weights; what the engine's solver may leave

// Without pushed episodes, as in the self-test, undisturbed ones serve.
const HeldOut& set_of(const Context& context) {
  return context.pushed.missing.empty() ? context.pushed : context.on_policy;
}

class Rows {
 public:
  Rows(Findings& findings, uint64_t seed)
      : findings_(findings), rng_(seed, 0, contract::Stream::kEvaluation, kRolloutsDraw) {}

  // The mean over rollouts; nothing without one.
  void add_mean(const std::string& name, const std::vector<double>& values, const char* unit) {
    if (values.empty()) return;
    findings_.rows.push_back(estimate_row(name, report::bootstrap_mean(values, bits()), unit));
  }

  // A ratio of sums over rollouts, by the counts of the drawn ones.
  template <typename Counts, typename Ratio>
  void add_ratio(const std::string& name, const std::vector<Counts>& counts, const Ratio& ratio,
                 const char* unit, std::optional<int64_t> horizon, int resamples) {
    const auto statistic = [&](std::span<const size_t> chosen) {
      Counts sum;
      for (const size_t n : chosen) sum.add(counts[n]);
      return static_cast<double>(ratio(sum));
    };
    const report::Estimate estimate = report::bootstrap(counts.size(), statistic, bits(), resamples);
    if (!std::isfinite(estimate.mean)) return;
    findings_.rows.push_back(estimate_row(name, estimate, unit));
    findings_.rows.back().horizon = horizon;
  }

  void add_means(const std::string& prefix, const StateMeans& means) {
    findings_.rows.push_back(
        estimate_row(prefix + "finite", report::share_of(means.finite, means.states), ""));
    add_mean(prefix + "penetration", means.penetration, "m");
    add_mean(prefix + "beyond_limit", means.beyond_limit, "m or rad");
    add_mean(prefix + "quaternion_error", means.quaternion_error, "");
    add_mean(prefix + "slip", means.slip, "m/s");
  }

  report::RandomBits bits() {
    return [this] { return rng_.next_u64(); };
  }

 private:
  Findings& findings_;
  contract::Rng rng_;
};

void add_curves(Rows& rows, Findings& findings, const Replays& replays) {
  for (size_t k = 0; k < replays.horizon.size(); ++k) {
    if (replays.drift[k].empty()) continue;
    findings.rows.push_back(
        estimate_row("energy_drift", report::bootstrap_mean(replays.drift[k], rows.bits(), kResamples), "J"));
    findings.rows.back().horizon = replays.horizon[k];
  }
  for (size_t k = 0; k < replays.horizon.size(); ++k)
    if (!replays.contacts[k].empty())
      rows.add_ratio(
          "contact_f1_by_horizon", replays.contacts[k], [](const ContactCounts& c) { return c.f1(); }, "",
          replays.horizon[k], kResamples);
}

void add_contacts(Rows& rows, Findings& findings, const Replays& replays, int control_steps) {
  constexpr int kMany = 2000;
  const auto add = [&](const char* name, double (ContactCounts::*ratio)() const) {
    const size_t before = findings.rows.size();
    rows.add_ratio(
        name, replays.early_contacts, [&](const ContactCounts& c) { return (c.*ratio)(); }, "", {}, kMany);
    if (findings.rows.size() == before)
      findings.missing.push_back(
          fmt::format("{}: nothing touches in the first {} control steps.", name, kEarly));
  };
  add("contact_precision", &ContactCounts::precision);
  add("contact_recall", &ContactCounts::recall);
  add("contact_f1", &ContactCounts::f1);
  OnsetCounts all;
  for (const OnsetCounts& onsets : replays.early_onsets) all.add(onsets);
  if (all.onsets == 0) {
    findings.missing.push_back(
        fmt::format("contact_onset_error: no contact begins in the first {} control steps.", kEarly));
    return;
  }
  findings.rows.push_back(
      estimate_row("contact_onsets_missed", report::share_of(all.missed, all.onsets), ""));
  const auto error = [&](const OnsetCounts& c) {
    return c.onsets == c.missed
               ? kNone
               : static_cast<double>(c.distance * control_steps) / static_cast<double>(c.onsets - c.missed);
  };
  rows.add_ratio("contact_onset_error", replays.early_onsets, error, "control steps", {}, kMany);
}

void add_ghosts(Rows& rows, Findings& findings, const Replays& replays) {
  const auto known = [](std::vector<double> values) {
    std::erase_if(values, [](double x) { return std::isnan(x); });
    return values;
  };
  const std::vector<double> simulated = known(replays.simulated_ghost),
                            imagined = known(replays.imagined_ghost);
  if (simulated.empty()) {
    findings.missing.emplace_back("ghost_force: there is no gravity, so nothing has a weight.");
    return;
  }
  rows.add_mean("replayed_simulated_ghost_force", simulated, "weights");
  rows.add_mean("replayed_imagined_ghost_force", imagined, "weights");
  findings.checks.push_back(
      {"inverse_dynamics_explain_physics", replays.instrument_error <= kInstrumentError,
       fmt::format(
           "of physics' own accelerations at recorded states at most {} weights are unexplained, expected "
           "at most {:g}",
           number_text(replays.instrument_error), kInstrumentError)});
}

Findings measure(const Context& context) {
  const HeldOut& set = set_of(context);
  const Subject& subject = context.subject;
  const contract::EnvSpec& spec = subject.task->spec();
  Findings findings;
  Rows rows(findings, context.options.seed);
  PoseReader poses(subject.task);
  PhysicsReader physics(subject.task);
  const Visits simulated = recorded_visits(context.on_policy.episodes, spec, subject.action_repeat);
  if (simulated.states() == 0 || context.imagined.positions.empty()) {
    findings.missing.emplace_back("states that the policy meets: no episode lasts a whole decision.");
  } else {
    const base::Stop* stop = context.options.stop;
    rows.add_means("policy_simulated_", survey_visits(poses, physics, simulated, kEveryVisit, stop));
    rows.add_means("policy_imagined_", survey_visits(poses, physics, context.imagined, kEveryVisit, stop));
  }
  if (!set.missing.empty() || set.rollouts.world.nq != spec.nq) {
    findings.missing.push_back(set.missing.empty() ? "the dream tells no positions." : set.missing);
    return findings;
  }
  const int64_t every = std::max<int64_t>(set.rollouts.truth.count / kStarts, 1);
  const Replays replays = survey_replays(*subject.task, poses, physics, set.rollouts, every,
                                         context.options.stop, context.progress);
  rows.add_means("replayed_simulated_", replays.simulated);
  rows.add_means("replayed_imagined_", replays.imagined);
  add_ghosts(rows, findings, replays);
  add_contacts(rows, findings, replays, subject.action_repeat);
  add_curves(rows, findings, replays);
  return findings;
}

// "0.0120 (0.0034)": in the dream, and in physics.
std::string pair_of(const Findings& findings, const std::string& mode, const std::string& what) {
  return fmt::format("{} ({})", number_text(find_row(findings, mode + "_imagined_" + what).value),
                     number_text(find_row(findings, mode + "_simulated_" + what).value));
}

std::string contact_sentence(const Findings& findings, const EvaluationResult& about) {
  const Row f1 = find_row(findings, "contact_f1"), onset = find_row(findings, "contact_onset_error");
  std::string text = fmt::format(
      "In the first {} control steps ({:.2f} s) of recorded actions, the dream's contacts agree with those "
      "of physics "
      "at the same step with F1 {} (95% interval {}; precision {}, recall {})",
      kEarly, static_cast<double>(kEarly) * about.control_dt, number_text(f1.value),
      interval_text(f1.low, f1.high), number_text(find_row(findings, "contact_precision").value),
      number_text(find_row(findings, "contact_recall").value));
  if (onset.n > 0)
    text += fmt::format(
        "; they begin {} control steps from where they should (95% interval {}), and {}% are missed",
        number_text(onset.value), interval_text(onset.low, onset.high),
        number_text(100.0 * find_row(findings, "contact_onsets_missed").value));
  return text + ".";
}

Drawing draw(const Findings& findings, const EvaluationResult& about) {
  Drawing drawing;
  const Row ghost = find_row(findings, "replayed_imagined_ghost_force");
  if (ghost.n > 0)
    drawing.sentences.push_back(
        fmt::format("Under recorded actions, moving as the dream shows takes a force of {} weights that "
                    "nothing in the engine "
                    "explains (95% interval {}); the same measure finds {} in physics itself, because "
                    "contacts come and go within "
                    "a decision.",
                    number_text(ghost.value), interval_text(ghost.low, ghost.high),
                    number_text(find_row(findings, "replayed_simulated_ghost_force").value)));
  if (find_row(findings, "contact_f1").n > 0) drawing.sentences.push_back(contact_sentence(findings, about));
  for (const char* mode : {"policy", "replayed"})
    if (find_row(findings, std::string(mode) + "_imagined_penetration").n > 0)
      drawing.sentences.push_back(
          fmt::format("{} the deepest penetration of a state in the dream (in physics) is {} m, the largest "
                      "violation of a joint's "
                      "limits {} rad or m, and points that touch slip at {} m/s, on average.",
                      std::string(mode) == "policy" ? "Where the policy acts," : "Under recorded actions,",
                      pair_of(findings, mode, "penetration"), pair_of(findings, mode, "beyond_limit"),
                      pair_of(findings, mode, "slip")));
  const CurveLine energy[] = {{"energy_drift", "", 0}}, contacts[] = {{"contact_f1_by_horizon", "", 0}};
  FigureRow figures;
  for (auto [lines, title, label] :
       {std::tuple{std::span(energy), "Energy", "imagined - simulated energy (J)"},
        std::tuple{std::span(contacts), "Contacts", "F1 of contacts"}}) {
    report::Plot plot = plot_by_horizon(findings, lines, title, label);
    if (!plot.series.empty()) figures.figures.push_back({"", std::move(plot)});
  }
  if (!figures.figures.empty()) {
    figures.caption = "Under recorded actions: means over starts and their 95% intervals.";
    drawing.figures.push_back(std::move(figures));
  }
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  const std::string dream = "_imagined_";
  for (const Row& row : findings.rows) {
    double expected = row.value;
    if (const size_t at = row.name.find(dream); at != std::string::npos) {
      std::string other = row.name;
      expected = find_row(findings, other.replace(at, dream.size(), "_simulated_")).value;
    } else if (row.name == "energy_drift" || row.name.starts_with("contact_onset")) {
      expected = 0.0;
    } else if (row.name.starts_with("contact_")) {
      expected = 1.0;
    }
    if (row.value != expected) return fmt::format("{} is {}, expected {}", row.name, row.value, expected);
  }
  for (const Check& check : findings.checks)
    if (!check.held) return fmt::format("{}: {}", check.name, check.found);
  return "";
}

}  // namespace

Section admissibility_section() {
  return {.name = "admissibility",
          .title = "Could it be?",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true, .imagined = true},
          .weight = 2.0};
}

}  // namespace reverie::evaluation
