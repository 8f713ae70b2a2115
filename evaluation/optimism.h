// Optimism: does a dream succeed where physics fails?
// The same action sequences are played in both worlds from the same starts, and no one has to judge but the task.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.h"
#include "contract/env_spec.h"
#include "contract/world.h"
#include "evaluation/progress.h"

namespace reverie::evaluation {

// Sequences tried from each start: its own recorded actions, those recorded after two other starts, random ones.
inline constexpr int64_t kSequences = 4;

// What one world made of the sequences, all of them from start 0, then from start 1, ...
struct Outcomes {
  std::vector<double>
      returns;  // [S kSequences] a reward counts with the probability that the episode goes on
  std::vector<uint8_t>
      survived;  // [S kSequences] the episode goes on at the end: with probability one half or more
};

// `decisions` of each sequence in `world`. Sequences belong to the starts and `seed`, not to the world.
Outcomes try_sequences(contract::World& world, std::span<const contract::StartPoint> starts,
                       const contract::EnvSpec& spec, int64_t decisions, uint64_t seed,
                       const base::Stop* stop = nullptr, const Progress& progress = {});

// A sequence succeeds when the episode goes on and the return is at least half of the best in physics among those of
// the same start that go on. Starts whose best is not above 0 tell nothing and are left out.
struct Optimism {
  int64_t starts = 0;                       // that tell something
  int64_t failed = 0, promised = 0;         // fail in physics; succeed in the dream among them
  int64_t succeeded = 0, missed = 0;        // succeed in physics; fail in the dream among them
  std::vector<size_t> kept;                 // [starts] which they are, in the order of the sequences
  std::vector<double> simulated, imagined;  // returns of these starts' sequences over the best of their start
};
Optimism compare_outcomes(const Outcomes& physics, const Outcomes& dream);

}  // namespace reverie::evaluation
