#include "training/trainer.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "contract/episode_store.h"
#include "policies/agent.h"
#include "policies/learner.h"
#include "report/statistics.h"
#include "sim/task/task.h"
#include "tensor/device.h"
#include "training/checkpoint.h"
#include "training/data/batches.h"
#include "training/data/collector.h"
#include "training/data/offline_data.h"
#include "training/data/replay_buffer.h"
#include "training/incumbent.h"
#include "training/metrics.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/simulated_return.h"
#include "training/training_policies.h"
#include "worldmodel/batch.h"

namespace reverie::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::shared_ptr<const sim::Task> load_learnable(const TrainConfig& config) {
  std::shared_ptr<const sim::Task> task = sim::Task::load(config.task, task_overrides(config));
  if (task->spec().action_dim == 0)
    base::throw_user_error("{}: nothing to learn, the task has no actuators", config.task);
  return task;
}

class Trainer {
 public:
  Trainer(const TrainConfig& config, std::filesystem::path run, const TrainHooks& hooks);

  void start();
  void resume();
  TrainResult loop();
  bool finished() const { return step() >= total_; }
  TrainResult result(bool interrupted) const {
    return {interrupted, env_steps_, learner_.updates(), seconds_since(started_)};
  }

 private:
  bool stopping() const { return hooks_.stop != nullptr && hooks_.stop->load(); }
  bool has_environment() const { return collector_ != nullptr; }
  int64_t step() const { return has_environment() ? env_steps_ : learner_.updates(); }
  bool crossed(int64_t every, int64_t before) const {  // a multiple of `every` lies in (before, step()]
    return every > 0 && step() / every > before / every;
  }
  TrainProgress progress() const {
    return {env_steps_, learner_.updates(), step(), total_, seconds_since(started_)};
  }
  bool advance(int64_t before);  // one round; false when stopped in the middle of owed updates
  void refresh_acting();
  bool learn();          // all updates that are owed; false when stopped in between
  void learn_offline();  // one update
  void update();
  void collect();
  void normalise_probe(int64_t before);
  void evaluate(std::map<std::string, double>& values);
  void report(int64_t before);
  void save();

  TrainConfig config_;
  int64_t total_;  // total_steps
  std::filesystem::path run_;
  TrainHooks hooks_;
  std::vector<MetricSink> sinks_;
  std::shared_ptr<const sim::Task> task_;
  base::ThreadPool pool_;
  std::shared_ptr<policies::Agent> agent_;
  // The agent that acts: agent_ itself, or a copy on the CPU where agent_ is on a GPU. The CPU has answered
  // for a few rows before a GPU has been told what to do.
  std::shared_ptr<policies::Agent> acting_;
  TrainingPolicies policies_;  // of acting_
  policies::Learner learner_;
  ReplayBuffer replay_;
  OfflineData data_;                      // of a run without an environment
  std::unique_ptr<Collector> collector_;  // of all others
  SequenceBatch sequences_;

  Clock::time_point started_ = Clock::now();
  int64_t env_steps_ = 0, shards_ = 0, updates_at_start_ = 0, skipped_in_a_row_ = 0, skipped_ = 0;
  int64_t steps_at_start_ = 0;
  double seconds_before_ = 0.0;  // wall-clock of earlier processes of this run
  Incumbent best_;
  bool promoted_ = false;  // best_ is the policy of this very step: it needs a checkpoint
  bool want_stats_ = false;
  std::map<std::string, double> stats_;   // of the last update that was asked for them
  std::vector<double> training_returns_;  // of episodes finished since the last metrics row
  // Sums of each reward term of the same episodes, of tasks with more than one.
  std::map<std::string, std::vector<double>> training_terms_;
  std::vector<contract::Episode> unsaved_;  // finished since the last shard
};

Trainer::Trainer(const TrainConfig& config, std::filesystem::path run, const TrainHooks& hooks)
    : config_(config),
      total_(total_steps(config_)),
      run_(std::move(run)),
      hooks_(hooks),
      sinks_(run_sinks(run_)),
      task_(load_learnable(config)),
      pool_(static_cast<int>(config.sim_threads)),
      agent_(make_agent(task_->spec(), config, static_cast<uint64_t>(config.seed),
                        tensor::resolve_device(config.device))),
      acting_(agent_->device().is_cpu()
                  ? agent_
                  : make_agent(task_->spec(), config, static_cast<uint64_t>(config.seed), tensor::kCpu)),
      policies_(make_training_policies(acting_, config)),
      learner_(agent_, config.learner, static_cast<uint64_t>(config.seed), config.overlap),
      replay_(task_->spec(), static_cast<int>(config.action_repeat),
              has_fixed_data(config) ? std::numeric_limits<int64_t>::max() : config.replay_steps) {
  sinks_.insert(sinks_.end(), hooks.sinks.begin(), hooks.sinks.end());
  tensor::set_learner_threads(static_cast<int>(config.learner_threads));
  if (!has_fixed_data(config)) {
    collector_ = std::make_unique<Collector>(task_, config, pool_, replay_, *policies_.random);
  } else {
    data_ = load_offline_data(config.data, task_->spec(), static_cast<int>(config.action_repeat), replay_);
  }
}

