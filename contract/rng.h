// Rng: the one source of random numbers, a counter-based generator (Philox-4x32-10, Salmon et al. 2011).
// A sequence is named by (seed, episode, stream, step). Any draw can be made again without those before it,
// and results do not depend on threads or on the order of environments.
#pragma once

#include <array>
#include <cstdint>

namespace reverie::contract {

// Names what draws. Numbers are part of the file format: append, never renumber.
enum class Stream : uint32_t {
  kReset = 0,       // task reset operations
  kNoise = 1,       // observation noise, delays
  kEvent = 2,       // commands, pushes, randomisation
  kPolicy = 3,      // exploration noise while collecting
  kReplay = 4,      // which transitions are sampled
  kLearner = 5,     // reparameterisation noise in imagination
  kInit = 6,        // weight initialisation
  kEvaluation = 7,  // start points, perturbations, bootstrap
  kPlanner = 8,     // MPPI samples
  kPush = 9,        // pushes while collecting
  kShards = 10,     // the order in which the shards of a dataset are read
};

// The raw block function: 4 words from a 4-word counter and a 2-word key (10 rounds).
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

class Rng {
 public:
  // key = seed, counter = (draw, step, stream, episode); each (seed, episode, stream, step) is an independent
  // sequence of 2^32 blocks. Throws std::invalid_argument when step >= 2^40 or episode >= 2^48.
  Rng(uint64_t seed, uint64_t episode, Stream stream, uint64_t step = 0);

  uint32_t next_u32();
  uint64_t next_u64();
  double uniform();                         // [0, 1), 53 bits
  double uniform(double low, double high);  // [low, high)
  double normal();                          // Box-Muller, both values used
  int64_t below(int64_t n);                 // {0, ..., n-1}, unbiased; n >= 1

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;  // words of block_ already handed out
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace reverie::contract
