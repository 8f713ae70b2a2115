#include "policies/exploration_noise.h"

#include <algorithm>
#include <cmath>

#include "contract/rng.h"

namespace reverie::policies {
namespace {

// Draw `index` of octave `octave`; the last index holds the octave's phase.
contract::Rng knot(const contract::DrawKey& key, int64_t octave, uint64_t index) {
  return {key.seed, key.episode, contract::Stream::kPolicy, (static_cast<uint64_t>(octave) << 32U) + index};
}
constexpr uint64_t kPhase = 0xffffffffU;

}  // namespace

void exploration_noise(const contract::DrawKey& key, int64_t octaves, std::span<float> out) {
  std::ranges::fill(out, 0.0F);
  const double share = 1.0 / std::sqrt(static_cast<double>(octaves));
  for (int64_t j = 0; j < octaves; ++j) {
    const int64_t period = int64_t{1} << j;
    const auto place = key.decision + static_cast<uint64_t>(knot(key, j, kPhase).below(period));
    const uint64_t before = place / period;
    const double f = static_cast<double>(place % period) / static_cast<double>(period);
    contract::Rng left = knot(key, j, before), right = knot(key, j, before + 1);
    // Between knots the mixture is scaled back to unit variance.
    const double scale = share / std::hypot(1.0 - f, f);
    for (float& value : out) {
      const double a = left.normal(), b = right.normal();
      value += static_cast<float>(scale * ((1.0 - f) * a + f * b));
    }
  }
}

}  // namespace reverie::policies
