// Learning curves that others published for tasks of the suite.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reverie::evaluation {

struct PublishedCurve {
  std::string algorithm;               // "TD-MPC2"
  std::vector<double> steps, returns;  // environment steps and mean return of an episode, same length
};

// The curves of a task such as "dmc/walker-walk" from published.csv, which the build puts into the program.
// Empty when there are none.
std::vector<PublishedCurve> published_curves(std::string_view task);

// The curves of `task` in a table like published.csv. The head is "task,algorithm" and the environment steps
// of the columns. Each line holds the returns of one algorithm on one task; an empty cell was not reported.
std::vector<PublishedCurve> parse_published(std::string_view csv, std::string_view task);

}  // namespace reverie::evaluation
