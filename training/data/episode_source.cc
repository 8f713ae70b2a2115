#include "training/data/episode_source.h"

namespace reverie::training {

std::unique_ptr<EpisodeSource> make_episode_source(const std::shared_ptr<const sim::Task>& task,
                                                   const TrainConfig& config,
                                                   const TrainingPolicies& policies, base::ThreadPool& pool) {
  if (has_fixed_data(config)) return fixed_source(task->spec(), config, policies.learning->reads_states());
  return live_source(task, config, policies, pool);
}

}  // namespace reverie::training
