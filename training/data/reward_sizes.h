// RewardSizes: how large rewards and their discounted sums are, counted by powers of two.
// The learner's unit of reward is found from them, so that any task's rewards fit the bins of its predictions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace reverie::training {

class RewardSizes {
 public:
  // One decision: its reward, and the discounted sum of the episode's rewards up to it, which is about as large
  // as values are. Nothing counts that is not finite, or smaller than 2^-40.
  void add(double reward, double sum) { count(reward, sum, 1); }
  void remove(double reward, double sum) { count(reward, sum, -1); }  // one that was added

  void add(const RewardSizes& others);  // all that others counted

  // Every result is an exponent e of sizes from 2^e to below 2^(e+1); none without such a number.
  std::optional<int> largest_sum() const;
  // Of the size that at least `share` of the counted rewards reach.
  std::optional<int> reward_of_share(double share) const;
  int64_t rewards() const;  // counted ones

 private:
  static constexpr int kLeast = -40, kMost = 87;
  using Counts = std::array<int64_t, kMost - kLeast + 1>;

  static void count_in(Counts& counts, double size, int64_t change);
  void count(double reward, double sum, int64_t change);

  Counts rewards_{}, sums_{};
};

// The power of two by which rewards are divided before they are learned, where `current` is the one in use and
// predictions reach to `reach` > 0. It changes only when it must, and then by much:
//
//   sums too large     the largest reaches half of what can be predicted: it comes to lie at about an eighth
//   rewards too small  the largest sum is below 1, or fewer than a hundredth of the rewards reach 1/32: the largest
//                      sum comes to lie at about 16, when there are 64 rewards and half of them reach 1/64 of what
//                      the largest hundredth does. The first faint rewards of a task that fades out with distance
//                      tell nothing of what is to come
//
// Few very large rewards do not make the others vanish: those that a hundredth reach stay at 1/32 or more, and
// what is larger than `reach` is cut off then. Tasks with rewards of at most 1 a control step keep 1.
double fitting_reward_scale(const RewardSizes& sizes, double current, double reach);

// True when sums reach about as far as predictions do in units of `scale`, or further.
bool exceeds_reach(const RewardSizes& sizes, double scale, double reach);
// That as a line for the user, with the ends of the bins that predictions have.
std::string reach_text(const RewardSizes& sizes, double scale, double bin_low, double bin_high);

}  // namespace reverie::training
