// Surveys of states: what admissibility makes of those that a policy meets and of those that follow recorded actions.
// Values are means of one rollout each, so that intervals can be drawn from whole rollouts.
#pragma once

#include <cstdint>
#include <vector>

#include "base/stop.h"
#include "contract/env_spec.h"
#include "evaluation/admissibility.h"
#include "evaluation/closed_loop.h"
#include "evaluation/contact_agreement.h"
#include "evaluation/fidelity.h"
#include "evaluation/physics_reader.h"

namespace reverie::evaluation {

// Means of the rollouts that have any; [<= N] each.
struct StateMeans {
  int64_t states = 0, finite = 0;
  std::vector<double> penetration;       // m, deepest of a state
  std::vector<double> beyond_limit;      // m or rad, largest of a state
  std::vector<double> quaternion_error;  // see PhysicsReading
  std::vector<double> slip;              // m/s, of the states in which something touches what cannot move
};

// Every `every`-th state of each rollout.
StateMeans survey_visits(PoseReader& poses, PhysicsReader& physics, const Visits& visits, int every,
                         const base::Stop* stop = nullptr);

// The same recorded actions in physics and in a dream, state by state.
struct Replays {
  std::vector<int64_t> horizon;    // [K+1] control steps
  StateMeans simulated, imagined;  // of horizons above 0
  std::vector<double> simulated_ghost,
      imagined_ghost;  // [N] median over the decisions of a rollout, in weights
  std::vector<std::vector<double>>
      drift;  // [K+1] J, imagined less simulated energy, of the starts that reach it
  std::vector<std::vector<ContactCounts>> contacts;  // [K+1] of the same starts
  std::vector<ContactCounts> early_contacts;         // [N] summed over horizons above 0 up to kEarly
  std::vector<OnsetCounts> early_onsets;             // [N]
  double instrument_error = 0.0;                     // largest PhysicsReader::instrument_error of the starts
};

inline constexpr int64_t kEarly = 50;  // control steps

// Of every `every`-th start.
Replays survey_replays(const sim::Task& task, PoseReader& poses, PhysicsReader& physics,
                       const PairedRollouts& rollouts, int64_t every, const base::Stop* stop = nullptr,
                       const Progress& progress = {});

}  // namespace reverie::evaluation
