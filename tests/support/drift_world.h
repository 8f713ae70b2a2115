// Made-up worlds and episodes whose errors are known by construction.
#pragma once

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "contract/episode.h"
#include "contract/world.h"

namespace reverie::tests {

// Two observations and one action: o0 moves by the action, o1 is constant; reward is o0 after the step.
inline contract::EnvSpec drift_spec() {
  contract::EnvSpec spec;
  spec.task = "test/drift";
  spec.hash = std::string(1, '0');
  spec.observation_dim = 2;
  spec.action_dim = 1;
  spec.action_low = {-1.0f};
  spec.action_high = {1.0f};
  spec.control_dt = 0.01;
  spec.episode_steps = 100;
  return spec;
}

// `action(t)` for t in [0, steps), exact in float32 when its values are multiples of 1/64.
template <typename Action>
contract::Episode drift_episode(int64_t steps, const Action& action, float start = 0.0f) {
  const contract::EnvSpec spec = drift_spec();
  contract::Episode episode = contract::make_episode(spec, 0, 0);
  float x = start;
  episode.observations = {x, 7.0f};
  for (int64_t t = 0; t < steps; ++t) {
    x += action(t);
    episode.actions.push_back(action(t));
    episode.observations.insert(episode.observations.end(), {x, 7.0f});
    episode.rewards.push_back(x);
  }
  episode.truncated = true;
  return episode;
}

// The true dynamics of drift episodes, wrong in the ways asked for.
class DriftWorld : public contract::World {
 public:
  int repeat = 1;
  float gain = 1.0f;         // of the action; 0: nothing moves
  float reward_bias = 0.0f;  // added to every reward of a step()
  float offset = 0.0f;       // added to the observation shown, also at reset
  float survival = 1.0f;     // continuation of every step

  int control_steps() const override { return repeat; }
  int batch_size() const override { return static_cast<int>(x_.size()); }
  void reset(std::span<const contract::StartPoint> starts) override {
    x_.clear();
    for (const contract::StartPoint& start : starts) x_.push_back(start.episode->observation(start.step)[0]);
    rewards_.assign(x_.size(), 0.0f);
    continuation_.assign(x_.size(), 1.0f);
    show();
  }
  void step(std::span<const float> actions) override {
    for (size_t n = 0; n < x_.size(); ++n) {
      rewards_[n] = reward_bias;
      for (int r = 0; r < repeat; ++r) {
        x_[n] += gain * actions[n];
        rewards_[n] += x_[n];
      }
      continuation_[n] = survival;
    }
    show();
  }
  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return rewards_; }
  std::span<const float> continuation() const override { return continuation_; }
  std::span<const float> uncertainty() const override { return {}; }
  std::span<const float> positions() const override { return {}; }
  std::span<const float> velocities() const override { return {}; }
  std::span<const float> latents() const override { return {}; }
  std::span<const double> physics_states() const override { return {}; }
  std::span<const double> task_states() const override { return {}; }
  contract::Snapshot snapshot() const override {
    contract::Snapshot out{"drift", 3 * sizeof(float), {}};
    for (size_t n = 0; n < x_.size(); ++n) {
      const std::array<float, 3> row{x_[n], rewards_[n], continuation_[n]};
      contract::append_numbers(out.records, std::span<const float>(row));
    }
    return out;
  }
  void restore(const contract::Snapshot& snapshot) override {
    x_.resize(static_cast<size_t>(snapshot.batch_size()));
    rewards_.resize(x_.size());
    continuation_.resize(x_.size());
    for (size_t n = 0; n < x_.size(); ++n) {
      std::array<float, 3> row{};
      std::span<const std::byte> record = snapshot.record(static_cast<int>(n));
      contract::take_numbers(record, std::span<float>(row));
      x_[n] = row[0], rewards_[n] = row[1], continuation_[n] = row[2];
    }
    show();
  }

 private:
  void show() {
    observations_.clear();
    for (const float x : x_) observations_.insert(observations_.end(), {x + offset, 7.0f});
  }
  std::vector<float> x_, observations_, rewards_, continuation_;
};

}  // namespace reverie::tests
