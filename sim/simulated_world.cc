#include "sim/simulated_world.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "base/error.h"
#include "contract/rng.h"
#include "sim/env.h"
#include "sim/scaled_model.h"

namespace reverie::sim {
namespace {

// Where in which episode a rollout is: the key of its random draws.
struct Place {
  uint64_t seed = 0, index = 0;
  int64_t step = 0;   // control steps since the episode began
  uint64_t over = 0;  // 1: terminated or diverged; stays where it is, earns nothing
};

// One rollout: an environment (and mjData) of its own.
struct Rollout {
  Env env;
  Place place = {};
  std::vector<double> shift;  // scratch [nv]
};

class SimulatedWorld : public contract::World {
 public:
  SimulatedWorld(std::shared_ptr<const Task> task, base::ThreadPool& pool, SimulatedWorldOptions options)
      : task_(std::move(task)), spec_(task_->spec()), pool_(pool), options_(std::move(options)) {
    if (!options_.step_noise.empty() && std::ssize(options_.step_noise) != ptrdiff_t{2} * spec_.nv)
      throw std::logic_error(
          fmt::format("step_noise: expected 2 x {} numbers, found {}", spec_.nv, options_.step_noise.size()));
    if (options_.action_repeat < 1)
      base::throw_user_error("action_repeat: expected at least 1, found {}", options_.action_repeat);
    if (options_.replacement != nullptr) model_ = scaled_model(options_.replacement, {});
    if (options_.gravity_scale != 1.0)
      model_ = scaled_model(model_ ? model_.get() : task_->model(), {.gravity = options_.gravity_scale});
    kind_ = fmt::format("physics of {} {}", spec_.task, spec_.hash);
    reset_one_ = [this](int64_t i, int) { reset_rollout(i); };
    restore_one_ = [this](int64_t i, int) { restore_rollout(i); };
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

  contract::Snapshot snapshot() const override {
    contract::Snapshot out{kind_, record_bytes(), {}};
    out.records.reserve(count_ * out.record_bytes);
    for (size_t i = 0; i < count_; ++i) {
      each_part(*this, i, [&](auto part) { contract::append_numbers(out.records, part); });
    }
    return out;
  }

  void restore(const contract::Snapshot& snapshot) override {
    contract::check_snapshot(snapshot, kind_, record_bytes());
    resize(static_cast<size_t>(snapshot.batch_size()));
    snapshot_ = &snapshot;
    pool_.run(static_cast<int64_t>(count_), restore_one_);
    snapshot_ = nullptr;
  }

  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return rewards_; }
  std::span<const float> continuation() const override { return continuation_; }
  std::span<const float> uncertainty() const override { return uncertainty_; }
  std::span<const float> positions() const override { return positions_; }
  std::span<const float> velocities() const override { return velocities_; }
  std::span<const float> latents() const override { return {}; }
  std::span<const double> physics_states() const override { return physics_states_; }
  std::span<const double> task_states() const override { return task_states_; }

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
      rollouts_.push_back({Env(task_, model_.get()), {}, std::vector<double>(spec_.nv)});
    }
    count_ = n;
    observations_.assign(n * spec_.observation_dim, 0.0f);
    rewards_.assign(n, 0.0f);
    continuation_.assign(n, 1.0f);
    uncertainty_.assign(n, 0.0f);
    positions_.assign(n * spec_.nq, 0.0f);
    velocities_.assign(n * spec_.nv, 0.0f);
    physics_states_.assign(n * spec_.physics_dim, 0.0);
    task_states_.assign(n * spec_.task_dim, 0.0);
  }

  template <typename T>
  static auto row(T& values, size_t i, int width) {
    return std::span(values).subspan(i * static_cast<size_t>(width), static_cast<size_t>(width));
  }

  // Calls `f` with every number of rollout i, in the order of a snapshot's record. The rest of its mjData
  // follows from the physics state (Env::restore).
  template <typename Self, typename F>
  static void each_part(Self& self, size_t i, const F& f) {
    const contract::EnvSpec& spec = self.spec_;
    f(std::span(&self.rollouts_[i].place, 1));
    f(row(self.physics_states_, i, spec.physics_dim));
    f(row(self.task_states_, i, spec.task_dim));
    f(row(self.observations_, i, spec.observation_dim));
    f(row(self.rewards_, i, 1));
    f(row(self.continuation_, i, 1));
    f(row(self.positions_, i, spec.nq));
    f(row(self.velocities_, i, spec.nv));
  }

  size_t record_bytes() const {
    return sizeof(Place) + sizeof(double) * (spec_.physics_dim + spec_.task_dim) +
           sizeof(float) * (spec_.observation_dim + 2 + spec_.nq + spec_.nv);
  }

