#include "contract/env_spec.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reverie::contract {
namespace {

bool is_circular(const EnvSpec& spec, int i) { return std::ranges::binary_search(spec.circular, i); }

}  // namespace

int state_feature_dim(const EnvSpec& spec) {
  return spec.nq + static_cast<int>(spec.circular.size()) + spec.nv;
}

int row_width(const EnvSpec& spec) { return spec.observation_dim + state_feature_dim(spec); }

void state_to_features(const EnvSpec& spec, std::span<const double> state, std::span<float> features) {
  size_t out = 0;
  for (int i = 0; i < spec.nq + spec.nv; ++i) {
    if (i < spec.nq && is_circular(spec, i)) {
      features[out++] = static_cast<float>(std::cos(state[i]));
      features[out++] = static_cast<float>(std::sin(state[i]));
    } else {
      features[out++] = static_cast<float>(state[i]);
    }
  }
}

void physics_to_features(const EnvSpec& spec, std::span<const double> physics, std::vector<float>& features) {
  const auto width = static_cast<size_t>(spec.physics_dim);
  const auto wide = static_cast<size_t>(state_feature_dim(spec));
  const size_t rows = physics.empty() ? 0 : physics.size() / width;
  features.resize(rows * wide);
  for (size_t n = 0; n < rows; ++n) {
    state_to_features(spec,
                      physics.subspan(n * width + EnvSpec::kQposOffset,
                                      static_cast<size_t>(spec.nq) + static_cast<size_t>(spec.nv)),
                      std::span(features).subspan(n * wide, wide));
  }
}

void features_to_state(const EnvSpec& spec, std::span<const float> features, std::span<float> state) {
  constexpr float kTurn = 2.0F * std::numbers::pi_v<float>;
  size_t in = 0;
  for (int i = 0; i < spec.nq + spec.nv; ++i) {
    if (i < spec.nq && is_circular(spec, i)) {
      const float angle = std::atan2(features[in + 1], features[in]);
      state[i] = angle + kTurn * std::round((state[i] - angle) / kTurn);
      in += 2;
    } else {
      state[i] = features[in++];
    }
  }
}

}  // namespace reverie::contract
