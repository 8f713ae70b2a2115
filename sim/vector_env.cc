#include "sim/vector_env.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <stdexcept>

#include "base/error.h"
#include "sim/task/task.h"

namespace reverie::sim {
namespace {

// Episodes that are longer grow: nothing is allocated for a length that may never be reached.
constexpr int kReservedSteps = 1000;

// One environment and its recording. A slot is touched by one worker at a time.
struct Slot {
  Env env;
  uint64_t index = 0;     // of the running episode
  bool recorded = false;  // `running` holds the episode from its first row
  contract::Episode running;
  std::vector<contract::Episode> finished;    // since the last take_finished()
  std::vector<double> physics_row, task_row;  // scratch

  // What the recording was before the step in progress.
  size_t finished_before = 0;
  int64_t length_before = 0;
};

void append_floats(std::vector<float>& to, std::span<const float> row) {
  to.insert(to.end(), row.begin(), row.end());
}

void append_as_floats(std::vector<float>& to, std::span<const double> row) {
  for (const double x : row) to.push_back(static_cast<float>(x));
}

// Appends the reward of a step with its terms. An episode that began without terms (resumed from an older
// file) goes on without them.
void append_reward(Slot& slot, float reward) {
  contract::Episode& e = slot.running;
  e.rewards.push_back(reward);
  if (!e.reward_term_names.empty()) append_as_floats(e.reward_terms, slot.env.reward_terms());
}

// Appends the state of `slot` behind the observation it belongs to.
void append_state(Slot& slot, std::span<const float> observation) {
  slot.env.copy_physics_state(slot.physics_row);
  slot.env.copy_task_state(slot.task_row);
  contract::Episode& e = slot.running;
  if (!e.signal_names.empty()) append_as_floats(e.signals, slot.env.signals());
  append_floats(e.observations, observation);
  e.physics.insert(e.physics.end(), slot.physics_row.begin(), slot.physics_row.end());
  e.task_state.insert(e.task_state.end(), slot.task_row.begin(), slot.task_row.end());
}

// What a step recorded that another environment, or this one, could not finish.
void undo_step(Slot& slot) {
  if (!slot.recorded) return;
  if (slot.finished.size() > slot.finished_before) {
    slot.running = std::move(slot.finished.back());
    slot.finished.pop_back();
  }
  contract::cut_episode(slot.running, slot.length_before);
  slot.index = slot.running.index;
}

bool has_ended(const StepResult& result) { return result.terminated || result.truncated || result.diverged; }

template <typename T>
std::span<T> row(std::vector<T>& values, int64_t i, int width) {
  return {values.data() + i * width, static_cast<size_t>(width)};
}

}  // namespace

struct VectorEnv::Impl {
  contract::EnvSpec spec;
  contract::EpisodeNames names;  // of every recorded episode
  uint64_t seed = 0;
  uint64_t first_index = 0;
  base::ThreadPool* pool = nullptr;
  std::vector<Slot> slots;
  bool recording = false;
  bool started = false;

  std::vector<float> observations, final_observations, rewards;
  std::vector<uint8_t> terminated, truncated, diverged;
  std::vector<int64_t> steps, made;  // control steps of the running episodes, and of the last step
  std::vector<uint64_t> indices;

  std::span<const float> actions;                         // of the step in progress
  std::span<const double> exact;                          // in their place; empty: none
  int repeat = 1;                                         // control steps of it
  std::function<void(int64_t, int)> step_one, reset_one;  // made once: building them may allocate

  void copy_observation(int64_t i, std::span<float> out) const {
    std::ranges::transform(slots[i].env.observation(), out.begin(),
                           [](double x) { return static_cast<float>(x); });
  }

  void start_episode(int64_t i, uint64_t index) {
    Slot& slot = slots[i];
    slot.env.reset(seed, index);
    slot.index = index;
    indices[i] = index;
    steps[i] = 0;
    const std::span<float> observation = row(observations, i, spec.observation_dim);
    copy_observation(i, observation);
    slot.recorded = recording;
    if (recording) {
      slot.running = contract::make_episode(spec, seed, index, names);
      contract::reserve_episode(slot.running, std::min(spec.episode_steps, kReservedSteps));
      slot.running.randomisation = slot.env.randomisation();
      append_state(slot, observation);
    }
  }

  void reset_environment(int64_t i) {
    start_episode(i, first_index + static_cast<uint64_t>(i));
    std::ranges::copy(row(observations, i, spec.observation_dim),
                      row(final_observations, i, spec.observation_dim).begin());
    rewards[i] = 0.0f;
    terminated[i] = truncated[i] = diverged[i] = 0;
  }

