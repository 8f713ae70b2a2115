// Errors under the recorded actions by part: groups of observations, and poses in metres and degrees.
#include <fmt/format.h>

#include <cmath>

#include "evaluation/context.h"
#include "evaluation/error_table.h"
#include "evaluation/pose_error.h"
#include "evaluation/section.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

const std::string kGroup = "imagined_error_of_";  // prefix of a group's rows

// Without pushed episodes, as in the self-test, undisturbed ones serve.
const HeldOut& set_of(const Context& context) {
  return context.pushed.missing.empty() ? context.pushed : context.on_policy;
}

// Quartiles by horizon; nothing for a part that the robot does not have.
void add_curve(Findings& findings, const std::string& name, const ErrorTable& errors, const char* unit) {
  if (std::isnan(errors.values.front())) return;
  const ErrorCurve curve = quartiles(errors);
  for (size_t k = 0; k < curve.median.size(); ++k)
    findings.rows.push_back(
        {name, errors.horizon[k], curve.low[k], curve.median[k], curve.high[k], reach(errors, k), unit});
}

void add_groups(Findings& findings, const contract::EnvSpec& spec, const PairedRollouts& rollouts) {
  for (const contract::ObservationGroup& group : spec.observation) {
    std::vector<double> spread(rollouts.spread.size(), 0.0);
    const auto first = static_cast<size_t>(group.offset), end = first + static_cast<size_t>(group.size);
    for (size_t d = first; d < end; ++d) spread[d] = rollouts.spread[d];
    if (varying_dimensions(spread) == 0) {
      findings.missing.push_back(fmt::format("{}{}: it does not vary.", kGroup, group.name));
    } else {
      add_curve(findings, kGroup + group.name, observation_errors(rollouts, rollouts.world, spread), "sd");
    }
  }
}

// As a world tells them.
std::vector<float> floats_of(std::span<const double> state, int offset, int count) {
  std::vector<float> values;
  for (const double x : state.subspan(static_cast<size_t>(offset), static_cast<size_t>(count)))
    values.push_back(static_cast<float>(x));
  return values;
}

// A table for each part of PoseError.
struct PoseTables {
  ErrorTable translation, rotation, place, turn;
};

PoseTables pose_tables(const PairedRollouts& rollouts,
                       const std::function<PoseError(int64_t k, int64_t n)>& error_of) {
  PoseTables tables;
  std::vector<PoseError> errors;
  // NaN stands for a part that is not there, so that error_table, which takes NaN for infinite, is not asked.
  tables.place = error_table(rollouts, [&](int64_t k, int64_t n) {
    errors.push_back(error_of(k, n));
    return errors.back().place;
  });
  for (ErrorTable* table : {&tables.translation, &tables.rotation, &tables.turn}) *table = tables.place;
  size_t next = 0;
  for (size_t i = 0; i < tables.place.values.size(); ++i) {
    if (std::isnan(tables.place.values[i])) continue;
    const PoseError& error = errors[next++];
    tables.translation.values[i] = error.translation;
    tables.rotation.values[i] = error.rotation;
    tables.place.values[i] = error.place;
    tables.turn.values[i] = error.turn;
  }
  return tables;
}

void add_poses(Findings& findings, const Context& context, const PairedRollouts& rollouts) {
  const contract::EnvSpec& spec = context.subject.task->spec();
  if (rollouts.world.nq != spec.nq || spec.nq == 0) {
    findings.missing.emplace_back("pose errors: the dream tells no positions.");
    return;
  }
  PoseComparison poses(context.subject.task);
  const auto state = [&](int64_t k, int64_t n) {
    const auto& [episode, step] = rollouts.starts[static_cast<size_t>(n)];
    return episode->physics_state(step + k * rollouts.control_steps);
  };
  const auto positions = [&](int64_t k, int64_t n) {
    return floats_of(state(k, n), contract::EnvSpec::kQposOffset, spec.nq);
  };
  const auto tables = [&](const auto& guess) {
    return pose_tables(rollouts, [&](int64_t k, int64_t n) {
      poses.set_truth(positions(k, n));
      return poses.compare(guess(k, n));
    });
  };
  const PoseTables dream = tables([&](int64_t k, int64_t n) { return rollouts.world.position(k, n); });
  add_curve(findings, "imagined_body_position_error", dream.place, "m");
  add_curve(findings, "imagined_body_orientation_error", dream.turn, "degrees");
  add_curve(findings, "imagined_translation_error", dream.translation, "m");
  add_curve(findings, "imagined_rotation_error", dream.rotation, "degrees");
  add_curve(findings, "persistence_body_position_error",
            tables([&](int64_t, int64_t n) { return positions(0, n); }).place, "m");
  const double seconds = rollouts.control_steps * spec.control_dt;
  const auto moved = [&](int64_t k, int64_t n) {
    return poses.moved(positions(0, n), floats_of(state(0, n), spec.qvel_offset(), spec.nv),
                       static_cast<double>(k) * seconds);
  };
  add_curve(findings, "constant_velocity_body_position_error", tables(moved).place, "m");
}

