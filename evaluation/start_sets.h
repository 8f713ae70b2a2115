// Start sets: from where else a dream is asked, beside the held-out and the pushed episodes of its policy.
// A dream may hold where its own policy goes, and nowhere else; and it should say so by its uncertainty.
#pragma once

#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "evaluation/context.h"
#include "sim/scaled_model.h"

namespace reverie::evaluation {

inline constexpr int kSetEpisodes = 6;     // of a set, at most as many as of the undisturbed one
inline constexpr int64_t kSetStarts = 64;  // at most
inline constexpr int64_t kSetSteps = 100;  // control steps after a start, at most

struct StartSet {
  std::string name = {};  // "heavy"
  std::string what = {};  // "mass x 1.5"
  bool is_shifted = false;
  std::vector<contract::Episode> episodes = {};  // `rollouts` point into them
  // Recorded actions in the dream and, as the floor of shifted sets, in the task's own physics.
  PairedRollouts rollouts = {};
  std::string missing = {};  // why there are no rollouts; empty when there are
};

// The random policy; the policy of the subject with mass, friction and gravity scaled, one after the other, from the same
// starts as the undisturbed episodes; and options.data, where there are such. A subject without a policy has the first alone.
std::vector<StartSet> make_start_sets(const Context& context, base::ThreadPool& pool);

}  // namespace reverie::evaluation
