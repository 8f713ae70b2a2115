#include "training/loss_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/statistics.h"

namespace reverie::training {
namespace {

bool is_loss(const std::string& name) { return name.ends_with("/loss"); }

}  // namespace

void LossGuard::look_at_update(bool skipped) {
  in_a_row_ = skipped ? in_a_row_ + 1 : 0;
  skipped_ += skipped ? 1 : 0;
  if (in_a_row_ >= kSkippedInARow)
    throw LossesExploded(
        fmt::format("{} updates in a row had a loss or gradient that is not finite", in_a_row_));
}

void LossGuard::look_at_row(const std::map<std::string, double>& row) {
  for (const auto& [name, value] : row) {
    if (!is_loss(name)) continue;
    const std::deque<double>& before = losses_[name];
    if (before.size() < kFewRows) continue;
    const double median = report::median(std::vector<double>(before.begin(), before.end()));
    if (std::abs(value) > kFactor * (1.0 + std::abs(median)))
      throw LossesExploded(fmt::format("{} is {:.3g}, the median before it {:.3g}", name, value, median));
  }
  remember(row);
}

void LossGuard::remember(const std::map<std::string, double>& row) {
  if (const auto found = row.find("train/skipped_updates"); found != row.end())
    skipped_ = std::max(skipped_, static_cast<int64_t>(found->second));
  for (const auto& [name, value] : row) {
    if (!is_loss(name) || !std::isfinite(value)) continue;
    std::deque<double>& losses = losses_[name];
    losses.push_back(value);
    if (losses.size() > kRows) losses.pop_front();
  }
}

}  // namespace reverie::training
