#include "python/check_actions.h"

#include <cstddef>

#include "base/error.h"

namespace reverie::python {

void check_actions(const contract::EnvSpec& spec, std::span<const float> actions) {
  const auto width = static_cast<size_t>(spec.action_dim);
  for (size_t i = 0; i < actions.size(); ++i) {
    const float low = spec.action_low[i % width], high = spec.action_high[i % width];
    if (actions[i] >= low && actions[i] <= high) continue;
    base::throw_user_error("action[{}, {}] is {}: expected a number from {} to {}; clip actions first",
                           i / width, i % width, actions[i], low, high);
  }
}

}  // namespace reverie::python
