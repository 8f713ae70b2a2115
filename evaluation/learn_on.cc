#include "evaluation/learn_on.h"

#include "base/error.h"
#include "policies/actor_policy.h"
#include "policies/learner.h"
#include "training/data/batches.h"
#include "training/data/offline_data.h"
#include "training/data/replay_buffer.h"
#include "worldmodel/batch.h"

namespace reverie::evaluation {
namespace {

// The agent and all that its policy learns from.
class Lesson {
 public:
  explicit Lesson(const training::Run& run)
      : config_(run.config),
        task_(run.task),
        agent_(training::open_run(run.path, run.checkpoint, config_.device).agent),
        learner_(agent_, config_.learner, seed(), false, policies::Learn::kPolicy),
        replay_(task_->spec(), static_cast<int>(config_.action_repeat), config_.replay_steps,
                config_.learner.discount, agent_->reads_states()) {
    const std::string data = training::has_fixed_data(config_) ? config_.data : run.path.string();
    uint64_t index = 0;
    for (const auto& shard : training::shards_of(data)) {
      const training::ShardContent content =
          training::load_shard(shard, {.spec = task_->spec(), .action_repeat = agent_->action_repeat()});
      for (const contract::Episode& episode : content.episodes)
        if (training::is_learnable(episode)) replay_.add_whole(index++, episode);
    }
    if (replay_.decisions() == 0) base::throw_user_error("{}: there is no episode to learn from", data);
  }

  std::shared_ptr<contract::Policy> go_on(int64_t updates) {
    for (int64_t i = 0; i < updates; ++i) {
      contract::Rng rng(seed(), 0, contract::Stream::kReplay, static_cast<uint64_t>(learner_.updates()));
      replay_.sample(config_.model.horizon, config_.learner.batch_size, rng, sequences_);
      learner_.update(training::make_batch(task_->spec(), sequences_), false);
    }
    return policies::actor_policy(agent_);
  }

 private:
  uint64_t seed() const { return static_cast<uint64_t>(config_.seed); }

  training::TrainConfig config_;
  std::shared_ptr<const sim::Task> task_;
  std::shared_ptr<policies::Agent> agent_;
  policies::Learner learner_;
  training::ReplayBuffer replay_;
  training::SequenceBatch sequences_;
};

}  // namespace

std::function<std::shared_ptr<contract::Policy>(int64_t updates)> learn_on(const training::Run& run) {
  return [&run, lesson = std::shared_ptr<Lesson>()](int64_t updates) mutable {
    if (!lesson) lesson = std::make_shared<Lesson>(run);
    return lesson->go_on(updates);
  };
}

}  // namespace reverie::evaluation
