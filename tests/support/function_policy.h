// A policy from a function, for tests.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "contract/policy.h"

namespace reverie::tests {

class FunctionPolicy : public contract::Policy {
 public:
  using Function = std::function<void(const contract::PolicyInput& input, std::span<float> actions)>;
  explicit FunctionPolicy(Function function) : function_(std::move(function)) {}
  bool wants_states = false;
  bool reads_states() const override { return wants_states; }
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    function_(input, actions);
  }

 private:
  Function function_;
};

// Every action is `value`.
inline FunctionPolicy constant_policy(float value) {
  return FunctionPolicy([value](const contract::PolicyInput&, std::span<float> actions) {
    for (float& action : actions) action = value;
  });
}

}  // namespace reverie::tests
