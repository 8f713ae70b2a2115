#include "sim/env.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "sim/task/finite_values.h"
#include "sim/task/orientations.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {

struct Env::Impl {
  Impl(std::shared_ptr<const Task> task_in, const mjModel* replacement);

  const mjModel* model() const { return own_model ? own_model.get() : task->impl().model.get(); }
  void forward_without_actuation();
  void normalise_orientations();
  void begin(uint64_t new_seed, uint64_t new_index);
  void finish_reset();
  void evaluate();
  void remember();
  void observe_state(ObserveMode mode);
  void note_action(std::span<const double> values);
  template <typename Number>
  StepResult act(std::span<const Number> values);
  bool physics_step();
  StepResult finish_step();
  void find_divergence();
  void check(double reward);

  std::shared_ptr<const Task> task;
  ModelPtr own_model;  // a private copy, where the task randomises or the model is replaced
  DataPtr data;
  std::vector<double> task_state, workspace, action, observation, privileged, signals, terms;
  std::function<void()> forward;
  uint64_t seed = 0, index = 0;
  int64_t steps = 0;
  std::shared_ptr<StepSlot> slot;
  bool has_state = false;  // of an episode: reset or restored
  std::string divergence;  // of the last step
};

Env::Impl::Impl(std::shared_ptr<const Task> task_in, const mjModel* replacement) : task(std::move(task_in)) {
  const Task::Impl& t = task->impl();
  slot = t.steps.add();
  if (replacement != nullptr || !t.events.randomisations.empty()) {
    own_model.reset(mj_copyModel(nullptr, replacement != nullptr ? replacement : t.model.get()));
  }
  data = make_data(model());
  task_state.resize(static_cast<size_t>(t.layout.size));
  workspace.resize(static_cast<size_t>(t.workspace));
  action.resize(static_cast<size_t>(t.action.size()));
  observation.resize(static_cast<size_t>(t.spec.observation_dim));
  privileged.resize(static_cast<size_t>(t.privileged_dim));
  size_t count = 0;
  for (const SignalSlots& signal : t.signals) count += signal.slots.size();
  signals.resize(count);
  terms.resize(t.reward.size());
  forward = [this] {
    normalise_orientations();
    forward_without_actuation();
  };
}

void Env::Impl::forward_without_actuation() {
  if (!own_model) {
    mj_forward(task->impl().reset_model.get(), data.get());
    return;
  }
  const int flags = own_model->opt.disableflags;
  own_model->opt.disableflags = flags | mjDSBL_ACTUATION;
  mj_forward(own_model.get(), data.get());
  own_model->opt.disableflags = flags;
}

// Operations may write the numbers of a quaternion one by one: whole ones are looked at.
void Env::Impl::normalise_orientations() {
  normalise_joint_orientations(model(), data->qpos, "reset");
  normalise_mocap_orientations(model(), data->mocap_quat, "reset");
}

void Env::Impl::begin(uint64_t new_seed, uint64_t new_index) {
  const Task::Impl& t = task->impl();
  seed = new_seed, index = new_index, steps = 0, has_state = true;
  std::fill(task_state.begin(), task_state.end(), 0.0);
  contract::Rng rng(seed, index, contract::Stream::kEvent, 0);
  if (!t.events.randomisations.empty()) {
    draw_randomisation(t.events.randomisations, seed, rng, task_state);
    apply_randomisation(t.events.randomisations, t.model.get(), own_model.get(), data.get(), task_state);
  }
  start_pushes(t.events.pushes, t.spec.control_dt, rng, task_state);
  start_commands(t.commands, t.spec.control_dt, rng, task_state);
  mj_resetData(model(), data.get());
}

void Env::Impl::finish_reset() {
  const Task::Impl& t = task->impl();
  forward();
  contract::Rng rng(seed, index, contract::Stream::kNoise, UINT32_MAX);
  const int delay =
      t.action.delay_low + static_cast<int>(rng.below(t.action.delay_high - t.action.delay_low + 1));
  reset_action(t.action, data.get(), delay, task_state);
  reset_observation(t.observation, rng, task_state);
  evaluate();
  if (!t.remembered.empty()) {  // prev(x) is x itself in the first state
    remember();
    evaluate();
  }
  std::fill(terms.begin(), terms.end(), 0.0);
  observe_state(ObserveMode::kFirst);
  divergence.clear();
  check(0.0);
}

void Env::Impl::evaluate() {
  const Program& program = task->impl().program;
  program.initialise(workspace);
  program.run({model(), data.get(), task_state.data()}, workspace);
}

void Env::Impl::remember() {
  for (const Remembered& item : task->impl().remembered) {
    for (size_t i = 0; i < item.slots.size(); ++i) {
      task_state[static_cast<size_t>(item.offset) + i] = workspace[static_cast<size_t>(item.slots[i])];
    }
  }
}

