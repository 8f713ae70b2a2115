#include "contract/zero_policy.h"

#include <algorithm>
#include <vector>

namespace reverie::contract {
namespace {

class ZeroPolicy : public Policy {
 public:
  explicit ZeroPolicy(const EnvSpec& spec) {
    for (size_t a = 0; a < spec.action_low.size(); ++a)
      action_.push_back(std::clamp(0.0f, spec.action_low[a], spec.action_high[a]));
  }

  void act(const PolicyInput& /*input*/, std::span<float> actions) override {
    for (size_t i = 0; i < actions.size(); ++i) actions[i] = action_[i % action_.size()];
  }

 private:
  std::vector<float> action_;  // [A]
};

}  // namespace

std::unique_ptr<Policy> zero_policy(const EnvSpec& spec) { return std::make_unique<ZeroPolicy>(spec); }

}  // namespace reverie::contract
