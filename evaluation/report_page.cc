// The HTML page of the report, see evaluation/report.h.
#include <fmt/format.h>

#include <algorithm>

#include "evaluation/report.h"
#include "evaluation/scorecard.h"
#include "evaluation/text.h"
#include "evaluation/verdict.h"
#include "report/html.h"

namespace reverie::evaluation {
namespace {

constexpr int kPageWidth = 860;  // logical pixels

std::string estimate_note(const Row& row, const char* rest) {
  return row.n == 0 ? "not measured" : fmt::format("95%: {}{}", interval_text(row.low, row.high), rest);
}

void write_verdict(report::HtmlPage& page, const EvaluationResult& result) {
  const Verdict v = verdict_of(result);
  const bool measured = v.no_horizon.empty();
  const std::string holds =
      measured ? fmt::format(", and holds for {}{} steps ({:.2f} s)", v.valid_to_the_end ? "at least " : "",
                             v.valid_steps, v.valid_seconds)
               : std::string();
  page.headline(fmt::format("The policy scores {} in simulation. Its dream said {}{}.",
                            number_text(v.simulated.value), number_text(v.imagined.value), holds),
                fmt::format("{} · checkpoint {} after {} environment steps · {}", result.task,
                            result.checkpoint, result.env_steps, result.run));
  page.figures(
      {{"Simulated return", number_text(v.simulated.value),
        estimate_note(v.simulated, fmt::format(", {} episodes", v.simulated.n).c_str())},
       {"Imagined return", number_text(v.imagined.value), estimate_note(v.imagined, ", same starts")},
       {"The dream holds for",
        measured ? fmt::format("{}{} steps", v.valid_to_the_end ? "≥ " : "", v.valid_steps) : "–",
        measured ? fmt::format("{:.2f} s, from {} starts", v.valid_seconds, v.starts) : v.no_horizon},
       {"Random policy", number_text(v.random.value), estimate_note(v.random, "")}});
  if (result.divergence.diverged > 0)
    page.paragraph(fmt::format("Episodes that diverged are left out: {}.",
                               contract::divergence_text(result.divergence)));
}

void write_scorecard(report::HtmlPage& page, const EvaluationResult& result) {
  page.section("Scorecard");
  TextTable table{{"test", "evidence", "what it rests on"}};
  for (const DecisionTest& test : scorecard(result))
    table.push_back({test.name, support_name(test.support), test.sentence});
  page.table(table);
  if (const std::string use = use_sentence(result); !use.empty()) page.paragraph(use);
  if (!result.command.empty())
    page.paragraph(fmt::format("This page is made again by: {} (seed of the draws {}, weights {}, task {}).",
                               result.command, result.options.seed, result.weights_hash, result.task_hash));
}

void write_section(report::HtmlPage& page, const SectionResult& section, const EvaluationResult& result) {
  const Findings& findings = section.findings;
  page.section(section.section.title);
  if (!findings.rows.empty()) {
    const Drawing drawing = section.section.draw(findings, result);
    for (const std::string& sentence : drawing.sentences) page.paragraph(sentence);
    for (const FigureRow& row : drawing.figures) {
      std::vector<report::Plot> plots;
      for (const Figure& figure : row.figures) plots.push_back(figure.plot);
      if (plots.size() == 1) {
        // A plot alone is drawn as wide as the page, not enlarged.
        plots.front().width = std::max(plots.front().width, kPageWidth);
        page.plot(plots.front(), row.caption);
      } else if (!plots.empty()) {
        page.plots(plots, row.caption);
      }
    }
  }
  for (const TextTable& table : tables(findings, result.control_dt)) page.table(table);
  for (const std::string& missing : findings.missing) page.paragraph("Not measured: " + missing);
}

void write_films(report::HtmlPage& page, const EvaluationResult& result) {
  if (result.films.empty()) return;
  page.section("Films");
  std::vector<report::HtmlPage::Video> videos;
  for (size_t i = 0; i < result.films.size(); ++i) {
    const Strip& strip = result.strips[i];
    std::string name = strip.name;
    std::ranges::replace(name, '_', ' ');
    videos.push_back(
        {result.films[i], fmt::format("{} ({}): {} simulated, {} imagined", name, strip.point,
                                      number_text(strip.simulated), number_text(strip.imagined))});
  }
  page.videos(
      videos,
      "Physics, the dream, and the dream as a ghost over physics; the policy acts in each by itself from the "
      "same start. Below, the error of the observation up to 1 standard deviation, red above 0.3.");
}

void write_method(report::HtmlPage& page, const EvaluationResult& result) {
  page.section("How it was measured");
  page.paragraph(
      fmt::format("{} fresh episodes of seed {} a set, apart from all training episodes; one decision is {} "
                  "control steps of {:g} s. Intervals of returns are percentile bootstrap 95% intervals over "
                  "episodes, of 2000 resamples; those of errors are the middle half of the starts.",
                  result.options.episodes, result.options.seed, result.control_steps, result.control_dt));
}

}  // namespace

std::string report_html(const EvaluationResult& result) {
  report::HtmlPage page(result.task + ": imagined against simulated");
  write_verdict(page, result);
  write_scorecard(page, result);
  for (const SectionResult& section : result.sections) write_section(page, section, result);
  write_films(page, result);
  write_method(page, result);
  page.details("All numbers (metrics.csv)", metrics_csv(result));
  return page.finish();
}

}  // namespace reverie::evaluation
