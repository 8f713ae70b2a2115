// A policy with state, for tests of who resets it.
#pragma once

#include <span>
#include <vector>

#include "contract/policy.h"

namespace reverie::tests {

// Every action of row n is the number of decisions since the row began, in 64ths. It keeps the keys it was given.
class CountingPolicy : public contract::Policy {
 public:
  std::vector<int> since_reset;                      // [N]
  std::vector<std::vector<contract::DrawKey>> keys;  // of every act()

  void reset(int rows) override { since_reset.assign(static_cast<size_t>(rows), 0); }
  void reset_row(int row) override { since_reset.at(static_cast<size_t>(row)) = 0; }
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    keys.emplace_back(input.keys.begin(), input.keys.end());
    const size_t width = actions.size() / since_reset.size();
    for (size_t i = 0; i < actions.size(); ++i)
      actions[i] = static_cast<float>(since_reset[i / width]) / 64.0f;
    for (int& count : since_reset) ++count;
  }
};

}  // namespace reverie::tests
