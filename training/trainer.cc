#include "training/trainer.h"

#include <memory>
#include <utility>

#include "base/error.h"
#include "training/checkpoint.h"
#include "training/frozen_world.h"
#include "training/loop.h"
#include "training/metrics.h"
#include "training/run.h"
#include "training/run_directory.h"
#include "training/run_links.h"

namespace reverie::training {

namespace fs = std::filesystem;

void Trainer::resume() {
  const Recovered found = find_whole(run_, Use::kResume);
  if (found.checkpoint.task_hash != task_->spec().hash) {
    base::throw_user_error(
        "{}: task {} has changed since this run started (hash {}, now {}); start a new run", run_.string(),
        config_.task, found.checkpoint.task_hash, task_->spec().hash);
  }
  source_->resume(run_, found.checkpoint);
  if (!found.passed.empty()) {
    warn(recovery_text(found));
    set_aside_after(run_, found.name);
    link_checkpoint(run_, "last", found.checkpoint.step());
  }
  restore(found);
}

void Trainer::restore(const Recovered& found) {
  const Checkpoint& checkpoint = found.checkpoint;
  if (learns_policy_alone()) check_world_is_the_same(run_, config_, from_hash_ = checkpoint.from_hash);
  agent_->load_weights(checkpoint.model);
  learner_.load_state(checkpoint.optimizer);
  drop_unfinished(run_, checkpoint.shards);
  evaluation_owed_ = checkpoint.owed_row.has_value();
  row_ = checkpoint.owed_row.value_or(row_);
  best_ = checkpoint.best;
  most_faithful_ = checkpoint.most_faithful;
  link_holders(run_, best_, most_faithful_);
  run_id_ = read_run_id(run_);
  shards_ = checkpoint.shards;
  shards_checksum_ = checkpoint.shards_checksum;
  rollbacks_ = checkpoint.rollbacks;
  updates_at_start_ = learner_.updates();
  recall_metrics();
  plan_for_memory(Say::kPlan);
}

// What of them this process goes on from.
void Trainer::recall_metrics() {
  if (const int64_t damaged = truncate_metrics(run_, evaluation_owed_ ? step() - 1 : step()); damaged > 0)
    warn(fmt::format("{}: {} damaged rows are left out", (run_ / "metrics.jsonl").string(), damaged));
  for (const MetricRow& row : read_metrics(run_)) {
    guard_.remember(row.values);
    overpromise_.look(row.values);  // said already
    if (const auto found = row.values.find("time/seconds"); found != row.values.end())
      seconds_before_ = found->second;
  }
}

void Trainer::roll_back(const LossesExploded& why) {
  resume();
  rollbacks_ = 1;
  warn(fmt::format("{}: back to checkpoint {}, once; updates draw other sequences from there on", why.what(),
                   checkpoint_directory(run_, step()).filename().string()));
}

LossesExploded Trainer::stopped_by(const LossesExploded& why) const {
  return LossesExploded(fmt::format(
      "training stopped at step {}: {}{}; the checkpoints in {} are as they were", step(), why.what(),
      rollbacks_ > 0 ? ", after it had gone back once" : "", (run_ / "checkpoints").string()));
}

namespace {

// Until the end. Losses that explode lead back to the last checkpoint once.
TrainResult finish(std::unique_ptr<Trainer> trainer, const TrainConfig& config, const fs::path& run,
                   const TrainHooks& hooks) {
  Heartbeat beat(run, trainer->total(), hooks.on_warning);
  trainer->report_to(beat);
  try {
    return trainer->loop();
  } catch (const LossesExploded& why) {
    if (trainer->has_rolled_back() || list_checkpoints(run).empty()) throw trainer->stopped_by(why);
    trainer.reset();  // its memory first
    trainer = std::make_unique<Trainer>(config, run, hooks);
    trainer->report_to(beat);
    trainer->roll_back(why);
  }
  try {
    return trainer->loop();
  } catch (const LossesExploded& why) {
    throw trainer->stopped_by(why);
  }
}

}  // namespace

TrainResult train(const TrainConfig& wanted, const std::filesystem::path& run, const TrainHooks& hooks) {
  check_config(wanted);
  const TrainConfig config = with_absolute_paths(wanted);
  // Before the directory: a wrong task or device leaves nothing behind.
  auto trainer = std::make_unique<Trainer>(config, run, hooks);
  trainer->prepare_new();
  const RunLock lock = lock_new_run(run);
  create_run_directory(run, config);
  trainer->start();
  return finish(std::move(trainer), config, run, hooks);
}

TrainResult resume_training(const std::filesystem::path& run, const TrainHooks& hooks, int64_t total) {
  TrainConfig config = read_run_config(run);
  expect_no_way_out(run);
  const RunLock lock(run);
  if (total > 0) total_steps(config) = total;
  auto trainer = std::make_unique<Trainer>(config, run, hooks);
  if (!has_checkpoint(run)) {  // stopped before the first one: everything is derived again
    create_run_folders(run);
    drop_unfinished(run, 0);
    truncate_metrics(run, 0);
    trainer->prepare_new();
    trainer->start();
  } else {
    trainer->resume();
    if (trainer->finished() && !trainer->owes_evaluation()) return trainer->result(false);
  }
  if (total > 0) write_run_config(run, config);  // the next resume goes to the new total too
  return finish(std::move(trainer), config, run, hooks);
}

}  // namespace reverie::training
