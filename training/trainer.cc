#include "training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "policies/agent.h"
#include "policies/learner.h"
#include "report/statistics.h"
#include "sim/task/task.h"
#include "tensor/device.h"
#include "training/checkpoint.h"
#include "training/data/batches.h"
#include "training/data/episode_source.h"
#include "training/data/replay_buffer.h"
#include "training/frozen_world.h"
#include "training/incumbent.h"
#include "training/metrics.h"
#include "training/overpromise.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/simulated_return.h"
#include "training/training_policies.h"
#include "worldmodel/batch.h"

namespace reverie::training {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::shared_ptr<const sim::Task> load_learnable(const fs::path& run, const TrainConfig& config,
                                                const TrainHooks& hooks) {
  const bool is_new = !is_run_directory(run);
  std::shared_ptr<const sim::Task> task =
      is_new ? sim::Task::load(config.task, task_overrides(config)) : load_run_task(run, config);
  if (task->spec().action_dim == 0)
    base::throw_user_error("{}: nothing to learn, the task has no actuators", config.task);
  for (const std::string& line : task->warnings()) {
    if (hooks.on_warning) hooks.on_warning(line);
  }
  return task;
}

class Trainer {
 public:
  Trainer(const TrainConfig& config, std::filesystem::path run, const TrainHooks& hooks);

  void prepare_new();  // of a new run, before it has a directory
  void start();
  void resume();
  TrainResult loop();
  bool finished() const { return step() >= source_->total(); }
  bool has_policy() const { return learns(config_) != policies::Learn::kModel; }
  bool measures_dream() const { return hooks_.measure_dream && config_.eval_dream > 0; }
  bool learns_policy_alone() const { return learns(config_) == policies::Learn::kPolicy; }
  bool owes_evaluation() const { return evaluation_owed_; }
  TrainResult result(bool interrupted) const {
    return {interrupted, source_->env_steps(), learner_.updates(), seconds_since(started_),
            source_->divergence()};
  }