  void step(std::span<const float> floats, std::span<const double> doubles, int times);

  void step_environment(int64_t i) {
    Slot& slot = slots[i];
    const std::span<float> observation = row(observations, i, spec.observation_dim);
    const std::span<float> final = row(final_observations, i, spec.observation_dim);
    const auto at = static_cast<size_t>(i * spec.action_dim), width = static_cast<size_t>(spec.action_dim);
    const auto action = exact.empty() ? actions.subspan(at, width) : std::span<const float>();
    const auto exact_action = exact.empty() ? exact : exact.subspan(at, width);
    slot.finished_before = slot.finished.size();
    slot.length_before = slot.running.length();
    StepResult result;
    rewards[i] = 0.0f;
    made[i] = 0;
    for (int k = 0; k < repeat && !has_ended(result); ++k) {
      result = exact.empty() ? slot.env.step(action) : slot.env.step_exact(exact_action);
      // After a divergence the last finite observation stands in: nobody downstream meets a NaN.
      if (!result.diverged) copy_observation(i, observation);
      std::ranges::copy(observation, final.begin());
      const float reward = result.diverged ? 0.0f : static_cast<float>(result.reward);
      rewards[i] += reward;
      ++steps[i];
      ++made[i];
      if (slot.recorded && !result.diverged) {
        append_floats(slot.running.actions, action);
        append_as_floats(slot.running.actions, exact_action);
        append_reward(slot, reward);
        append_state(slot, final);
      }
    }
    terminated[i] = result.terminated;
    truncated[i] = result.truncated;
    diverged[i] = result.diverged;
    if (has_ended(result)) finish_episode(i, result);
  }

