#include "python/check_actions.h"

#include <cstddef>

#include "base/error.h"

namespace reverie::python {
namespace {

template <typename Number>
void check(const contract::EnvSpec& spec, std::span<const Number> actions) {
  const auto width = static_cast<size_t>(spec.action_dim);
  for (size_t i = 0; i < actions.size(); ++i) {
    const float low = spec.action_low[i % width], high = spec.action_high[i % width];
    const auto action = static_cast<float>(actions[i]);
    if (action >= low && action <= high) continue;
    base::throw_user_error("action[{}, {}] is {}: expected a number from {} to {}; clip actions first",
                           i / width, i % width, actions[i], low, high);
  }
}

}  // namespace

void check_actions(const contract::EnvSpec& spec, std::span<const float> actions) { check(spec, actions); }
void check_actions(const contract::EnvSpec& spec, std::span<const double> actions) { check(spec, actions); }

}  // namespace reverie::python
