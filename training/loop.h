// Trainer: the rounds of one training, from its first step or from a checkpoint to its end.
// train() and resume_training() (trainer.h) make it; nothing else does.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "policies/agent.h"
#include "policies/learner.h"
#include "sim/task/task.h"
#include "training/data/episode_source.h"
#include "training/data/replay_buffer.h"
#include "training/heartbeat.h"
#include "training/incumbent.h"
#include "training/loss_guard.h"
#include "training/metrics.h"
#include "training/overpromise.h"
#include "training/recovery.h"
#include "training/trainer.h"
#include "training/training_policies.h"

namespace reverie::training {

class Trainer {
 public:
  // Loads task, agent and data. Throws UserError when one of them is wrong; nothing is written.
  Trainer(const TrainConfig& config, std::filesystem::path run, const TrainHooks& hooks);

  void prepare_new();  // of a new run, before it has a directory
  void start();
  void resume();
  void roll_back(const LossesExploded& why);  // resume() of a training that has begun to diverge
  void report_to(Heartbeat& beat) { beat_ = &beat; }
  TrainResult loop();
  bool finished() const { return step() >= source_->total(); }
  bool has_policy() const { return learns(config_) != policies::Learn::kModel; }
  bool measures_dream() const { return hooks_.measure_dream && config_.eval_dream > 0; }
  bool learns_policy_alone() const { return learns(config_) == policies::Learn::kPolicy; }
  bool owes_evaluation() const { return evaluation_owed_; }
  bool has_rolled_back() const { return rollbacks_ > 0; }
  int64_t total() const { return source_->total(); }
  LossesExploded stopped_by(const LossesExploded& why) const;
  TrainResult result(bool interrupted) const {
    return {interrupted, source_->env_steps(), learner_.updates(), seconds_since(started_),
            source_->divergence()};
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  bool stopping() const { return base::stopped(hooks_.stop); }
  int64_t step() const { return source_->step(); }
  bool crossed(int64_t every, int64_t before) const {  // a multiple of `every` lies in (before, step()]
    return every > 0 && step() / every > before / every;
  }
  TrainProgress progress() const {
    return {source_->env_steps(), learner_.updates(), step(), source_->total(), seconds_since(started_)};
  }
  std::string stopped_text(const std::string& why, const char* condition) const;
  bool saves_where_it_stopped();
  void tell_endless(uint64_t environment, double seconds) const;
  void fit_reward_scale();
  void restore(const Recovered& found);
  void recall_metrics();
  enum class Say { kNothing, kPlan };
  void plan_for_memory(Say say);  // throws UserError as fit_memory
  void warn(const std::string& line) const {
    if (hooks_.on_warning) hooks_.on_warning(line);
  }
  TrainResult go_on();
  void look_at_divergence();
  bool learn(const Round& round);  // false when stopped in the middle
  bool is_late();
  void update(bool measures);  // one, on sequences of the replay
  bool due(int64_t every, int64_t before) const { return crossed(every, before) || finished(); }
  void gather_figures();   // of a metrics row, into row_
  void write_row();        // row_, with the time that has passed
  void measure_returns();  // into row_; the best policy takes its name
  bool evaluate();         // writes row_ with it and settles `last`; false when stopped in the middle
  void measure_dream();    // a part of it, into row_
  void save(bool before_evaluation);

  TrainConfig config_;
  std::filesystem::path run_;
  TrainHooks hooks_;
  std::vector<MetricSink> sinks_;
  std::shared_ptr<const sim::Task> task_;
  base::ThreadPool pool_;
  std::shared_ptr<policies::Agent> agent_;
  TrainingPolicies policies_;
  policies::Learner learner_;
  std::unique_ptr<EpisodeSource> source_;
  SequenceBatch sequences_;

  Clock::time_point started_ = Clock::now();
  Heartbeat* beat_ = nullptr;
  std::optional<Clock::time_point> stop_seen_;  // when the end was asked for in the middle of updates
  LossGuard guard_;
  int64_t rollbacks_ = 0;
  int64_t shards_ = 0, updates_at_start_ = 0;
  std::string shards_checksum_;
  double seconds_before_ = 0.0;  // wall-clock of earlier processes of this run
  std::string run_id_;
  std::string from_hash_;  // of the weights that the world model came from
  Incumbent best_;
  MostFaithful most_faithful_;
  OverpromiseWatch overpromise_;
  bool told_of_reach_ = false;
  bool evaluation_owed_ = false;         // `last` was saved for an evaluation that has not been made
  bool warned_ = false;                  // that physics diverges
  std::map<std::string, double> stats_;  // of the last update that was measured
  std::map<std::string, double> row_;    // figures of the metrics row that comes next
};

}  // namespace reverie::training