void Env::Impl::observe_state(ObserveMode mode) {
  const Task::Impl& t = task->impl();
  contract::Rng rng(seed, index, contract::Stream::kNoise, static_cast<uint64_t>(steps));
  observe(t.observation, mode, workspace, rng, task_state, observation, privileged);
  size_t at = 0;
  for (const SignalSlots& signal : t.signals) {
    for (const int slot : signal.slots) signals[at++] = workspace[static_cast<size_t>(slot)];
  }
}

// action() and previous_action() of the expressions.
void Env::Impl::note_action(std::span<const double> values) {
  const StateLayout& layout = task->impl().layout;
  if (layout.previous_action >= 0 && layout.action >= 0) {
    std::copy_n(task_state.begin() + layout.action, values.size(),
                task_state.begin() + layout.previous_action);
  }
  if (layout.action >= 0) std::copy(values.begin(), values.end(), task_state.begin() + layout.action);
}

// Positions and velocities of the new state are current afterwards; accelerations and contact forces are
// those of the solve before the last integration. False when the engine gave up: then the episode diverged.
bool Env::Impl::physics_step() try {
  const Task::Impl& t = task->impl();
  const mjModel* m = model();
  mjData* d = data.get();
  int left = t.substeps;
  if (!t.runge_kutta) {
    mj_step2(m, d);
    --left;
  }
  for (; left > 0; --left) mj_step(m, d);
  mj_step1(m, d);
  return true;
} catch (const PhysicsError& error) {  // mj_resetData at the next start makes the engine's data whole again
  divergence = fmt::format("{}. Time = {:.4g}.", error.what(),
                           static_cast<double>(steps + 1) * task->impl().spec.control_dt);
  return false;
}

void Env::Impl::find_divergence() {
  divergence.clear();
  for (const int kind : {mjWARN_BADQPOS, mjWARN_BADQVEL, mjWARN_BADQACC, mjWARN_BADCTRL}) {
    const mjWarningStat& warning = data->warning[kind];
    if (warning.number > 0) divergence = mju_warningText(kind, static_cast<size_t>(warning.lastinfo));
  }
  for (int64_t i = 0; i < model()->na && divergence.empty(); ++i)
    if (!std::isfinite(data->act[i])) divergence = fmt::format("activation {} is {}.", i, data->act[i]);
  if (divergence.empty()) return;
  divergence += fmt::format(" Time = {:.4g}.", static_cast<double>(steps) * task->impl().spec.control_dt);
}

// Values that MuJoCo still takes, but that no robot reaches, are physics that is about to break: then the
// episode diverged, and no expression is to blame.
void Env::Impl::check(double reward) {
  constexpr double kAbsurd = 1e6;
  const Task::Impl& t = task->impl();
  try {
    const Moment moment{seed, index, steps};
    check_finite(t, {workspace, observation, privileged, task_state}, moment);
    check_reward(t, reward, moment);
  } catch (const NonFiniteError&) {
    const mjModel* m = model();
    const double position = mju_norm(data->qpos, static_cast<int>(m->nq));
    const double velocity = mju_norm(data->qvel, static_cast<int>(m->nv));
    if (steps == 0 || (position < kAbsurd && velocity < kAbsurd)) throw;
    divergence = fmt::format("Positions reach {:.2g}, velocities {:.2g}. Time = {:.4g}.", position, velocity,
                             static_cast<double>(steps) * t.spec.control_dt);
  }
}

StepResult Env::Impl::finish_step() {
  if (!has_state) throw std::logic_error("Env::step: expected reset, reset_to or restore before");
  const Task::Impl& t = task->impl();
  contract::Rng rng(seed, index, contract::Stream::kEvent, static_cast<uint64_t>(steps) + 1);
  step_pushes(t.events.pushes, t.spec.control_dt, data.get(), rng, task_state);
  const bool went_well = [&] {
    const StepCall call(*slot);
    return physics_step();
  }();
  ++steps;
  StepResult result;
  if (!went_well) {
    result.diverged = true;
    return result;
  }
  evaluate();
  for (size_t i = 0; i < t.reward.size(); ++i) {
    terms[i] = t.reward[i].weight * workspace[static_cast<size_t>(t.reward[i].slot)];
    result.reward += terms[i];
  }
  for (const Termination& one : t.terminations)
    result.terminated |= workspace[static_cast<size_t>(one.slot)] != 0.0;
  // The next observation shows the new goal.
  if (step_commands(t.commands, t.spec.control_dt, rng, task_state)) evaluate();
  remember();
  observe_state(ObserveMode::kNext);
  find_divergence();
  if (divergence.empty()) check(result.reward);
  result.diverged = !divergence.empty();
  if (result.diverged) {
    result.reward = 0.0;
    result.terminated = false;
  }
  result.truncated = !result.terminated && !result.diverged && steps >= t.spec.episode_steps;
  return result;
}

Env::Env(std::shared_ptr<const Task> task, const mjModel* replacement)
    : impl_(std::make_unique<Impl>(std::move(task), replacement)) {}
