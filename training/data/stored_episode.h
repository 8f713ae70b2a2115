// StoredEpisode: one episode folded into decisions, in memory or on the disk.
// It is small, because there may be as many episodes as control steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace reverie::training {

// Where the numbers of an episode lie in the spill file: `rows` of them, then `between`.
struct SpilledRows {
  uint64_t offset = 0;
  size_t rows = 0, between = 0;
  uint64_t bytes() const { return (rows + between) * sizeof(float); }
};

// An episode of D complete decisions of R control steps each.
struct StoredEpisode {
  uint64_t index = 0;
  // A row [O+F], then for every decision its action [A], its reward and the row after it [O+F].
  std::vector<float> rows;
  // [D, R-1, O+F] where rows inside decisions are kept, then those of the decision that is being folded.
  std::vector<float> between;
  int64_t decisions = 0;  // D
  int64_t steps = 0;      // control steps, those of the decision that is being folded too
  // Its first decision in the enumeration of all, where ReplayBuffer knows it.
  mutable int64_t first = 0;
  bool terminated = false, ended = false;
  std::optional<SpilledRows> spilled;  // then rows and between are in the file, and empty here
};

}  // namespace reverie::training
