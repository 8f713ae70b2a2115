// LossGuard: finds that losses are no longer finite, or explode.
// A training that it stops goes back to its last checkpoint once; nothing changes in one that is healthy.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>

namespace reverie::training {

// what() is one line.
class LossesExploded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class LossGuard {
 public:
  static constexpr int64_t kSkippedInARow = 3;
  static constexpr size_t kRows = 20, kFewRows = 5;  // rows that a loss is held against: at most, at least
  static constexpr double kFactor = 1e4;             // an explosion is larger than 1 + the median by so much

  // After every update. `skipped`: its gradient was not finite. Throws LossesExploded after kSkippedInARow such
  // updates in a row.
  void look_at_update(bool skipped);

  // At every metrics row: the losses among its figures, "<part>/loss". Throws LossesExploded when one exceeds kFactor
  // times (1 + the median of the rows before).
  void look_at_row(const std::map<std::string, double>& row);
  // A row of before a resume: nothing is judged.
  void remember(const std::map<std::string, double>& row);

  int64_t skipped() const { return skipped_; }  // updates in all

 private:
  std::map<std::string, std::deque<double>> losses_;
  int64_t skipped_ = 0, in_a_row_ = 0;
};

}  // namespace reverie::training
