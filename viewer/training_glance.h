// TrainingGlance: what a run's own files say of its training, ready to be drawn.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace reverie::viewer {

// A curve over training: [n] each. `low` and `high` are as long as `values` where there is a band, else empty.
struct GlanceCurve {
  std::vector<double> steps, values, low, high;
};

// One line of a report's scorecard.
struct GlanceTest {
  std::string name, support, sentence;
};

struct TrainingGlance {
  GlanceCurve simulated;  // eval/return, band: one standard deviation of its episodes
  GlanceCurve collected;  // train/return: what the collecting policy earned
  // The policy alone in the dream and in physics for as long, at the same evaluations.
  GlanceCurve promised, paid;
  std::string warning;                 // that the dream promises too much now; empty: it does not
  int64_t episodes = 0, diverged = 0;  // finished so far; those left out of learning
  int64_t shards = 0;                  // of episodes on the disk
  int64_t replay_steps = 0;            // control steps that the learner samples from
  double updates_per_second = 0.0, steps_per_second = 0.0;
  int64_t step = 0, total = 0;        // so far, and where the training ends; in the run's own steps
  std::vector<GlanceTest> scorecard;  // of the newest report in the run; empty: it was not evaluated
  std::string use;                    // what the report says the dream is good for
};

// Throws UserError when `run` is not a run directory or its files are damaged.
TrainingGlance read_glance(const std::filesystem::path& run);

}  // namespace reverie::viewer
