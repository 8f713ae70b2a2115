// Exploration noise that keeps its direction for a while: a policy shaken by white noise stays where it is,
// one that is pushed one way for a second gets somewhere (Eberhard et al. 2023: pink noise).
#pragma once

#include <cstdint>
#include <span>

namespace reverie::policies {

// Names the noise of one row at one decision: draws come from Rng(seed, episode, Stream::kPolicy, ...).
struct NoiseKey {
  uint64_t seed = 0;
  uint64_t episode = 0;
  uint64_t decision = 0;  // within the episode
};

// out [A] <- the noise at key.decision: each entry standard normal, a sum of `octaves` processes of equal
// variance that change over 1, 2, 4, ... decisions. 1 octave is white noise; many are close to 1/f ("pink").
// Any decision's noise is computed by itself, without those before it.
void exploration_noise(const NoiseKey& key, int64_t octaves, std::span<float> out);

}  // namespace reverie::policies
