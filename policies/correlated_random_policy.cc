#include "policies/correlated_random_policy.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "policies/exploration_noise.h"

namespace reverie::policies {
namespace {

class CorrelatedRandomPolicy : public contract::Policy {
 public:
  CorrelatedRandomPolicy(const contract::EnvSpec& spec, int64_t octaves)
      : low_(spec.action_low), high_(spec.action_high), octaves_(octaves), noise_(low_.size()) {}

  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    size_t next = 0;
    for (const contract::DrawKey& key : input.keys) {
      exploration_noise(key, octaves_, noise_);
      for (size_t a = 0; a < noise_.size(); ++a) {
        const double share = 0.5 * std::erfc(-noise_[a] / std::numbers::sqrt2);  // uniform in (0, 1)
        actions[next++] = static_cast<float>(std::lerp(low_[a], high_[a], share));
      }
    }
  }

 private:
  std::vector<float> low_, high_;
  int64_t octaves_;
  std::vector<float> noise_;  // [A] of one row
};

}  // namespace

std::unique_ptr<contract::Policy> correlated_random_policy(const contract::EnvSpec& spec, int64_t octaves) {
  return std::make_unique<CorrelatedRandomPolicy>(spec, octaves);
}

}  // namespace reverie::policies
