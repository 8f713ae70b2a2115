// Learner: one update of world model, critic, actor and probe from a replayed batch.
// The actor learns inside the imagined dynamics only: it never sees a simulated return.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "policies/agent.h"
#include "policies/config.h"

namespace reverie::worldmodel {
struct Batch;
}

namespace reverie::policies {

struct UpdateStats {
  bool skipped = false;                  // a gradient was not finite: no weight changed
  std::map<std::string, double> values;  // losses and scales; filled only when asked for
};

// Of the rows that a learner has, [O + F] each: the observation, then qpos and qvel as features.
struct RowStatistics {
  std::vector<float> mean, deviation;
  std::vector<float> change;     // root mean square of the change in one decision
  std::vector<float> low, high;  // range
  // Transitions of one control step, for models that read states (ObservationStatistics::rows, next), [M, O + F] each;
  // empty where rows inside decisions are not kept.
  std::vector<float> sample{}, sample_next{};
};

// What learns; everything else keeps its weights bit for bit. The model's own losses and the probe's come with kModel,
// critic and actor with kPolicy: these then learn inside a world that stays as it is.
enum class Learn { kAll, kModel, kPolicy };

class Learner {
 public:
  // Takes over the agent's parameters: from now on they are views into flat buffers and carry gradients.
  // `seed` names the reparameterisation noise (Stream::kLearner). With `overlap` the gradients of world model
  // and actor are computed at the same time, on a thread each: the results have the same bits. CPU only.
  Learner(std::shared_ptr<Agent> agent, const LearnerConfig& config, uint64_t seed, bool overlap = false,
          Learn learn = Learn::kAll);
  ~Learner();

  // Model and critic on the batch, and the actor in imagination from its latents, both from the weights
  // before the update; then target average and probe. Only what learns is computed. The batch may lie on the CPU wherever the agent is.
  UpdateStats update(const worldmodel::Batch& batch, bool want_stats);

  int64_t updates() const;  // made so far

  // Standardises the probe's targets, and observations where the model does so. What every network that learns
  // computes stays the same. Throws std::logic_error where the model does not learn.
  void set_statistics(const RowStatistics& rows);

  // Progress of training in [0, 1]: sets the learning rate of the next updates (LearnerConfig::decay_share).
  void set_progress(double progress);

  // One unit of the model's rewards and values in the task's, a power of two: the rewards of batches are divided
  // by it. What reward head and critics know is carried over as well as their bins can. Throws std::logic_error where
  // the model does not learn.
  void set_reward_scale(double scale);

  // Optimiser moments, counters and running scale: with the agent's weights, enough to go on bit for bit.
  base::SafeTensors state() const;
  void load_state(const base::SafeTensors& state);

  struct Impl;  // policies/learner_impl.h

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::policies
