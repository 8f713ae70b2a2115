// published.csv holds the mean return over seeds on tasks of the DeepMind Control Suite, from state observations,
// rounded. The numbers come from the result files published with TD-MPC2 (Hansen, Su and Wang, "TD-MPC2:
// Scalable, Robust World Models for Continuous Control", ICLR 2024; github.com/nicklashansen/tdmpc2, results/,
// MIT licence), which also hold the returns of DreamerV3 and SAC.
#include "evaluation/curves/published.h"

#include <algorithm>

#include "published_csv.h"

namespace reverie::evaluation {
namespace {

// Takes the text before `separator` from the front of `text`.
std::string_view cut(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

}  // namespace

std::vector<PublishedCurve> parse_published(std::string_view csv, std::string_view task) {
  std::string_view head = cut(csv, '\n');
  cut(head, ',');  // "task"
  cut(head, ',');  // "algorithm"
  std::vector<double> steps;
  while (!head.empty()) steps.push_back(std::stod(std::string(cut(head, ','))));
  std::vector<PublishedCurve> curves;
  while (!csv.empty()) {
    std::string_view line = cut(csv, '\n');
    if (cut(line, ',') != task) continue;
    PublishedCurve curve{.algorithm = std::string(cut(line, ',')), .steps = {}, .returns = {}};
    for (const double at : steps) {
      const std::string cell(cut(line, ','));
      if (cell.empty()) continue;
      curve.steps.push_back(at);
      curve.returns.push_back(std::stod(cell));
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

std::vector<PublishedCurve> published_curves(std::string_view task) {
  return parse_published(kPublishedCsv, task);
}

}  // namespace reverie::evaluation