void Trainer::start() {
  if (!has_environment()) {
    learner_.set_probe_normalisation(replay_.observation_mean(), replay_.observation_std());
  } else {
    collector_->start();
  }
}

void Trainer::resume() {
  const std::string name = resolve_checkpoint(run_, "last");
  const Checkpoint checkpoint = load_checkpoint(run_, name, false);
  if (checkpoint.task_hash != task_->spec().hash) {
    base::throw_user_error(
        "{}: task {} has changed since this run started (hash {}, now {}); start a new run", run_.string(),
        config_.task, checkpoint.task_hash, task_->spec().hash);
  }
  if (checkpoint.data_hash != data_.hash) {
    base::throw_user_error("{}: the episodes in {} have changed since this run started; start a new run",
                           run_.string(), data_.shards.string());
  }
  agent_->load_weights(checkpoint.model);
  learner_.load_state(checkpoint.optimizer);
  drop_shards_from(run_, checkpoint.shards);
  if (has_environment())
    collector_->resume(contract::load_episode_directory(run_ / "episodes", checkpoint.shards),
                       checkpoint.running);
  truncate_metrics(run_, checkpoint.step());
  env_steps_ = steps_at_start_ = checkpoint.env_steps;
  best_ = checkpoint.best;
  link_best(run_, best_);
  shards_ = checkpoint.shards;
  updates_at_start_ = learner_.updates();
  for (const MetricRow& row : read_metrics(run_)) {
    if (const auto found = row.values.find("time/seconds"); found != row.values.end())
      seconds_before_ = found->second;
  }
}

TrainResult Trainer::loop() {
  bool interrupted = false;
  while (true) {
    const int64_t before = step();
    if (!advance(before)) {
      interrupted = true;  // in the middle of owed updates: `last` stands, they are made again
      break;
    }
    report(before);
    interrupted = !finished() && stopping();
    if (finished() || interrupted || promoted_ || crossed(config_.checkpoint_every, before)) save();
    if (finished() || interrupted) break;
  }
  return result(interrupted);
}

bool Trainer::advance(int64_t before) {
  if (!has_environment()) {
    learn_offline();
    return true;
  }
  if (!finished()) collect();
  normalise_probe(before);
  return learn();
}

void Trainer::refresh_acting() {
  if (acting_ != agent_) acting_->copy_weights(*agent_);
}

void Trainer::collect() {
  refresh_acting();
  collector_->act_by(env_steps_ < config_.random_steps ? *policies_.random : *policies_.collecting);
  env_steps_ += collector_->step();
  for (contract::Episode& episode : collector_->take_finished()) {
    training_returns_.push_back(episode.return_sum());
    const std::vector<std::string>& terms = episode.reward_term_names;
    for (size_t r = 0; r < terms.size() && terms.size() > 1; ++r)
      training_terms_["episode/reward/" + terms[r]].push_back(episode.reward_term_sum(r));
    unsaved_.push_back(std::move(episode));
  }
}

// The probe's targets are measured again each time the data has doubled.
void Trainer::normalise_probe(int64_t before) {
  int64_t threshold = std::max<int64_t>(1, config_.random_steps);
  while (threshold <= before) threshold *= 2;
  if (env_steps_ < threshold) return;
  learner_.set_probe_normalisation(replay_.observation_mean(), replay_.observation_std());
}

bool Trainer::learn() {
  if (env_steps_ < config_.random_steps) return true;
  const auto owed = static_cast<int64_t>(config_.updates_per_decision * static_cast<double>(env_steps_) /
                                         static_cast<double>(config_.action_repeat));
  learner_.set_progress(static_cast<double>(env_steps_) / static_cast<double>(config_.env_steps));
  while (learner_.updates() < owed) {
    const bool is_burst = owed - learner_.updates() > 4 * config_.envs;
    if (is_burst && stopping()) return false;
    want_stats_ = want_stats_ || owed - learner_.updates() == 1;
    update();
    if (is_burst && hooks_.on_progress && learner_.updates() % 100 == 0) {
      hooks_.on_progress(progress());
    }
  }
  return true;
}

void Trainer::learn_offline() {
  learner_.set_progress(static_cast<double>(learner_.updates()) / static_cast<double>(config_.updates));
  const int64_t next = learner_.updates() + 1;
  want_stats_ = next % config_.log_every == 0 || next == config_.updates;
  update();
}

