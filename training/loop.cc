#include "training/loop.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/disk_full.h"
#include "base/error.h"
#include "base/out_of_memory.h"
#include "report/statistics.h"
#include "tensor/device.h"
#include "training/checkpoint.h"
#include "training/data/batches.h"
#include "training/frozen_world.h"
#include "training/memory_plan.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/simulated_return.h"
#include "training/step_watch.h"
#include "worldmodel/batch.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

Trainer::Trainer(const TrainConfig& config, std::filesystem::path run, const TrainHooks& hooks)
    : config_(config),
      run_(std::move(run)),
      hooks_(hooks),
      sinks_(run_sinks(run_, config.log, config.log_max_bytes)),
      task_(load_learnable(run_, config, hooks)),
      pool_(static_cast<int>(config.sim_threads)),
      agent_(make_agent(task_->spec(), config, static_cast<uint64_t>(config.seed),
                        tensor::resolve_device(config.device))),
      policies_(make_training_policies(agent_, config)),
      learner_(agent_, config.learner, static_cast<uint64_t>(config.seed), config.overlap, learns(config)),
      source_(make_episode_source(task_, config, policies_, pool_)) {
  sinks_.insert(sinks_.end(), hooks.sinks.begin(), hooks.sinks.end());
  tensor::set_learner_threads(static_cast<int>(config.learner_threads));
  // start() and resume() say the plan, when they have read what they go on from.
  plan_for_memory(Say::kNothing);
}

void Trainer::plan_for_memory(Say say) {
  give_back_memory();  // of a trainer before this one, or of reading a checkpoint
  const bool keeps_between = policies_.learning != nullptr && policies_.learning->reads_states();
  const double held = has_fixed_data(config_) ? 0.0 : megabytes(source_->replay().bytes());
  MemoryPlan plan = plan_memory(task_->spec(), config_, keeps_between, std::max(0.0, resident_mb() - held));
  if (agent_->device().is_cpu()) add_learner(plan, agent_->weights(), config_);
  plan = fit_memory(plan, config_, is_run_directory(run_) ? Begun::kYes : Begun::kNo);
  if (plan.spilled > 0.0) source_->spill_beyond(plan.replay - plan.running, run_);
  if (say == Say::kNothing) return;
  if (const std::string line = memory_warning(plan, config_); !line.empty()) {
    warn(line);
  } else if (hooks_.on_note) {
    hooks_.on_note(memory_text(plan));
  }
}

void Trainer::prepare_new() {
  if (learns_policy_alone()) from_hash_ = load_world(task_->spec(), config_, *agent_);
}

void Trainer::start() {
  run_id_ = read_run_id(run_);
  try {
    source_->start();
  } catch (const base::UserError& error) {
    base::throw_user_error("{}; nothing was learned, {} holds no checkpoint", error.what(), run_.string());
  }
  plan_for_memory(Say::kPlan);
}

// What the watcher of steps says: by its thread.
void Trainer::tell_endless(uint64_t environment, double seconds) const {
  const std::string line = fmt::format(
      "the physics does not come to an end: environment {} has been in one step for {:.0f} s, after step {}; "
      "checkpoints and episodes in {} are whole, and --resume goes on from the last of them, into the same "
      "step "
      "when nothing is changed",
      environment, seconds, beat_->step(), run_.string());
  if (hooks_.on_endless) return hooks_.on_endless(line);
  warn(line);
}

TrainResult Trainer::loop() {
  beat_->reach(step(), learner_.updates());
  const StepWatch watch(
      [this] { return sim::running_steps(*task_); }, hooks_.step_patience,
      [this](const sim::RunningStep& step, double s) { tell_endless(step.environment, s); });
  try {
    return go_on();
  } catch (const base::DiskFull& error) {
    throw base::DiskFull(stopped_text(error.what(), "with room "));
  } catch (const base::UserError& error) {
    if (!saves_where_it_stopped()) base::throw_user_error("{}", stopped_text(error.what(), ""));
    base::throw_user_error("{}; training stopped at step {}, which {} holds; it goes on with --resume {}",
                           error.what(), step(), checkpoint_directory(run_, step()).string(), run_.string());
  } catch (const fs::filesystem_error& error) {
    const std::string text = fmt::format("{}: {}", error.path1().string(), error.code().message());
    if (error.code() == std::errc::no_space_on_device) throw base::DiskFull(stopped_text(text, "with room "));
    base::throw_user_error("{}", stopped_text(text, ""));
  } catch (const std::exception& error) {
    if (!base::is_out_of_memory(error)) throw;
    throw base::OutOfMemory(stopped_text("out of memory", "with more, or a smaller max_memory, "));
  }
}