Env::~Env() = default;
Env::Env(Env&&) noexcept = default;
Env& Env::operator=(Env&&) noexcept = default;

const contract::EnvSpec& Env::spec() const { return impl_->task->spec(); }

void Env::reset(uint64_t seed, uint64_t index) {
  Impl& e = *impl_;
  const StepCall call(*e.slot);
  e.begin(seed, index);
  e.forward_without_actuation();
  contract::Rng rng(seed, index, contract::Stream::kReset);
  int64_t budget = kResetBudget;
  run_reset(e.task->impl().reset,
            {e.model(), e.data.get(), e.task_state, e.workspace, e.forward, rng, budget});
  e.finish_reset();
}

void Env::reset_to(std::span<const double> qpos, std::span<const double> qvel, std::span<const double> act,
                   std::span<const double> mocap_pos, std::span<const double> mocap_quat, uint64_t seed,
                   uint64_t index) {
  Impl& e = *impl_;
  e.begin(seed, index);
  mjData* d = e.data.get();
  std::copy(qpos.begin(), qpos.end(), d->qpos);
  std::copy(qvel.begin(), qvel.end(), d->qvel);
  std::copy(act.begin(), act.end(), d->act);
  std::copy(mocap_pos.begin(), mocap_pos.end(), d->mocap_pos);
  std::copy(mocap_quat.begin(), mocap_quat.end(), d->mocap_quat);
  e.finish_reset();
}

template <typename Number>
StepResult Env::Impl::act(std::span<const Number> values) {
  if (values.size() != action.size()) throw std::logic_error("Env::step: wrong action size");
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      throw std::runtime_error(fmt::format("action {} is {}, expected a finite number", i, values[i]));
  }
  std::copy(values.begin(), values.end(), action.begin());
  apply_action(task->impl().action, model(), data.get(), action, task_state);
  note_action(action);
  return finish_step();
}

StepResult Env::step(std::span<const float> action) { return impl_->act(action); }
StepResult Env::step_exact(std::span<const double> action) { return impl_->act(action); }

StepResult Env::step_raw(std::span<const double> ctrl) {
  Impl& e = *impl_;
  if (ctrl.size() != e.action.size()) throw std::logic_error("Env::step_raw: wrong ctrl size");
  std::copy(ctrl.begin(), ctrl.end(), e.data->ctrl);
  e.note_action(ctrl);
  return e.finish_step();
}

std::span<const double> Env::observation() const { return impl_->observation; }
std::span<const double> Env::privileged() const { return impl_->privileged; }
std::span<const double> Env::signals() const { return impl_->signals; }
std::span<const double> Env::reward_terms() const { return impl_->terms; }
int64_t Env::steps() const { return impl_->steps; }
const std::string& Env::divergence() const { return impl_->divergence; }

std::vector<double> Env::randomisation() const {
  std::vector<double> out;
  for (const Randomisation& r : impl_->task->impl().events.randomisations) {
    const auto start = impl_->task_state.begin() + r.state_offset;
    out.insert(out.end(), start, start + r.state_size);
  }
  return out;
}

void Env::copy_physics_state(std::span<double> out) const {
  mj_getState(impl_->model(), impl_->data.get(), out.data(), mjSTATE_INTEGRATION);
}

void Env::copy_task_state(std::span<double> out) const {
  std::copy(impl_->task_state.begin(), impl_->task_state.end(), out.begin());
}

void Env::restore(std::span<const double> physics, std::span<const double> task_state, uint64_t seed,
                  uint64_t index, int64_t step) {
  Impl& e = *impl_;
  const Task::Impl& t = e.task->impl();
  if (static_cast<int>(physics.size()) != t.spec.physics_dim ||
      static_cast<int>(task_state.size()) != t.spec.task_dim) {
    throw std::logic_error("Env::restore: wrong state size");
  }
  const StepCall call(*e.slot);
  e.seed = seed, e.index = index, e.steps = step, e.has_state = true;
  std::copy(task_state.begin(), task_state.end(), e.task_state.begin());
  if (!t.events.randomisations.empty()) {
    apply_randomisation(t.events.randomisations, t.model.get(), e.own_model.get(), e.data.get(),
                        e.task_state);
  }
  mj_resetData(e.model(), e.data.get());
  mj_setState(e.model(), e.data.get(), physics.data(), mjSTATE_INTEGRATION);
  // The rest of mjData as the episode had it here: after a reset the first physics step uses what its forward
  // pass left, e.g. actuator velocities of 0.
  if (step == 0) {
    e.forward_without_actuation();
  } else {
    mj_step1(e.model(), e.data.get());
  }
  e.evaluate();
  std::fill(e.terms.begin(), e.terms.end(), 0.0);
  e.observe_state(ObserveMode::kReread);
}

const mjModel* Env::model() const { return impl_->model(); }
mjData* Env::data() { return impl_->data.get(); }

}  // namespace reverie::sim
