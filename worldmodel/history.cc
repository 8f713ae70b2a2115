#include "worldmodel/history.h"

#include <torch/types.h>

#include <algorithm>
#include <vector>

#include "tensor/tensor_io.h"

namespace reverie::worldmodel {

History history_of(const contract::EnvSpec& spec, std::span<const contract::StartPoint> starts,
                   int action_repeat, int64_t length, bool with_states) {
  const auto n = static_cast<int64_t>(starts.size());
  const int64_t o = spec.observation_dim, a = spec.action_dim;
  const int64_t f = with_states ? contract::state_feature_dim(spec) : 0;
  int64_t rows = 1;  // T
  for (const contract::StartPoint& start : starts) rows = std::max(rows, 1 + start.step / action_repeat);
  rows = std::min(rows, length);
  std::vector<float> observations(rows * n * o, 0.0F), actions((rows - 1) * n * a, 0.0F),
      known(rows * n, 0.0F), states(rows * n * f, 0.0F);
  for (int64_t t = 0; t < rows; ++t) {
    for (int64_t i = 0; i < n; ++i) {
      const contract::Episode& episode = *starts[i].episode;
      const int64_t step = starts[i].step - (rows - 1 - t) * action_repeat, row = t * n + i;
      if (step < 0) continue;
      known[row] = 1.0F;
      std::ranges::copy(episode.observation(step), observations.begin() + row * o);
      if (with_states) {
        contract::state_to_features(
            spec, episode.physics_state(step).subspan(contract::EnvSpec::kQposOffset, spec.nq + spec.nv),
            std::span(states).subspan(row * f, f));
      }
      if (t + 1 == rows) continue;
      for (int64_t k = 0; k < a; ++k) {
        const float low = spec.action_low[k], span = spec.action_high[k] - low;
        actions[row * a + k] = (episode.action(step)[k] - low) / span * 2.0F - 1.0F;
      }
    }
  }
  History out;
  out.observations = tensor::tensor_from(observations, {rows, n, o});
  if (rows > 1) out.actions = tensor::tensor_from(actions, {rows - 1, n, a});
  out.known = tensor::tensor_from(known, {rows, n});
  if (with_states) out.states = tensor::tensor_from(states, {rows, n, f});
  return out;
}

}  // namespace reverie::worldmodel
