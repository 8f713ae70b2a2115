#include "training/data/reward_sizes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"

namespace reverie::training {

void RewardSizes::count_in(Counts& counts, double size, int64_t change) {
  if (!std::isfinite(size) || std::abs(size) < std::ldexp(1.0, kLeast)) return;
  counts[static_cast<size_t>(std::min(std::ilogb(size), kMost) - kLeast)] += change;
}

void RewardSizes::count(double reward, double sum, int64_t change) {
  count_in(rewards_, reward, change);
  count_in(sums_, sum, change);
}

void RewardSizes::add(const RewardSizes& others) {
  std::ranges::transform(rewards_, others.rewards_, rewards_.begin(), std::plus());
  std::ranges::transform(sums_, others.sums_, sums_.begin(), std::plus());
}

int64_t RewardSizes::rewards() const { return std::accumulate(rewards_.begin(), rewards_.end(), int64_t{0}); }

std::optional<int> RewardSizes::largest_sum() const {
  for (int e = kMost; e >= kLeast; --e) {
    if (sums_[static_cast<size_t>(e - kLeast)] > 0) return e;
  }
  return std::nullopt;
}

std::optional<int> RewardSizes::reward_of_share(double share) const {
  const auto all = static_cast<double>(rewards());
  int64_t above = 0;
  for (int e = kMost; e >= kLeast; --e) {
    above += rewards_[static_cast<size_t>(e - kLeast)];
    if (above > 0 && static_cast<double>(above) >= share * all) return e;
  }
  return std::nullopt;
}

double fitting_reward_scale(const RewardSizes& sizes, double current, double reach) {
  constexpr int64_t kFewRewards = 64;
  constexpr int kVisible = 5, kEven = 6, kHeadroom = 3, kFaint = 0, kRaised = 4;  // exponents
  const std::optional<int> sum = sizes.largest_sum(), usual = sizes.reward_of_share(0.01),
                           middle = sizes.reward_of_share(0.5);
  if (!sum || !usual || !middle) return current;
  const int now = std::ilogb(current), reached = std::ilogb(reach);
  const int fit = *sum - (reached - kHeadroom);
  const int visible = *usual + kVisible;  // beyond it usual rewards would vanish
  if (*sum - now >= reached) return std::ldexp(1.0, std::max(now, std::min(fit, visible)));
  const int likely = std::min(*sum, visible);  // without a reward that came once
  const bool even = *usual - *middle <= kEven && sizes.rewards() >= kFewRewards;
  if (even && likely - now < kFaint) {
    const int raised = likely - std::min(kRaised, reached - kHeadroom);
    return std::ldexp(1.0, std::max(raised, std::min(fit, visible)));
  }
  return current;
}

bool exceeds_reach(const RewardSizes& sizes, double scale, double reach) {
  const std::optional<int> sum = sizes.largest_sum();
  return sum && std::ldexp(1.0, *sum) >= reach * scale / 2.0;
}

std::string reach_text(const RewardSizes& sizes, double scale, double bin_low, double bin_high) {
  const double reach = std::expm1(std::max(-bin_low, bin_high));
  return fmt::format(
      "rewards: their discounted sums reach {:.3g} and more, while 99% of them are below {:.3g}; what lies "
      "beyond {:.4g} is cut off in learning (model.bin_low={:g}, model.bin_high={:g}, in units of {:g})",
      std::ldexp(1.0, sizes.largest_sum().value_or(0)),
      std::ldexp(2.0, sizes.reward_of_share(0.01).value_or(0)), reach * scale, bin_low, bin_high, scale);
}

}  // namespace reverie::training
