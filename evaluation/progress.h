// Progress of an evaluation: which part is measured, and how much is done.
// It goes along by value: whoever has a stretch of the work may give parts of it away. Nothing that is measured depends
// on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace reverie::evaluation {

struct ProgressNow {
  std::string part;      // "ranking"
  double of_part = 0.0;  // share of it that is done, 0..1
  double of_all = 0.0;   // by the weights of the parts, 0..1
};

class Progress {
 public:
  Progress() = default;  // tells nobody
  // `tell` is called from the thread that measures, as often as at() is: it must be cheap. `weight` is of all parts.
  Progress(std::function<void(const ProgressNow&)> tell, double weight);

  // The part `name` begins, and what went before is done.
  void begin(const std::string& name, double weight) const;

  // `done` of `total` of this stretch are done; a `total` of 0 says nothing.
  void at(int64_t done, int64_t total) const;

  // The stretch of this one between two shares, to give to a function that does so much of the work.
  Progress between(double from, double to) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  double from_ = 0.0, to_ = 1.0;  // of the part
};

}  // namespace reverie::evaluation