  void restore_rollout(int64_t i) {
    std::span<const std::byte> record = snapshot_->record(static_cast<int>(i));
    each_part(*this, i, [&](auto part) { contract::take_numbers(record, part); });
    const Place& place = rollouts_[i].place;
    if (place.over != 0) return;  // never steps again
    rollouts_[i].env.restore(row(physics_states_, i, spec_.physics_dim), row(task_states_, i, spec_.task_dim),
                             place.seed, place.index, place.step);
  }

  void reset_rollout(int64_t i) {
    const auto [episode, step] = starts_[i];
    Rollout& rollout = rollouts_[i];
    rollout.place = {episode->seed, episode->index, step, 0};
    const auto physics = row(physics_states_, i, spec_.physics_dim);
    std::ranges::copy(episode->physics_state(step), physics.begin());
    if (options_.perturbation > 0.0)
      perturb(physics, rollout, options_.perturbation_seed, [this](int) { return options_.perturbation; });
    rollout.env.restore(physics, episode->task_row(step), episode->seed, episode->index, step);
    std::ranges::copy(episode->observation(step), observations_.begin() + i * spec_.observation_dim);
    copy_state(i);
  }

  // The same start point is always moved the same way; another seed moves it another way. `deviation(i)` is the
  // standard deviation of entry i of positions and velocities [2 nv].
  template <typename Deviation>
  void perturb(std::span<double> physics, Rollout& rollout, uint64_t seed, const Deviation& deviation) const {
    contract::Rng rng(seed, rollout.place.index, contract::Stream::kEvaluation,
                      static_cast<uint64_t>(rollout.place.step));
    for (int k = 0; k < spec_.nv; ++k) rollout.shift[k] = deviation(k) * rng.normal();
    mj_integratePos(task_->model(), physics.data() + contract::EnvSpec::kQposOffset, rollout.shift.data(),
                    1.0);
    double* qvel = physics.data() + spec_.qvel_offset();
    for (int k = 0; k < spec_.nv; ++k) qvel[k] += deviation(spec_.nv + k) * rng.normal();
  }

  void add_step_noise(int64_t i) {
    Rollout& rollout = rollouts_[i];
    const auto physics = row(physics_states_, i, spec_.physics_dim);
    perturb(physics, rollout, options_.perturbation_seed + 1,
            [this](int k) { return options_.step_noise[static_cast<size_t>(k)]; });
    rollout.env.restore(physics, row(task_states_, i, spec_.task_dim), rollout.place.seed,
                        rollout.place.index, rollout.place.step);
  }

  void step_rollout(int64_t i) {
    Rollout& rollout = rollouts_[i];
    rewards_[i] = 0.0f;
    Place& place = rollout.place;
    if (place.over != 0) return;
    if (!options_.step_noise.empty()) add_step_noise(i);
    const auto action = row(actions_, i, spec_.action_dim);
    for (int k = 0; k < options_.action_repeat && place.over == 0; ++k) {
      const StepResult result = rollout.env.step(action);
      place.over = result.terminated || result.diverged ? 1 : 0;
      if (result.diverged) break;                        // the last finite state stands in
      rewards_[i] += static_cast<float>(result.reward);  // summed as replay folds stored rewards
      std::ranges::transform(rollout.env.observation(), observations_.begin() + i * spec_.observation_dim,
                             to_float);
      copy_state(i);
    }
    continuation_[i] = place.over != 0 ? 0.0f : 1.0f;
  }

  void copy_state(int64_t i) {
    Rollout& rollout = rollouts_[i];
    rollout.place.step = rollout.env.steps();
    rollout.env.copy_physics_state(row(physics_states_, i, spec_.physics_dim));
    rollout.env.copy_task_state(row(task_states_, i, spec_.task_dim));
    const mjData* data = rollout.env.data();
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
  const contract::Snapshot* snapshot_ = nullptr;  // of the restore in progress
  std::string kind_;                              // of its snapshots
  std::function<void(int64_t, int)> reset_one_, step_one_, restore_one_;
  std::vector<float> observations_, rewards_, continuation_, uncertainty_, positions_, velocities_;
  std::vector<double> physics_states_, task_states_;  // [N, P], [N, S]
};

}  // namespace

std::unique_ptr<contract::World> make_simulated_world(std::shared_ptr<const Task> task,
                                                      base::ThreadPool& pool, SimulatedWorldOptions options) {
  return std::make_unique<SimulatedWorld>(std::move(task), pool, std::move(options));
}

}  // namespace reverie::sim
