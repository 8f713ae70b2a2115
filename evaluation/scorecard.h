// Scorecard: for which decisions does the evidence support the use of a dream?
// It is read from the rows of the report alone. A light never follows from a number whose interval crosses its line.
#pragma once

#include <string>
#include <vector>

#include "evaluation/evaluate.h"

namespace reverie::evaluation {

enum class Support {
  kSupported,     // the whole interval is on the right side of the line
  kNotSupported,  // the whole interval is on the wrong side
  kUndecided,     // the interval crosses the line
  kNotMeasured,
};
std::string support_name(Support support);  // "supported", "not supported", "undecided", "not measured"

struct DecisionTest {
  std::string name;  // one of seven, e.g. "policy ranking"
  Support support = Support::kNotMeasured;
  std::string sentence;  // its number, interval, line and n; or why nothing is known
};

// Seven tests, always all and in the same order: counterfactual actions, closed loop, reward and value, policy ranking,
// optimisation lift, exploitability, uncertainty.
std::vector<DecisionTest> scorecard(const EvaluationResult& result);

// "Good for planning up to 18 control steps (it holds for 24, 95% interval 18 to 30, 256 starts); it promises 12.0 more than physics pays (95% interval
// ...)." The steps are those of the lower end. What was not measured is left out; empty when nothing was.
std::string use_sentence(const EvaluationResult& result);

// The lines of the scorecard for the terminal, each ended: tests, use, and the command that makes the report again.
std::string scorecard_text(const EvaluationResult& result);

}  // namespace reverie::evaluation