 private:
  bool stopping() const { return base::stopped(hooks_.stop); }
  int64_t step() const { return source_->step(); }
  bool crossed(int64_t every, int64_t before) const {  // a multiple of `every` lies in (before, step()]
    return every > 0 && step() / every > before / every;
  }
  TrainProgress progress() const {
    return {source_->env_steps(), learner_.updates(), step(), source_->total(), seconds_since(started_)};
  }
  void fit_reward_scale();
  TrainResult go_on();
  void look_at_divergence();
  bool learn(const Round& round);  // false when stopped in the middle
  void update(bool measures);      // one, on sequences of the replay
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
  int64_t shards_ = 0, updates_at_start_ = 0, skipped_in_a_row_ = 0, skipped_ = 0;
  double seconds_before_ = 0.0;  // wall-clock of earlier processes of this run
  std::string from_hash_;        // of the weights that the world model came from
  Incumbent best_;
  MostFaithful most_faithful_;
  OverpromiseWatch overpromise_;
  bool told_of_reach_ = false;
  bool evaluation_owed_ = false;         // `last` was saved for an evaluation that has not been made
  bool warned_ = false;                  // that physics diverges
  std::map<std::string, double> stats_;  // of the last update that was measured
  std::map<std::string, double> row_;    // figures of the metrics row that comes next
};

Trainer::Trainer(const TrainConfig& config, std::filesystem::path run, const TrainHooks& hooks)
    : config_(config),
      run_(std::move(run)),
      hooks_(hooks),
      sinks_(run_sinks(run_, config.log)),
      task_(load_learnable(run_, config, hooks)),
      pool_(static_cast<int>(config.sim_threads)),
      agent_(make_agent(task_->spec(), config, static_cast<uint64_t>(config.seed),
                        tensor::resolve_device(config.device))),
      policies_(make_training_policies(agent_, config)),
      learner_(agent_, config.learner, static_cast<uint64_t>(config.seed), config.overlap, learns(config)),
      source_(make_episode_source(task_, config, policies_, pool_)) {
  sinks_.insert(sinks_.end(), hooks.sinks.begin(), hooks.sinks.end());
  tensor::set_learner_threads(static_cast<int>(config.learner_threads));
}

void Trainer::resume() {
  const std::string name = resolve_checkpoint(run_, "last");
  const Checkpoint checkpoint = load_checkpoint(run_, name, false);
  if (checkpoint.task_hash != task_->spec().hash) {
    base::throw_user_error(
        "{}: task {} has changed since this run started (hash {}, now {}); start a new run", run_.string(),
        config_.task, checkpoint.task_hash, task_->spec().hash);
  }
  source_->resume(run_, checkpoint);
  if (learns_policy_alone()) check_world_is_the_same(run_, config_, from_hash_ = checkpoint.from_hash);
  agent_->load_weights(checkpoint.model);
  learner_.load_state(checkpoint.optimizer);
  drop_shards_from(run_, checkpoint.shards);
  evaluation_owed_ = checkpoint.owed_row.has_value();
  row_ = checkpoint.owed_row.value_or(row_);
  truncate_metrics(run_, evaluation_owed_ ? step() - 1 : step());
  best_ = checkpoint.best;
  most_faithful_ = checkpoint.most_faithful;
  link_holders(run_, best_, most_faithful_);
  shards_ = checkpoint.shards;
  updates_at_start_ = learner_.updates();
  for (const MetricRow& row : read_metrics(run_)) {
    overpromise_.look(row.values);  // said already
    if (const auto found = row.values.find("time/seconds"); found != row.values.end())
      seconds_before_ = found->second;
  }
}

void Trainer::prepare_new() {
  if (learns_policy_alone()) from_hash_ = load_world(task_->spec(), config_, *agent_);
}

void Trainer::start() {
  try {
    source_->start();
  } catch (const base::UserError& error) {
    base::throw_user_error("{}; nothing was learned, {} holds no checkpoint", error.what(), run_.string());
  }
}

TrainResult Trainer::loop() {
  try {
    return go_on();
  } catch (const base::UserError& error) {
    if (!evaluation_owed_) save(false);  // else `last` is of this step already
    base::throw_user_error("{}; training stopped at step {}, which {} holds", error.what(), step(),
                           checkpoint_directory(run_, step()).string());
  }
}

// Once: when a quarter of at least `kFew` episodes diverged. Throws UserError when all of them did, so soon
// that there is nothing to learn from.
void Trainer::look_at_divergence() {
  constexpr int64_t kFew = 4, kMany = 10, kLearnable = 100;
  const contract::Divergence d = source_->divergence();
  if (d.diverged == 0) return;
  if (!warned_ && d.is_frequent() && (d.episodes >= kFew || finished())) {
    warned_ = true;
    if (hooks_.on_warning) hooks_.on_warning(contract::divergence_text(d));
  }
  const int64_t decisions = source_->replay().decisions();
  const bool is_late = step() >= config_.random_steps && d.episodes >= kMany;
  if (d.diverged == d.episodes && decisions < kLearnable && (is_late || finished()) &&
      (decisions == 0 || is_late)) {
    base::throw_user_error("nothing to learn from: {}", contract::divergence_text(d));
  }
}

TrainResult Trainer::go_on() {
  bool interrupted = evaluation_owed_ && !evaluate();
  while (!finished() && !interrupted) {
    const int64_t before = step();
    const Round round = source_->advance();
    look_at_divergence();
    if (!learn(round)) {
      interrupted = true;  // in the middle of owed updates: `last` stands, they are made again
      break;
    }
    const bool evaluates =
        (has_policy() || measures_dream()) && config_.eval_every > 0 && due(config_.eval_every, before);
    if (evaluates || due(config_.log_every, before)) gather_figures();
    if (evaluates && learner_.updates() > 0) {
      save(true);  // nothing is lost in however long an evaluation
      interrupted = !evaluate();
    } else {
      if (!row_.empty()) write_row();
      if (due(config_.checkpoint_every, before) || stopping()) save(false);
    }
    interrupted = interrupted || (!finished() && stopping());
  }
  return result(interrupted);
}

bool Trainer::learn(const Round& round) {
  const ReplayBuffer& replay = source_->replay();
  if (replay.decisions() == 0) return true;  // the first episodes diverged: these updates are made later
  if (round.renormalises && !learns_policy_alone()) learner_.set_statistics(source_->row_statistics());
  learner_.set_progress(round.progress);
  if (learner_.updates() < round.updates && !learns_policy_alone()) fit_reward_scale();
  while (learner_.updates() < round.updates) {
    const int64_t owed = round.updates - learner_.updates();
    const bool is_burst = owed > 4 * config_.envs;
    if (is_burst && stopping()) return false;
    update(round.measures && owed == 1);
    if (is_burst && hooks_.on_progress && learner_.updates() % 100 == 0) hooks_.on_progress(progress());
  }
  return true;
}

// Found from the replay as it is now and from the scale so far: a resumed run finds the same.
void Trainer::fit_reward_scale() {
  const RewardSizes& sizes = source_->rewards();
  const double reach = std::expm1(std::max(-config_.model.bin_low, config_.model.bin_high));
  learner_.set_reward_scale(fitting_reward_scale(sizes, agent_->reward_scale(), reach));
  if (told_of_reach_ || !hooks_.on_warning || !exceeds_reach(sizes, agent_->reward_scale(), reach)) return;
  told_of_reach_ = true;
  hooks_.on_warning(fmt::format(
      "rewards: their discounted sums reach {:.3g} and more, while 99% of them are below {:.3g}; what lies "
      "beyond "
      "{:.4g} is cut off in learning (model.bin_low={:g}, model.bin_high={:g}, in units of {:g})",
      std::ldexp(1.0, sizes.largest_sum().value_or(0)),
      std::ldexp(2.0, sizes.reward_of_share(0.01).value_or(0)), reach * agent_->reward_scale(),
      config_.model.bin_low, config_.model.bin_high, agent_->reward_scale()));
}

void Trainer::update(bool measures) {
  contract::Rng rng(static_cast<uint64_t>(config_.seed), 0, contract::Stream::kReplay,
                    static_cast<uint64_t>(learner_.updates()));
  source_->replay().sample(config_.model.horizon, config_.learner.batch_size, rng, sequences_);
  policies::UpdateStats stats = learner_.update(make_batch(task_->spec(), sequences_), measures);
  if (measures) stats_ = std::move(stats.values);
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

void Trainer::gather_figures() {
  row_ = stats_;
  row_.merge(source_->take_figures(seconds_since(started_)));
  row_["train/updates"] = static_cast<double>(learner_.updates());
  row_["train/reward_scale"] = agent_->reward_scale();
  row_["train/skipped_updates"] = static_cast<double>(skipped_);
}

void Trainer::write_row() {
  const double seconds = seconds_since(started_);
  row_["time/seconds"] = seconds_before_ + seconds;
  row_["time/updates_per_second"] = static_cast<double>(learner_.updates() - updates_at_start_) / seconds;
  const MetricRow row{step(), std::exchange(row_, {})};
  for (const MetricSink& sink : sinks_) sink(row);
  if (hooks_.on_progress) hooks_.on_progress(progress());
}

// A world model that learns alone has no policy worth a return.
bool Trainer::evaluate() {
  policies_.refresh();
  try {
    if (has_policy()) measure_returns();
    measure_dream();
  } catch (const base::Interrupted&) {
    return false;
  }
  write_row();
  settle_checkpoint(run_, step(), best_, most_faithful_);
  evaluation_owed_ = false;
  return true;
}

// Only physics decides here, not what the dream promises.
void Trainer::measure_returns() {
  const uint64_t seed = evaluation_seed(static_cast<uint64_t>(config_.seed));
  const std::vector<double> returns =
      simulated_returns(*policies_.mean, task_, static_cast<int>(config_.action_repeat),
                        config_.eval_episodes, seed, pool_, hooks_.stop);
  if (beats(returns, best_, seed, step())) best_ = {step(), returns};
  row_["eval/return"] = report::mean(returns);
  row_["eval/return_std"] = report::standard_deviation(returns);
  row_["eval/return_min"] = *std::min_element(returns.begin(), returns.end());
  row_["eval/episodes"] = static_cast<double>(returns.size());
  row_["eval/best_step"] = static_cast<double>(best_.step);
  row_["eval/best_return"] = report::mean(best_.returns);
}

// Draws by a key of its own and changes nothing that learns: the same weights with it and without.
void Trainer::measure_dream() {
  if (!measures_dream()) return;
  const DreamFigures figures = hooks_.measure_dream({.task = task_,
                                                     .agent = *policies_.acting,
                                                     .policy = *policies_.mean,
                                                     .episodes = config_.eval_dream,
                                                     .seed = dream_seed(static_cast<uint64_t>(config_.seed)),
                                                     .pool = pool_,
                                                     .stop = hooks_.stop});
  const MostFaithful now{step(), figures.valid_steps, figures.error_2};
  if (is_more_faithful(now, most_faithful_)) most_faithful_ = now;
  row_.merge(metric_values(figures));
  if (const auto line = overpromise_.look(row_); line && hooks_.on_warning) hooks_.on_warning(*line);
  if (!most_faithful_.held()) return;
  row_["dream/most_faithful_step"] = static_cast<double>(most_faithful_.step);
  row_["dream/most_faithful_valid_steps"] = most_faithful_.valid_steps;
}

void Trainer::save(bool before_evaluation) {
  if (const std::vector<contract::Episode> finished = source_->take_finished(); !finished.empty())
    save_shard(run_, shards_++, finished);
  Checkpoint checkpoint;
  source_->save(checkpoint);
  checkpoint.updates = learner_.updates();
  checkpoint.shards = shards_;
  checkpoint.best = best_;
  checkpoint.most_faithful = most_faithful_;
  checkpoint.from_hash = from_hash_;
  checkpoint.task_hash = task_->spec().hash;
  checkpoint.model = agent_->weights();
  checkpoint.optimizer = learner_.state();
  if (before_evaluation) checkpoint.owed_row = row_;
  save_checkpoint(run_, checkpoint);
  evaluation_owed_ = before_evaluation;
}

}  // namespace

TrainResult train(const TrainConfig& wanted, const std::filesystem::path& run, const TrainHooks& hooks) {
  check_config(wanted);
  const TrainConfig config = with_absolute_paths(wanted);
  Trainer trainer(config, run, hooks);  // before the directory: a wrong task or device leaves nothing behind
  trainer.prepare_new();
  const RunLock lock = lock_new_run(run);
  create_run_directory(run, config);
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
    trainer.prepare_new();
    trainer.start();
  } else {
    trainer.resume();
    if (trainer.finished() && !trainer.owes_evaluation()) return trainer.result(false);
  }
  if (total > 0) write_run_config(run, config);  // the next resume goes to the new total too
  return trainer.loop();
}

}  // namespace reverie::training
