#include "evaluation/contact_agreement.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>

namespace reverie::evaluation {
namespace {

double share(int64_t part, int64_t rest) {
  const int64_t all = part + rest;
  return all == 0 ? std::numeric_limits<double>::quiet_NaN()
                  : static_cast<double>(part) / static_cast<double>(all);
}

// States in which each pair begins to touch.
std::map<std::pair<int, int>, std::vector<int64_t>> onsets_of(std::span<const Contacts> states) {
  std::map<std::pair<int, int>, std::vector<int64_t>> onsets;
  for (size_t k = 1; k < states.size(); ++k)
    for (const auto& pair : states[k])
      if (!std::ranges::binary_search(states[k - 1], pair)) onsets[pair].push_back(static_cast<int64_t>(k));
  return onsets;
}

}  // namespace

void ContactCounts::add(const ContactCounts& more) {
  both += more.both;
  dream_only += more.dream_only;
  physics_only += more.physics_only;
}

double ContactCounts::precision() const { return share(both, dream_only); }
double ContactCounts::recall() const { return share(both, physics_only); }
double ContactCounts::f1() const { return share(2 * both, dream_only + physics_only); }

ContactCounts count_contacts(const Contacts& physics, const Contacts& dream) {
  ContactCounts counts;
  for (const auto& pair : physics)
    ++(std::ranges::binary_search(dream, pair) ? counts.both : counts.physics_only);
  counts.dream_only = std::ssize(dream) - counts.both;
  return counts;
}

void OnsetCounts::add(const OnsetCounts& more) {
  onsets += more.onsets;
  missed += more.missed;
  distance += more.distance;
}

OnsetCounts count_onsets(std::span<const Contacts> physics, std::span<const Contacts> dream) {
  const auto imagined = onsets_of(dream);
  OnsetCounts counts;
  for (const auto& [pair, states] : onsets_of(physics)) {
    counts.onsets += std::ssize(states);
    const auto found = imagined.find(pair);
    if (found == imagined.end()) {
      counts.missed += std::ssize(states);
      continue;
    }
    for (const int64_t state : states) {
      int64_t nearest = std::numeric_limits<int64_t>::max();
      for (const int64_t other : found->second) nearest = std::min(nearest, std::abs(other - state));
      counts.distance += nearest;
    }
  }
  return counts;
}

}  // namespace reverie::evaluation
