#include "sim/simulated_world.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "base/error.h"
#include "contract/rng.h"
#include "sim/env.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

ModelPtr scaled_gravity(const mjModel* model, double scale) {
  ModelPtr copy(mj_copyModel(nullptr, model));
  if (!copy) throw std::runtime_error("MuJoCo could not copy the model");
  for (mjtNum& g : copy->opt.gravity) g *= scale;
  return copy;
}

// One rollout: an environment (and mjData) of its own.
struct Rollout {
  Env env;
  bool over = false;            // terminated or diverged: stays where it is, earns nothing
  std::vector<double> physics;  // scratch [P]
  std::vector<double> shift;    // scratch [nv]
};

class SimulatedWorld : public contract::World {
 public:
  SimulatedWorld(std::shared_ptr<const Task> task, base::ThreadPool& pool, SimulatedWorldOptions options)
      : task_(std::move(task)), spec_(task_->spec()), pool_(pool), options_(options) {
    if (options_.action_repeat < 1)
      base::throw_user_error("action_repeat: expected at least 1, found {}", options_.action_repeat);
    if (options_.gravity_scale != 1.0) model_ = scaled_gravity(task_->model(), options_.gravity_scale);
    reset_one_ = [this](int64_t i, int) { reset_rollout(i); };
    step_one_ = [this](int64_t i, int) { step_rollout(i); };
  }

  int control_steps() const override { return options_.action_repeat; }
  int batch_size() const override { return static_cast<int>(count_); }

  void reset(std::span<const contract::StartPoint> starts) override {
    for (const contract::StartPoint& start : starts) check_start(start);
    resize(starts.size());
    starts_ = starts;
    pool_.run(static_cast<int64_t>(count_), reset_one_);
    starts_ = {};
  }

  void step(std::span<const float> actions) override {
    if (actions.size() != count_ * spec_.action_dim) {
      throw std::logic_error(fmt::format("SimulatedWorld::step: expected {} x {} actions, found {} numbers",
                                         count_, spec_.action_dim, actions.size()));
    }
    actions_ = actions;
    pool_.run(static_cast<int64_t>(count_), step_one_);
  }

  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return rewards_; }
  std::span<const float> continuation() const override { return continuation_; }
  std::span<const float> uncertainty() const override { return uncertainty_; }
  std::span<const float> positions() const override { return positions_; }
  std::span<const float> velocities() const override { return velocities_; }
  std::span<const float> latents() const override { return {}; }

 private:
  void check_start(const contract::StartPoint& start) const {
    const contract::Episode& episode = *start.episode;
    if (episode.hash != spec_.hash) {
      base::throw_user_error("start point of '{}': its task has hash {}, expected {} ('{}')", episode.task,
                             episode.hash, spec_.hash, spec_.task);
    }
    if (start.step < 0 || start.step > episode.length()) {
      throw std::out_of_range(
          fmt::format("start point: step {} is outside 0..{}", start.step, episode.length()));
    }
  }

  // Rollouts are kept and used again: making an mjData is the expensive part.
  void resize(size_t n) {
    rollouts_.reserve(n);
    while (rollouts_.size() < n) {
      rollouts_.push_back({Env(task_, model_.get()), false, std::vector<double>(spec_.physics_dim),
                           std::vector<double>(spec_.nv)});
    }
    count_ = n;
    observations_.assign(n * spec_.observation_dim, 0.0f);
    rewards_.assign(n, 0.0f);
    continuation_.assign(n, 1.0f);
    uncertainty_.assign(n, 0.0f);
    positions_.assign(n * spec_.nq, 0.0f);
    velocities_.assign(n * spec_.nv, 0.0f);
  }

  void reset_rollout(int64_t i) {
    const auto [episode, step] = starts_[i];
    Rollout& rollout = rollouts_[i];
    std::ranges::copy(episode->physics_state(step), rollout.physics.begin());
    if (options_.perturbation > 0.0) perturb(rollout, episode->index, step);
    rollout.env.restore(rollout.physics, episode->task_row(step), episode->seed, episode->index, step);
    rollout.over = false;
    std::ranges::copy(episode->observation(step), observations_.begin() + i * spec_.observation_dim);
    copy_state(i);
  }

  // The same start point is always moved the same way; another perturbation_seed moves it another way.
  void perturb(Rollout& rollout, uint64_t index, int64_t step) const {
    contract::Rng rng(options_.perturbation_seed, index, contract::Stream::kEvaluation,
                      static_cast<uint64_t>(step));
    for (double& x : rollout.shift) x = options_.perturbation * rng.normal();
    mj_integratePos(task_->model(), rollout.physics.data() + contract::EnvSpec::kQposOffset,
                    rollout.shift.data(), 1.0);
    double* qvel = rollout.physics.data() + spec_.qvel_offset();
    for (int k = 0; k < spec_.nv; ++k) qvel[k] += options_.perturbation * rng.normal();
  }

  void step_rollout(int64_t i) {
    Rollout& rollout = rollouts_[i];
    rewards_[i] = 0.0f;
    if (rollout.over) return;
    const auto action =
        actions_.subspan(static_cast<size_t>(i * spec_.action_dim), static_cast<size_t>(spec_.action_dim));
    for (int k = 0; k < options_.action_repeat && !rollout.over; ++k) {
      const StepResult result = rollout.env.step(action);
      rollout.over = result.terminated || result.diverged;
      if (result.diverged) break;
      rewards_[i] += static_cast<float>(result.reward);  // summed as replay folds stored rewards
    }
    continuation_[i] = rollout.over ? 0.0f : 1.0f;
    std::ranges::transform(rollout.env.observation(), observations_.begin() + i * spec_.observation_dim,
                           to_float);
    copy_state(i);
  }

  void copy_state(int64_t i) {
    const mjData* data = rollouts_[i].env.data();
    std::transform(data->qpos, data->qpos + spec_.nq, positions_.begin() + i * spec_.nq, to_float);
    std::transform(data->qvel, data->qvel + spec_.nv, velocities_.begin() + i * spec_.nv, to_float);
  }

  static float to_float(double x) { return static_cast<float>(x); }

  std::shared_ptr<const Task> task_;
  const contract::EnvSpec& spec_;
  base::ThreadPool& pool_;
  SimulatedWorldOptions options_;
  ModelPtr model_;  // null: the task's own
  std::vector<Rollout> rollouts_;
  size_t count_ = 0;
  std::span<const contract::StartPoint> starts_;  // of the reset in progress
  std::span<const float> actions_;                // of the step in progress
  std::function<void(int64_t, int)> reset_one_, step_one_;
  std::vector<float> observations_, rewards_, continuation_, uncertainty_, positions_, velocities_;
};

}  // namespace

std::unique_ptr<contract::World> make_simulated_world(std::shared_ptr<const Task> task,
                                                      base::ThreadPool& pool, SimulatedWorldOptions options) {
  return std::make_unique<SimulatedWorld>(std::move(task), pool, options);
}

}  // namespace reverie::sim
