// Contact agreement: does a dream touch when and where physics touches?
// Contacts are pairs of bodies; counts of many rollouts add up.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace reverie::evaluation {

using Contacts = std::vector<std::pair<int, int>>;  // pairs that touch, ascending, each once

struct ContactCounts {
  int64_t both = 0, dream_only = 0, physics_only = 0;

  void add(const ContactCounts& more);
  double precision() const;  // NaN where the dream touches nothing
  double recall() const;     // NaN where physics touches nothing
  double f1() const;         // NaN where neither touches anything
};
ContactCounts count_contacts(const Contacts& physics, const Contacts& dream);

// Contacts that begin: a pair touches and did not in the state before. Each of physics is held against the nearest of
// the same pair in the dream.
struct OnsetCounts {
  int64_t onsets = 0;    // in physics
  int64_t missed = 0;    // without any of the same pair in the dream
  int64_t distance = 0;  // summed over the others, in states

  void add(const OnsetCounts& more);
};
// Of one rollout, state by state; what touches in the first state has not begun. Both [K].
OnsetCounts count_onsets(std::span<const Contacts> physics, std::span<const Contacts> dream);

}  // namespace reverie::evaluation