Findings measure(const Context& context) {
  const HeldOut& set = set_of(context);
  if (!set.missing.empty()) return {.rows = {}, .points = {}, .checks = {}, .missing = {set.missing}};
  Findings findings;
  add_groups(findings, context.subject.task->spec(), set.rollouts);
  add_poses(findings, context, set.rollouts);
  return findings;
}

// Names of the curves that begin with `prefix`, in order.
std::vector<std::string> curves(const Findings& findings, const std::string& prefix) {
  std::vector<std::string> names;
  for (const Row& row : findings.rows)
    if (row.horizon && row.name.starts_with(prefix) && (names.empty() || names.back() != row.name))
      names.push_back(row.name);
  return names;
}

// The last value not beyond `steps`.
double value_at(const Curve& curve, double steps) {
  double value = kNone;
  for (size_t k = 0; k < curve.horizon.size() && curve.horizon[k] <= steps; ++k) value = curve.value[k];
  return value;
}

Drawing draw(const Findings& findings, const EvaluationResult& about) {
  constexpr double kSteps = 50.0;  // control steps that the sentences speak of
  constexpr int kColours = 6;
  Drawing drawing;
  std::string worst;
  double largest = -1.0;
  std::vector<CurveLine> lines;
  for (const std::string& name : curves(findings, kGroup)) {
    const std::string group = name.substr(kGroup.size());
    const double error = value_at(find_curve(findings, name), kSteps);
    if (error > largest) {
      largest = error;
      worst = group;
    }
    if (std::ssize(lines) < kColours) lines.push_back({name, group, static_cast<int>(lines.size())});
  }
  const Curve place = find_curve(findings, "imagined_body_position_error");
  if (!worst.empty())
    drawing.sentences.push_back(fmt::format(
        "After {} control steps ({:.2f} s) of the recorded actions the dream errs most in {}: median {} "
        "standard deviations.",
        kSteps, kSteps * about.control_dt, worst, number_text(largest)));
  if (!place.value.empty())
    drawing.sentences.push_back(fmt::format(
        "By then the frames of the key bodies (roots and ends of what moves) are {} m from where physics has "
        "them, "
        "and turned by {} degrees; had they stood still, {} m, and had they gone on as they moved, {} m.",
        number_text(value_at(place, kSteps)),
        number_text(value_at(find_curve(findings, "imagined_body_orientation_error"), kSteps)),
        number_text(value_at(find_curve(findings, "persistence_body_position_error"), kSteps)),
        number_text(value_at(find_curve(findings, "constant_velocity_body_position_error"), kSteps))));
  FigureRow row;
  if (!lines.empty())
    row.figures.push_back({"", plot_by_horizon(findings, lines, "By group of observations",
                                               "observation error (standard deviations)")});
  if (!place.value.empty()) {
    const CurveLine bodies[] = {{"imagined_body_position_error", "dream", 0},
                                {"persistence_body_position_error", "persistence", 1},
                                {"constant_velocity_body_position_error", "constant velocity", 4}};
    row.figures.push_back({"", plot_by_horizon(findings, bodies, "Key bodies", "position error (m)")});
  }
  row.caption = "The same rollouts as above: medians over starts and the middle half.";
  drawing.figures.push_back(std::move(row));
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  constexpr double kRounding = 1e-6;  // m or degrees: of orientations from the same numbers
  for (const Row& row : findings.rows) {
    const double allowed = row.name.starts_with(kGroup) ? 0.0 : kRounding;
    if (row.name.starts_with("imagined_") && !(row.high <= allowed))
      return fmt::format("{} is {} {} after {} steps, expected 0", row.name, row.high, row.unit,
                         row.horizon.value_or(0));
  }
  return "";
}

}  // namespace

Section fidelity_parts_section() {
  return {.name = "fidelity_parts",
          .title = "Given the same actions, part by part",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true}};
}

}  // namespace reverie::evaluation
