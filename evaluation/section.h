// Section: one part of an evaluation, from measuring to what a reader sees.
//
// A new metric is a file in evaluation/sections/, its line in sections/sections.cc and its test. The JSON and CSV
// files, the page and the terminal text are made from what the section returns; none of them names it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/report_file.h"
#include "report/plot.h"
#include "report/statistics.h"

namespace reverie::evaluation {

struct Context;           // evaluation/context.h: what sections measure from
struct EvaluationResult;  // evaluation/evaluate.h: what was evaluated, and how

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// One number. Rows of the same name at several horizons are a curve.
struct Row {
  std::string name;                // unique among all sections, e.g. "imagined_error"
  std::optional<int64_t> horizon;  // control steps after the start
  double low = kNone;              // ends of the interval: bootstrap 95% of a mean, quartiles around a median
  double value = kNone;
  double high = kNone;
  int64_t n = 0;     // independent values behind it
  std::string unit;  // "return", "sd", "control steps"; empty for a plain number
  // It depends on the machine and is another one every time: report.json has it under `timings`, so that the `rows` of two
  // evaluations with one seed are equal.
  bool is_timing = false;
};

// Pairs of numbers, for scatter plots and for curves over something else than the horizon.
struct Points {
  std::string name, x_name, y_name;
  std::vector<double> x, y;             // [n] each
  std::vector<PointPlace> places = {};  // [n], or empty where no pair belongs to one start
};

// A condition that must hold.
struct Check {
  std::string name;
  bool held = false;
  std::string found;  // what was found and what was expected, in words
};

// What a section measured, as plain data.
struct Findings {
  std::vector<Row> rows;
  std::vector<Points> points;
  std::vector<Check> checks;
  std::vector<std::string> missing;  // what could not be measured and why, a sentence each
};

// A picture of the report.
struct Figure {
  std::string file;  // name of its PNG in the report's folder; empty: on the page only
  report::Plot plot;
};

// Pictures side by side, with one caption.
struct FigureRow {
  std::vector<Figure> figures;
  std::string caption;
};

// What a reader sees beside the table of the rows. The terminal shows the first sentence.
struct Drawing {
  std::vector<std::string> sentences;
  std::vector<FigureRow> figures;
};

// What a section reads of the Context beside the undisturbed episodes, which are always there. The rest is measured only
// when a section needs it.
struct Needs {
  bool pushed = false;     // Context::pushed
  bool on_policy = false;  // rollouts of Context::on_policy
  bool imagined = false;   // Context::imagined, dreamt and program
  bool random_returns = false;

  Needs operator|(const Needs& other) const {
    return {.pushed = pushed || other.pushed,
            .on_policy = on_policy || other.on_policy,
            .imagined = imagined || other.imagined,
            .random_returns = random_returns || other.random_returns};
  }
};
inline constexpr Needs kNeedsAll{.pushed = true, .on_policy = true, .imagined = true, .random_returns = true};

struct Section {
  std::string name;   // the key in report.json and the column `section` of metrics.csv
  std::string title;  // the heading on the page
  // May throw base::UserError: its message is then what the section says is missing.
  Findings (*measure)(const Context& context);
  // Uses nothing but findings and facts about the evaluation; is called only when there are rows.
  Drawing (*draw)(const Findings& findings, const EvaluationResult& about);
  // How the findings differ from those of a perfect model, in words; empty when they do not. Null when a
  // perfect model has no known findings. The self-test asks this of the simulator in the model's place.
  std::string (*fault)(const Findings& findings, const Context& context) = nullptr;
  bool is_dear = false;  // costs more than the others together: left out of a quick evaluation
  Needs needs = kNeedsAll;
  double weight = 2.0;  // seconds that it takes of a walker, about: for the progress line alone
};

// A section with what it found in one evaluation.
struct SectionResult {
  Section section;
  Findings findings;
};

Needs needs_of(std::span<const Section> sections);

// Measure all `sections` in order. They tell how far they are by context.progress.
std::vector<SectionResult> measure_sections(std::span<const Section> sections, const Context& context);

// A mean with its interval as a row.
Row estimate_row(std::string name, const report::Estimate& estimate, std::string unit);

// The row `name` without a horizon; without value, low and high, and n = 0, where there is none.
Row find_row(const Findings& findings, std::string_view name);

// The rows `name` that have a horizon, by column and in their order. `low` and `high` are empty when no row
// has an interval.
struct Curve {
  std::vector<double> horizon, low, value, high;  // [K]
  std::vector<int64_t> n;                         // [K]
  std::string unit;
};
Curve find_curve(const Findings& findings, std::string_view name);

// A plot over the horizon, a line for each of `lines`; curves that were not measured are left out.
struct CurveLine {
  std::string row;    // name of the rows
  std::string label;  // legend entry; empty: none
  int colour = 0;     // see report::Series
};
report::Plot plot_by_horizon(const Findings& findings, std::span<const CurveLine> lines, std::string title,
                             std::string y_label);

}  // namespace reverie::evaluation
