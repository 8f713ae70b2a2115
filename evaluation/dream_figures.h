// Measures the dream of a training while it goes on.
// A small evaluation: open loop on pushed episodes of the present policy, and the closed loop in both worlds.
#pragma once

#include "training/dream_figures.h"

namespace reverie::evaluation {

// How much is measured at once, whatever the task. With 5 episodes of 1000 control steps that is at most 10,000
// simulated and 30,600 imagined control steps.
struct DreamProtocol {
  int64_t horizon = 400;       // control steps under recorded actions
  int64_t starts = 64;         // of those, from pushed episodes
  int64_t window = 500;        // control steps of the policy by itself
  int64_t closed_starts = 10;  // of those, in the same episodes
};

// For training::TrainHooks::measure_dream. An error after a horizon is that of the first horizon of whole decisions that
// is as long. Figures that cannot be measured (every episode diverged, none lasts a decision, nothing varies) are NaN.
training::DreamFigures measure_dream(const training::DreamQuestion& question,
                                     const DreamProtocol& protocol = {});

}  // namespace reverie::evaluation
