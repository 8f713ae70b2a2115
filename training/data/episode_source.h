// EpisodeSource: where a training takes its episodes from, an environment or a fixed dataset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "contract/divergence.h"
#include "contract/episode.h"
#include "sim/task/task.h"
#include "training/config.h"
#include "training/data/replay_buffer.h"
#include "training/training_policies.h"

namespace reverie::training {

struct Checkpoint;  // training/checkpoint.h

// What the learner has to do in one round of training.
struct Round {
  int64_t updates = 0;        // it makes updates until it has made so many since the run began
  double progress = 0.0;      // for Learner::set_progress
  bool measures = false;      // the statistics of the last of these updates are wanted
  bool renormalises = false;  // the probe's normalisation is taken from the replay as it is now
};

// A training goes on in rounds and counts steps: control steps of an environment, or learner updates where
// nothing but a dataset is there. start() or resume() comes before anything else.
class EpisodeSource {
 public:
  virtual ~EpisodeSource() = default;

  virtual void start() = 0;  // of a new run

  // Goes on from what save() wrote, and from the finished episodes in `run`. Throws UserError when they do not
  // belong to this source.
  virtual void resume(const std::filesystem::path& run, const Checkpoint& checkpoint) = 0;
  // Sets the fields of `checkpoint` that are the source's: env_steps, data_hash, running.
  virtual void save(Checkpoint& checkpoint) const = 0;

  // From now on finished episodes take at most so many MB of memory, the others go to a nameless file in
  // `folder`, with the same samples. A dataset has its own limit, TrainConfig::data_memory.
  virtual void spill_beyond(double /*megabytes*/, const std::filesystem::path& /*folder*/) {}

  virtual Round advance() = 0;  // one round, unless the training is at its end

  virtual int64_t step() const = 0;       // so far
  virtual int64_t total() const = 0;      // where the training ends
  virtual int64_t env_steps() const = 0;  // control steps so far; 0 of a dataset

  virtual const ReplayBuffer& replay() const = 0;  // what is sampled from
  // Of all that the source has, which may be more than it holds in replay().
  virtual policies::RowStatistics row_statistics() const { return replay().row_statistics(); }
  virtual const RewardSizes& rewards() const { return replay().rewards(); }

  // Episodes that finished since the last call, diverged ones included: they belong on disk.
  virtual std::vector<contract::Episode> take_finished() = 0;
  // Of the episodes so far; empty of a dataset.
  virtual contract::Divergence divergence() const = 0;
  // Named numbers for a metrics row, means over the episodes that finished since the last call. `seconds` is
  // how long this process has trained.
  virtual std::map<std::string, double> take_figures(double seconds) = 0;
};

// An environment: policies.random acts in the first TrainConfig::random_steps control steps, then
// policies.collecting. Rows inside decisions are kept when the agent that learns reads states. `policies` and `pool` are
// shared, not owned.
std::unique_ptr<EpisodeSource> live_source(const std::shared_ptr<const sim::Task>& task,
                                           const TrainConfig& config, const TrainingPolicies& policies,
                                           base::ThreadPool& pool);

// The episodes of config.data, all in memory or as many as config.data_memory allows; `keep_between` as of ReplayBuffer.
// Throws UserError as ShardWindow.
std::unique_ptr<EpisodeSource> fixed_source(const contract::EnvSpec& spec, const TrainConfig& config,
                                            bool keep_between);

// The one of these two that `config` asks for.
std::unique_ptr<EpisodeSource> make_episode_source(const std::shared_ptr<const sim::Task>& task,
                                                   const TrainConfig& config,
                                                   const TrainingPolicies& policies, base::ThreadPool& pool);

}  // namespace reverie::training
