// Small episodes for tests of the replay buffer, whose numbers tell where they come from.
#pragma once

#include <cmath>
#include <vector>

#include "training/data/replay_buffer.h"

namespace reverie::training {

inline contract::EnvSpec small_spec() {
  contract::EnvSpec spec;
  spec.observation_dim = 2;
  spec.action_dim = 1;
  spec.episode_steps = 10;
  spec.physics_dim = 1;  // time
  return spec;
}

// Every number of an episode tells where it comes from: observation t of episode k is (k, t), action t is
// 100k + t and reward t is 2^t.
inline std::vector<float> observation(uint64_t k, int64_t t) {
  return {static_cast<float>(k), static_cast<float>(t)};
}
inline float action(uint64_t k, int64_t t) { return static_cast<float>(100 * k + t); }
inline float reward(int64_t t) { return std::ldexp(1.0f, static_cast<int>(t)); }

enum class End { kRunning, kTruncated, kTerminated };

inline contract::Episode make(uint64_t k, int64_t length, End end) {
  contract::Episode e = contract::make_episode(small_spec(), 1, k);
  for (int64_t t = 0; t <= length; ++t) {
    for (const float x : observation(k, t)) e.observations.push_back(x);
    e.physics.push_back(0.01 * static_cast<double>(t));
    if (t == length) break;
    e.actions.push_back(action(k, t));
    e.rewards.push_back(reward(t));
  }
  e.terminated = end == End::kTerminated;
  e.truncated = end == End::kTruncated;
  return e;
}

inline void append(ReplayBuffer& buffer, int stream, uint64_t k, int64_t t, End end = End::kRunning) {
  const float a = action(k, t);
  buffer.append(stream, {&a, 1}, reward(t), observation(k, t + 1), end == End::kTerminated,
                end == End::kTruncated);
}

// One sampled column, for checks.
struct Column {
  const SequenceBatch& batch;
  int64_t b;
  float episode() const { return batch.observations[2 * b]; }
  float step(int64_t h) const { return batch.observations[(h * batch.batch + b) * 2 + 1]; }
  float at(const std::vector<float>& values, int64_t h) const { return values[h * batch.batch + b]; }
};

inline SequenceBatch draw(const ReplayBuffer& buffer, int64_t horizon, int64_t batch, uint64_t update = 0) {
  SequenceBatch out;
  contract::Rng rng(7, update, contract::Stream::kReplay);
  buffer.sample(horizon, batch, rng, out);
  return out;
}

}  // namespace reverie::training
