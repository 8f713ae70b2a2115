#include "evaluation/pair_series.h"

#include <utility>

namespace reverie::evaluation {

report::Series diagonal_series(std::string name, double low, double high) {
  report::Series line;
  line.name = std::move(name);
  line.x = line.y = {low, high};
  line.colour = -1;
  line.dashed = true;
  return line;
}

report::Series dot_series(std::string name, const Points& points) {
  report::Series dots;
  dots.name = std::move(name);
  dots.x = points.x;
  dots.y = points.y;
  dots.line = false;
  dots.points = true;
  return dots;
}

}  // namespace reverie::evaluation
