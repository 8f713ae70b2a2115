#include "contract/recorded_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace reverie::contract {
namespace {

// The action of decision k after `start`; the last recorded one when the record is over.
std::span<const float> decision_action(const StartPoint& start, int64_t k, int control_steps) {
  const Episode& episode = *start.episode;
  const int64_t row = start.step + k * control_steps;
  if (row + control_steps > episode.length()) return episode.action(episode.length() - 1);
  const std::span<const float> action = episode.action(row);
  for (int64_t r = 1; r < control_steps; ++r) {
    if (!std::ranges::equal(action, episode.action(row + r)))
      throw std::logic_error(fmt::format(
          "the action changes at step {}, within a decision of {} control steps", row + r, control_steps));
  }
  return action;
}

class RecordedPolicy : public Policy {
 public:
  RecordedPolicy(std::span<const StartPoint> starts, int control_steps)
      : starts_(starts.begin(), starts.end()), control_steps_(control_steps), decisions_(starts.size(), 0) {}

  void reset(int rows) override {
    if (static_cast<size_t>(rows) != starts_.size())
      throw std::logic_error(
          fmt::format("recorded actions: {} rows, expected {}, one a start", rows, starts_.size()));
    std::ranges::fill(decisions_, 0);
  }
  void reset_row(int row) override { decisions_.at(static_cast<size_t>(row)) = 0; }

  void act(const PolicyInput& /*input*/, std::span<float> actions) override {
    auto out = actions.begin();
    for (size_t n = 0; n < starts_.size(); ++n)
      out = std::ranges::copy(decision_action(starts_[n], decisions_[n]++, control_steps_), out).out;
  }

 private:
  std::vector<StartPoint> starts_;
  int control_steps_;
  std::vector<int64_t> decisions_;  // [N] played since the start
};

}  // namespace

std::unique_ptr<Policy> recorded_policy(std::span<const StartPoint> starts, int control_steps) {
  return std::make_unique<RecordedPolicy>(starts, control_steps);
}

}  // namespace reverie::contract