void Trainer::update() {
  contract::Rng rng(static_cast<uint64_t>(config_.seed), 0, contract::Stream::kReplay,
                    static_cast<uint64_t>(learner_.updates()));
  replay_.sample(config_.model.horizon, config_.learner.batch_size, rng, sequences_);
  policies::UpdateStats stats = learner_.update(make_batch(task_->spec(), sequences_), want_stats_);
  if (want_stats_) stats_ = std::move(stats.values);
  want_stats_ = false;
  skipped_in_a_row_ = stats.skipped ? skipped_in_a_row_ + 1 : 0;
  skipped_ += stats.skipped ? 1 : 0;
  if (skipped_in_a_row_ >= 3) {
    throw std::runtime_error(
        fmt::format("training stopped at step {}: three updates in a row had a loss that is not finite; the "
                    "last checkpoint in "
                    "{} is intact",
                    step(), (run_ / "checkpoints").string()));
  }
}

// Only physics decides here, not what the dream promises.
void Trainer::evaluate(std::map<std::string, double>& values) {
  refresh_acting();
  const std::vector<double> returns =
      simulated_returns(*policies_.mean, task_, static_cast<int>(config_.action_repeat),
                        config_.eval_episodes, evaluation_seed(static_cast<uint64_t>(config_.seed)), pool_);
  promoted_ = beats(returns, best_, evaluation_seed(static_cast<uint64_t>(config_.seed)), step());
  if (promoted_) best_ = {step(), returns};
  values["eval/return"] = report::mean(returns);
  values["eval/return_std"] = report::standard_deviation(returns);
  values["eval/return_min"] = *std::min_element(returns.begin(), returns.end());
  values["eval/episodes"] = static_cast<double>(returns.size());
  values["eval/best_step"] = static_cast<double>(best_.step);
  values["eval/best_return"] = report::mean(best_.returns);
}

void Trainer::report(int64_t before) {
  const bool evaluates = crossed(config_.eval_every, before) || finished();
  if (!crossed(config_.log_every, before) && !evaluates) return;
  std::map<std::string, double> values = stats_;
  if (evaluates && learner_.updates() > 0) {
    evaluate(values);
  }
  if (!training_returns_.empty()) values["train/return"] = report::mean(training_returns_);
  for (const auto& [name, sums] : training_terms_) values[name] = report::mean(sums);
  training_returns_.clear();
  training_terms_.clear();
  const double seconds = seconds_since(started_);
  values["time/seconds"] = seconds_before_ + seconds;
  values["time/updates_per_second"] = static_cast<double>(learner_.updates() - updates_at_start_) / seconds;
  values["train/updates"] = static_cast<double>(learner_.updates());
  values["train/skipped_updates"] = static_cast<double>(skipped_);
  if (has_environment()) {
    values["time/env_steps_per_second"] = static_cast<double>(env_steps_ - steps_at_start_) / seconds;
    values["train/diverged_episodes"] = static_cast<double>(collector_->diverged());
  }
  const MetricRow row{step(), std::move(values)};
  for (const MetricSink& sink : sinks_) sink(row);
  if (hooks_.on_progress) hooks_.on_progress(progress());
}

void Trainer::save() {
  if (!unsaved_.empty()) {
    save_shard(run_, shards_, unsaved_);
    ++shards_;
    unsaved_.clear();
  }
  save_checkpoint(run_,
                  {.env_steps = env_steps_,
                   .updates = learner_.updates(),
                   .shards = shards_,
                   .data_hash = data_.hash,
                   .best = best_,
                   .task_hash = task_->spec().hash,
                   .model = agent_->weights(),
                   .optimizer = learner_.state(),
                   .running = has_environment() ? collector_->running() : std::vector<contract::Episode>()});
  promoted_ = false;
}

}  // namespace

TrainResult train(const TrainConfig& wanted, const std::filesystem::path& run, const TrainHooks& hooks) {
  check_config(wanted);
  TrainConfig config = wanted;
  if (has_fixed_data(config)) config.data = shard_directory(config.data).string();  // resumed from anywhere
  Trainer trainer(config, run, hooks);  // before the directory: a wrong task or device leaves nothing behind
  create_run_directory(run, config);
  const RunLock lock(run);
  trainer.start();
  return trainer.loop();
}

TrainResult resume_training(const std::filesystem::path& run, const TrainHooks& hooks, int64_t total) {
  TrainConfig config = read_run_config(run);
  const RunLock lock(run);
  if (total > 0) total_steps(config) = total;
  Trainer trainer(config, run, hooks);
  if (list_checkpoints(run).empty()) {  // stopped before the first one: everything is derived again
    drop_shards_from(run, 0);
    truncate_metrics(run, 0);
    trainer.start();
  } else {
    trainer.resume();
    if (trainer.finished()) return trainer.result(false);
  }
  if (total > 0) write_run_config(run, config);  // the next resume goes to the new total too
  return trainer.loop();
}

}  // namespace reverie::training
