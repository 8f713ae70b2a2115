#include "contract/pushed_policy.h"

#include <algorithm>
#include <vector>

#include "contract/random_policy.h"
#include "contract/rng.h"

namespace reverie::contract {
namespace {

class PushedPolicy : public Policy {
 public:
  PushedPolicy(Policy& policy, const EnvSpec& spec)
      : policy_(policy), low_(spec.action_low), high_(spec.action_high) {}

  void reset(int rows) override {
    policy_.reset(rows);
    pushes_.assign(static_cast<size_t>(rows), {});
  }
  void reset_row(int row) override {
    policy_.reset_row(row);
    pushes_.at(static_cast<size_t>(row)) = {};
  }

  void act(const PolicyInput& input, std::span<float> actions) override {
    policy_.act(input, actions);
    for (size_t n = 0; n < input.keys.size(); ++n) {
      Push& push = pushes_.at(n);
      const DrawKey& key = input.keys[n];
      Rng rng(key.seed, key.episode, Stream::kEvaluation, key.decision);
      if (push.left == 0 && rng.below(50) == 0) begin(push, rng);
      if (push.left == 0) continue;
      --push.left;
      std::ranges::copy(push.action, actions.subspan(n * low_.size()).begin());
    }
  }

 private:
  struct Push {
    int64_t left = 0;           // decisions
    std::vector<float> action;  // [A]
  };

  void begin(Push& push, Rng& rng) const {
    push.left = 5 + rng.below(41);
    push.action.resize(low_.size());
    draw_action(rng, low_, high_, push.action);
  }

  Policy& policy_;
  std::vector<float> low_, high_;
  std::vector<Push> pushes_;  // one a row
};

}  // namespace

std::unique_ptr<Policy> pushed_policy(Policy& policy, const EnvSpec& spec) {
  return std::make_unique<PushedPolicy>(policy, spec);
}

}  // namespace reverie::contract
