// WorldEpisodes: a world as environments whose episodes begin at drawn starts and end after a horizon.
// So a learner that knows environments alone can be trained inside a dream. Autoreset is SAME_STEP, as in
// sim/vector_env.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "contract/episode.h"
#include "contract/world.h"

namespace reverie::contract {

class WorldEpisodes {
 public:
  // Two worlds of the same kind and weights: the second makes the starts of single rows. Episodes begin at points drawn
  // uniformly, with replacement, from `starts`, whose episodes must outlive this, and are truncated after `horizon`
  // decisions. Where `may_terminate`, an episode ends for good with the probability that the world states, 1 -
  // World::continuation(). Throws UserError when there is no start or a number is below 1.
  WorldEpisodes(std::unique_ptr<World> world, std::unique_ptr<World> spare, std::vector<StartPoint> starts,
                int count, int64_t horizon, bool may_terminate);

  int size() const { return static_cast<int>(indices_.size()); }  // N
  const World& world() const { return *world_; }

  // Row i plays the episodes first_index + i, first_index + i + N, ... of `seed`: where they begin and whether they
  // terminate follows from it.
  void reset(uint64_t seed, uint64_t first_index);
  // One decision under `actions` [N, A]. True when an episode ended. Throws std::logic_error before reset().
  bool step(std::span<const float> actions);

  // Results of the last step; the rows of episodes that begin show their start.
  std::span<const float> observations() const { return observations_; }  // [N, O]
  std::span<const float> final_observations() const {
    return final_observations_;
  }                                                                       // [N, O] before the autoreset
  std::span<const float> rewards() const { return rewards_; }             // [N]
  std::span<const float> uncertainty() const { return uncertainty_; }     // [N] before the autoreset
  std::span<const uint8_t> terminated() const { return terminated_; }     // [N]
  std::span<const uint8_t> truncated() const { return truncated_; }       // [N]
  std::span<const uint64_t> episode_indices() const { return indices_; }  // [N] of the running episodes
  std::span<const int64_t> decisions() const { return decisions_; }       // [N] of the running episodes

 private:
  StartPoint drawn_start(uint64_t index) const;
  bool draws_end(size_t row) const;
  void begin_again(const std::vector<int>& rows);

  std::unique_ptr<World> world_, spare_;
  std::vector<StartPoint> starts_;
  int64_t horizon_;
  bool may_terminate_;
  uint64_t seed_ = 0;
  bool started_ = false;
  std::vector<uint64_t> indices_;
  std::vector<int64_t> decisions_;
  std::vector<float> observations_, final_observations_, rewards_, uncertainty_;
  std::vector<uint8_t> terminated_, truncated_;
};

}  // namespace reverie::contract
