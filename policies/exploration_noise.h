// Exploration noise that keeps its direction for a while (pink noise, Eberhard et al. 2023).
// A policy under white noise stays where it is. A push in one direction for a second moves it.
#pragma once

#include <cstdint>
#include <span>

#include "contract/policy.h"

namespace reverie::policies {

// out [A] <- the noise at key.decision, drawn from Stream::kPolicy of the key. Each entry is standard normal, a
// sum of `octaves` processes of equal variance that change over 1, 2, 4, ... decisions. 1 octave is white
// noise; many are close to 1/f ("pink"). Any decision's noise is computed by itself, without those before it.
void exploration_noise(const contract::DrawKey& key, int64_t octaves, std::span<float> out);

}  // namespace reverie::policies
