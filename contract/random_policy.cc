#include "contract/random_policy.h"

#include <vector>

namespace reverie::contract {
namespace {

class RandomPolicy : public Policy {
 public:
  RandomPolicy(const EnvSpec& spec, Stream stream)
      : low_(spec.action_low), high_(spec.action_high), stream_(stream) {}

  void act(const PolicyInput& input, std::span<float> actions) override {
    size_t next = 0;
    for (const DrawKey& key : input.keys) {
      Rng rng(key.seed, key.episode, stream_, key.decision);
      for (size_t a = 0; a < low_.size(); ++a)
        actions[next++] = static_cast<float>(rng.uniform(low_[a], high_[a]));
    }
  }

 private:
  std::vector<float> low_, high_;
  Stream stream_;
};

}  // namespace

std::unique_ptr<Policy> random_policy(const EnvSpec& spec, Stream stream) {
  return std::make_unique<RandomPolicy>(spec, stream);
}

}  // namespace reverie::contract