std::string Trainer::stopped_text(const std::string& why, const char* condition) const {
  return fmt::format(
      "{}; training stopped at step {}; what it has learned up to its last checkpoint is whole, {}it goes on "
      "with --resume {}",
      why, step(), condition, run_.string());
}

// After an error that is not the training's; false when the disk is what refuses.
bool Trainer::saves_where_it_stopped() {
  if (evaluation_owed_) return true;  // `last` is of this step already
  try {
    save(false);
    return true;
  } catch (const base::UserError&) {
    return false;
  } catch (const fs::filesystem_error&) {
    return false;
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
    warn(contract::divergence_text(d));
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
    beat_->enter("collect");
    const Round round = source_->advance();
    beat_->enter("update");
    look_at_divergence();
    if (!learn(round)) {
      interrupted = true;  // in the middle of owed updates: `last` stands, they are made again
      break;
    }
    const bool evaluates =
        (has_policy() || measures_dream()) && config_.eval_every > 0 && due(config_.eval_every, before);
    beat_->reach(step(), learner_.updates());
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
    if (stopping() && (is_burst || is_late())) return false;
    update(round.measures && owed == 1);
    if (is_burst) beat_->reach(step(), learner_.updates());
    if (is_burst && hooks_.on_progress && learner_.updates() % 100 == 0) hooks_.on_progress(progress());
  }
  return true;
}

// A round that has begun is finished, so that nothing is made twice, but not for long.
bool Trainer::is_late() {
  constexpr double kSeconds = 5.0;
  if (!stop_seen_) stop_seen_ = Clock::now();
  return seconds_since(*stop_seen_) > kSeconds;
}

// Found from the replay as it is now and from the scale so far: a resumed run finds the same.
void Trainer::fit_reward_scale() {
  const RewardSizes& sizes = source_->rewards();
  const double reach = std::expm1(std::max(-config_.model.bin_low, config_.model.bin_high));
  learner_.set_reward_scale(fitting_reward_scale(sizes, agent_->reward_scale(), reach));
  if (told_of_reach_ || !exceeds_reach(sizes, agent_->reward_scale(), reach)) return;
  told_of_reach_ = true;
  warn(reach_text(sizes, agent_->reward_scale(), config_.model.bin_low, config_.model.bin_high));
}

void Trainer::update(bool measures) {
  contract::Rng rng(static_cast<uint64_t>(config_.seed), static_cast<uint64_t>(rollbacks_),
                    contract::Stream::kReplay, static_cast<uint64_t>(learner_.updates()));
  source_->replay().sample(config_.model.horizon, config_.learner.batch_size, rng, sequences_);
  policies::UpdateStats stats = learner_.update(make_batch(task_->spec(), sequences_), measures);
  if (measures) stats_ = std::move(stats.values);
  guard_.look_at_update(stats.skipped);
}

void Trainer::gather_figures() {
  row_ = stats_;
  row_.merge(source_->take_figures(seconds_since(started_)));
  row_["train/updates"] = static_cast<double>(learner_.updates());
  row_["train/reward_scale"] = agent_->reward_scale();
  row_["train/skipped_updates"] = static_cast<double>(guard_.skipped());
  if (rollbacks_ > 0) row_["train/rollbacks"] = static_cast<double>(rollbacks_);
  guard_.look_at_row(row_);
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
  beat_->enter("evaluate");
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
  if (const auto line = overpromise_.look(row_)) warn(*line);
  if (!most_faithful_.held()) return;
  row_["dream/most_faithful_step"] = static_cast<double>(most_faithful_.step);
  row_["dream/most_faithful_valid_steps"] = most_faithful_.valid_steps;
}

void Trainer::save(bool before_evaluation) {
  beat_->enter("write");
  if (const std::vector<contract::Episode> finished = source_->take_finished(); !finished.empty())
    shards_checksum_ = next_shards_checksum(shards_checksum_, save_shard(run_, shards_++, finished));
  Checkpoint checkpoint;
  source_->save(checkpoint);
  checkpoint.updates = learner_.updates();
  checkpoint.shards = shards_;
  checkpoint.shards_checksum = shards_checksum_;
  checkpoint.run_id = run_id_;
  checkpoint.rollbacks = rollbacks_;
  checkpoint.best = best_;
  checkpoint.most_faithful = most_faithful_;
  checkpoint.from_hash = from_hash_;
  checkpoint.task_hash = task_->spec().hash;
  checkpoint.model = agent_->weights();
  checkpoint.optimizer = learner_.state();
  if (before_evaluation) checkpoint.owed_row = row_;
  save_checkpoint(run_, checkpoint);
  evaluation_owed_ = before_evaluation;
  prune_checkpoints(run_, config_.keep_checkpoints);
}

}  // namespace reverie::training
