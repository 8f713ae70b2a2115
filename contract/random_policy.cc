#include "contract/random_policy.h"

#include <vector>

namespace reverie::contract {
namespace {

class RandomPolicy : public Policy {
 public:
  RandomPolicy(const EnvSpec& spec, Stream stream)
      : low_(spec.action_low), high_(spec.action_high), stream_(stream) {}

  void act(const PolicyInput& input, std::span<float> actions) override {
    for (size_t n = 0; n < input.keys.size(); ++n) {
      const DrawKey& key = input.keys[n];
      Rng rng(key.seed, key.episode, stream_, key.decision);
      draw_action(rng, low_, high_, actions.subspan(n * low_.size(), low_.size()));
    }
  }

 private:
  std::vector<float> low_, high_;
  Stream stream_;
};

}  // namespace

void draw_action(Rng& rng, std::span<const float> low, std::span<const float> high, std::span<float> action) {
  for (size_t a = 0; a < action.size(); ++a) action[a] = static_cast<float>(rng.uniform(low[a], high[a]));
}

std::unique_ptr<Policy> random_policy(const EnvSpec& spec, Stream stream) {
  return std::make_unique<RandomPolicy>(spec, stream);
}

}  // namespace reverie::contract