  void finish_episode(int64_t i, const StepResult& result) {
    Slot& slot = slots[i];
    if (slot.recorded) {
      slot.running.terminated = result.terminated;
      slot.running.truncated = result.truncated;
      slot.running.diverged = result.diverged;
      slot.running.divergence = slot.env.divergence();
      contract::shrink_episode(slot.running);
      slot.finished.push_back(std::move(slot.running));
    }
    start_episode(i, slot.index + slots.size());
  }
};

VectorEnv::VectorEnv(const std::shared_ptr<const Task>& task, int count, uint64_t seed, uint64_t first_index,
                     base::ThreadPool& pool, const mjModel_* model)
    : impl_(std::make_unique<Impl>()) {
  if (count < 1) base::throw_user_error("envs: expected at least 1, found {}", count);
  Impl& impl = *impl_;
  impl.spec = task->spec();
  impl.names = {impl.spec.signals, impl.spec.reward_terms};
  impl.seed = seed;
  impl.first_index = first_index;
  impl.pool = &pool;
  const size_t n = static_cast<size_t>(count);
  impl.slots.reserve(n);
  for (size_t i = 0; i < n; ++i) {
    impl.slots.push_back({Env(task, model),
                          0,
                          false,
                          {},
                          {},
                          std::vector<double>(impl.spec.physics_dim),
                          std::vector<double>(impl.spec.task_dim)});
  }
  impl.observations.resize(n * impl.spec.observation_dim);
  impl.final_observations.resize(impl.observations.size());
  impl.rewards.resize(n);
  impl.terminated.resize(n);
  impl.truncated.resize(n);
  impl.diverged.resize(n);
  impl.steps.resize(n);
  impl.made.resize(n);
  impl.indices.resize(n);
  impl.step_one = [p = impl_.get()](int64_t i, int) { p->step_environment(i); };
  impl.reset_one = [p = impl_.get()](int64_t i, int) { p->reset_environment(i); };
}

VectorEnv::~VectorEnv() = default;

int VectorEnv::size() const { return static_cast<int>(impl_->slots.size()); }
const contract::EnvSpec& VectorEnv::spec() const { return impl_->spec; }

void VectorEnv::reset() {
  impl_->started = true;
  impl_->pool->run(size(), impl_->reset_one);
}

void VectorEnv::reset(uint64_t seed, uint64_t first_index) {
  impl_->seed = seed;
  impl_->first_index = first_index;
  reset();
}

void VectorEnv::place(int i, std::span<const double> qpos, std::span<const double> qvel) {
  Impl& impl = *impl_;
  Slot& slot = impl.slots.at(static_cast<size_t>(i));
  if (!impl.started || impl.recording) throw std::logic_error("VectorEnv::place: before reset, or recording");
  const mjModel* const model = slot.env.model();
  const mjData* const data = slot.env.data();
  const std::vector<double> activations(static_cast<size_t>(model->na)),
      mocap_places(data->mocap_pos, data->mocap_pos + 3 * static_cast<ptrdiff_t>(model->nmocap)),
      mocap_turns(data->mocap_quat, data->mocap_quat + 4 * static_cast<ptrdiff_t>(model->nmocap));
  slot.env.reset_to(qpos, qvel, activations, mocap_places, mocap_turns, impl.seed, slot.index);
  impl.steps[i] = 0;
  const std::span<float> observation = row(impl.observations, i, impl.spec.observation_dim);
  impl.copy_observation(i, observation);
  std::ranges::copy(observation, row(impl.final_observations, i, impl.spec.observation_dim).begin());
}

void VectorEnv::step(std::span<const float> actions, int repeat) { impl_->step(actions, {}, repeat); }

void VectorEnv::step_exact(std::span<const double> actions, int repeat) { impl_->step({}, actions, repeat); }

void VectorEnv::Impl::step(std::span<const float> floats, std::span<const double> doubles, int times) {
  if (!started) throw std::logic_error("VectorEnv::step before reset");
  if (floats.size() + doubles.size() != slots.size() * static_cast<size_t>(spec.action_dim)) {
    throw std::logic_error(fmt::format("VectorEnv::step: expected {} x {} actions, found {} numbers",
                                       slots.size(), spec.action_dim, floats.size() + doubles.size()));
  }
  actions = floats;
  exact = doubles;
  repeat = times;
  try {
    pool->run(std::ssize(slots), step_one);
  } catch (...) {
    started = false;
    std::ranges::for_each(slots, undo_step);
    throw;
  }
}

std::span<const float> VectorEnv::observations() const { return impl_->observations; }
std::span<const float> VectorEnv::final_observations() const { return impl_->final_observations; }
std::span<const float> VectorEnv::rewards() const { return impl_->rewards; }
std::span<const uint8_t> VectorEnv::terminated() const { return impl_->terminated; }
std::span<const uint8_t> VectorEnv::truncated() const { return impl_->truncated; }
std::span<const uint8_t> VectorEnv::diverged() const { return impl_->diverged; }
std::span<const int64_t> VectorEnv::steps() const { return impl_->steps; }
std::span<const uint64_t> VectorEnv::episode_indices() const { return impl_->indices; }

void VectorEnv::copy_physics_state(int i, std::span<double> out) const {
  impl_->slots.at(static_cast<size_t>(i)).env.copy_physics_state(out);
}

int64_t VectorEnv::control_steps() const {
  return std::accumulate(impl_->made.begin(), impl_->made.end(), int64_t{0});
}

void VectorEnv::set_recording(bool on) {
  impl_->recording = on;
  if (on) return;
  for (Slot& slot : impl_->slots) slot.recorded = false;
}

std::vector<contract::Episode> VectorEnv::take_finished() {
  std::vector<contract::Episode> all;
  for (Slot& slot : impl_->slots) {
    std::ranges::move(slot.finished, std::back_inserter(all));
    slot.finished.clear();
  }
  std::ranges::sort(all, {}, &contract::Episode::index);
  return all;
}

const contract::Episode& VectorEnv::running(int i) const {
  const Slot& slot = impl_->slots.at(static_cast<size_t>(i));
  if (!slot.recorded) throw std::logic_error("VectorEnv::running: the episode is not being recorded");
  return slot.running;
}

void VectorEnv::resume(int i, const contract::Episode& partial) {
  Impl& impl = *impl_;
  Slot& slot = impl.slots.at(static_cast<size_t>(i));
  if (partial.hash != impl.spec.hash) {
    base::throw_user_error("cannot resume episode {} of '{}': its task has hash {}, expected {} ('{}')",
                           partial.index, partial.task, partial.hash, impl.spec.hash, impl.spec.task);
  }
  contract::check_consistent(partial);
  if (partial.terminated || partial.truncated || partial.diverged || partial.seed != impl.seed) {
    throw std::logic_error("VectorEnv::resume: expected an unfinished episode of the same seed");
  }
  const int64_t last = partial.length();
  impl.started = true;
  slot.env.restore(partial.physics_state(last), partial.task_row(last), partial.seed, partial.index, last);
  slot.index = partial.index;
  impl.indices[i] = partial.index;
  impl.steps[i] = last;
  std::ranges::copy(partial.observation(last), row(impl.observations, i, impl.spec.observation_dim).begin());
  std::ranges::copy(partial.observation(last),
                    row(impl.final_observations, i, impl.spec.observation_dim).begin());
  impl.rewards[i] = 0.0f;
  impl.terminated[i] = impl.truncated[i] = impl.diverged[i] = 0;
  slot.recorded = impl.recording;
  slot.running = partial;
}

}  // namespace reverie::sim
