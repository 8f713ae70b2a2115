#include "viewer/twin.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "evaluation/observation_error.h"

namespace reverie::viewer {

namespace {

void check(const TwinParts& parts) {
  if (!parts.physics || !parts.policy || !parts.start) {
    throw std::invalid_argument("twin: physics, policy and start are needed");
  }
  if (parts.physics->control_steps() != 1) {
    throw std::invalid_argument(fmt::format("twin: physics takes {} control steps a step, expected 1",
                                            parts.physics->control_steps()));
  }
  if (parts.scale.size() != static_cast<size_t>(parts.spec.observation_dim)) {
    throw std::invalid_argument(fmt::format("twin: {} error scales for {} observations", parts.scale.size(),
                                            parts.spec.observation_dim));
  }
  if (parts.dream && evaluation::varying_dimensions(parts.scale) == 0) {
    throw std::invalid_argument(
        fmt::format("twin: none of {} observation dimensions varies", parts.scale.size()));
  }
  for (const auto& other : parts.others) {
    if (!parts.dream || other->control_steps() != parts.dream->control_steps())
      throw std::invalid_argument(fmt::format("twin: a dream of {} control steps a step beside one of {}",
                                              other->control_steps(),
                                              parts.dream ? parts.dream->control_steps() : 0));
  }
}

// Row 0 of `start`, without what a world does not report.
contract::Episode first_row(const contract::EnvSpec& spec, const contract::Episode& start) {
  contract::Episode row = contract::make_episode(spec, start.seed, start.index);
  row.task = start.task;
  row.hash = start.hash;
  row.policy = start.policy;
  row.signal_names = {};
  row.reward_term_names = {};
  row.observations.assign(start.observation(0).begin(), start.observation(0).end());
  row.physics.assign(start.physics_state(0).begin(), start.physics_state(0).end());
  row.task_state.assign(start.task_row(0).begin(), start.task_row(0).end());
  row.randomisation = start.randomisation;
  return row;
}

}  // namespace

// A policy sees what physics shows, or what the dream shows while it drives. Both worlds take its action.
class Twin::Row : public contract::Rows {
 public:
  explicit Row(Twin& twin)
      : twin_(twin), key_{twin.parts_.seed, twin.episode_, static_cast<uint64_t>(twin.now_.steps)} {}

  bool dream_drives = false;

  int size() const override { return 1; }
  int action_dim() const override { return twin_.parts_.spec.action_dim; }
  contract::PolicyInput input(bool with_states) override {
    const contract::World& shown = dream_drives ? twin_.dream() : twin_.physics();
    if (with_states) contract::physics_to_features(twin_.parts_.spec, shown.physics_states(), states_);
    return {shown.observations(),
            shown.latents(),
            {&key_, 1},
            with_states ? std::span<const float>(states_) : std::span<const float>()};
  }
  void step(std::span<const float> actions) override {
    const auto physics = [&] { twin_.step_physics(actions); };
    const auto dream = [&] { twin_.parts_.dream->step(actions); };
    if (!twin_.has_dream()) {
      physics();
    } else if (!twin_.steering.physics_on) {
      dream();
    } else {
      twin_.companion_.together(physics, dream);
    }
    twin_.step_others(actions);
    ++key_.decision;
  }
  std::span<const uint8_t> ended() const override { return {}; }

 private:
  Twin& twin_;
  contract::DrawKey key_;
  std::vector<float> states_;  // [F]; empty in the dream
};

class Twin::Acting : public contract::Policy {
 public:
  explicit Acting(const Twin& twin) : twin_(twin) {}

  contract::Policy* policy = nullptr;  // null: nobody but the user acts

  void reset(int rows) override {
    if (policy != nullptr) policy->reset(rows);
  }
  bool reads_states() const override { return policy != nullptr && policy->reads_states(); }

  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    if (!twin_.forced_.empty()) {
      std::ranges::copy(twin_.forced_, actions.begin());
      return;
    }
    if (policy != nullptr) {
      policy->act(input, actions);
      if (!twin_.steering.driven) return;
    } else {
      std::ranges::fill(actions, 0.0f);
    }
    const contract::EnvSpec& spec = twin_.spec();
    for (size_t i = 0; i < actions.size(); ++i) {
      if (twin_.steering.driven && i < twin_.steering.push.size()) actions[i] += twin_.steering.push[i];
      actions[i] = std::clamp(actions[i], spec.action_low[i], spec.action_high[i]);
    }
  }

 private:
  const Twin& twin_;
};

Twin::Twin(TwinParts parts) : parts_(std::move(parts)) {
  check(parts_);
  reset(0);
}

Twin::~Twin() = default;

int Twin::control_steps() const { return parts_.dream ? parts_.dream->control_steps() : 1; }

double Twin::step_seconds() const { return parts_.spec.control_dt * control_steps(); }

int64_t Twin::episode_steps() const {
  const int64_t limit = start_.length() > 0 ? start_.length() : parts_.spec.episode_steps;
  return limit == 0 ? 0 : std::max<int64_t>(limit / control_steps(), 1);
}

bool Twin::done() const { return !now_.free && episode_steps() > 0 && now_.steps >= episode_steps(); }

int64_t Twin::behind() const { return now_.steps + 1 - std::ssize(now_.history.physics_return); }

void Twin::reset(uint64_t index) { start_from(parts_.start(index), index); }

void Twin::start_from(const contract::Episode& start, uint64_t episode) {
  if (before_restart) before_restart();
  start_ = start;
  first_difference_ = -1;
  episode_ = episode;
  now_ = {};
  now_.recording = first_row(parts_.spec, start);
  branches_.assign(1, {});
  branch_ = 0;
  ++generation_;
  const contract::StartPoint point{&now_.recording, 0};
  put_physics_under({});
  parts_.physics->reset({&point, 1});
  if (parts_.dream) parts_.dream->reset({&point, 1});
  begin_others(point);
  begin_policies();
  record_dream(0, 0);
  record_physics(0, parts_.dream ? parts_.dream->observations() : std::span<const float>());
}

void Twin::begin_policies() {
  fan_ = nullptr;
  looked_at_ = -1;
  row_ = std::make_unique<Row>(*this);
  acting_ = std::make_unique<Acting>(*this);
  acting_->policy = parts_.policy.get();
  loop_ = std::make_unique<contract::Driver>(*row_, *acting_);
}

void Twin::compare_with_start(int64_t from) {
  const int64_t end = std::min(now_.recording.length(), start_.length());
  for (int64_t t = from; t <= end && first_difference_ < 0; ++t) {
    if (!std::ranges::equal(now_.recording.physics_state(t), start_.physics_state(t))) first_difference_ = t;
  }
}

void Twin::act_by(PolicyPair acting) {
  if (!acting.policy) throw std::invalid_argument("twin: nobody would act");
  parts_.policy = std::move(acting.policy);
  parts_.dream_policy = std::move(acting.dream_policy);
  acting_->policy = parts_.policy.get();
  loop_->begin(*acting_);
}

void Twin::dream_by(std::unique_ptr<contract::World> dream, FanDream fan) {
  if (!parts_.dream || dream->control_steps() != control_steps())
    throw std::invalid_argument(fmt::format("twin: a dream of {} control steps a step, expected {}",
                                            dream->control_steps(), parts_.dream ? control_steps() : 0));
  simulate(behind());
  parts_.dream = std::move(dream);
  parts_.fan.dream = std::move(fan.dream);
  parts_.fan.policy = std::move(fan.policy);
  fan_ = nullptr;
  // What the old dream remembers of any branch means nothing to the new one: see put_worlds().
  for (Branch& branch : branches_) branch.timeline.dream_keys.clear();
  now_.dream_keys.clear();
  ++generation_;
  anchor_here();
}

void Twin::anchor() {
  if (!parts_.dream) return;
  simulate(behind());
  fan_ = nullptr;
  anchor_here();
}

void Twin::anchor_here() {
  const contract::StartPoint point{&now_.recording, now_.recording.length()};
  parts_.dream->reset({&point, 1});
  now_.anchors.push_back(now_.steps);
  now_.history.anchor_times.push_back(now_.history.time.back());
  now_.dream_keys.push_back({now_.steps, parts_.dream->snapshot()});
  now_.clock.begin_anew();
  anchor_others(point);
}

void Twin::step_physics(std::span<const float> action) {
  const contract::World& physics = *parts_.physics;
  physics_reward_ = 0.0f;
  for (int k = 0; k < control_steps() && physics.continuation()[0] > 0; ++k) {
    parts_.physics->step(action);
    physics_reward_ += physics.rewards()[0];
    const auto append = [](auto& values, auto row) { values.insert(values.end(), row.begin(), row.end()); };
    append(now_.recording.actions, action);
    append(now_.recording.rewards, physics.rewards());
    append(now_.recording.observations, physics.observations());
    append(now_.recording.physics, physics.physics_states());
    append(now_.recording.task_state, physics.task_states());
    compare_with_start(now_.recording.length());
  }
}

void Twin::step() {
  if (done()) return;
  fan_ = nullptr;
  looked_at_ = -1;
  const bool physics_on = steering.physics_on || !has_dream();
  if (physics_on) simulate(behind());
  if (steering.driven || !physics_on) now_.free = true;
  row_->dream_drives = !physics_on || (driver == Driver::kDream && dream_can_drive());
  contract::Policy* policy = row_->dream_drives ? parts_.dream_policy.get() : parts_.policy.get();
  if (steering.driven && !steering.policy_acts) policy = nullptr;
  if (policy != acting_->policy) {
    acting_->policy = policy;
    loop_->begin(*acting_);
  }
  TwinParts::Motion motion = dream_motion();
  const bool pulled = physics_on && begin_pull();
  loop_->step();
  if (pulled) end_pull();
  const double ghost_force = dream_ghost(motion, loop_->actions(), physics_on);
  now_.history.actions.insert(now_.history.actions.end(), loop_->actions().begin(), loop_->actions().end());
  ++now_.steps;
  record_dream(parts_.dream ? parts_.dream->rewards()[0] : 0, ghost_force);
  if (!physics_on) return;
  record_physics(physics_reward_, parts_.dream ? parts_.dream->observations() : std::span<const float>());
  if (anchor_every > 0 && (now_.steps - now_.anchored_at()) * control_steps() >= anchor_every) anchor();
}

void Twin::show_fan(const FanOptions& options) {
  if (!parts_.fan.dream) return;
  simulate(behind());
  Fan fan = make_fan(parts_.fan, parts_.spec, parts_.dream->snapshot(), parts_.physics->snapshot(), options,
                     parts_.seed);
  fan.step = now_.steps;
  fan_ = std::make_shared<const Fan>(std::move(fan));
}

void Twin::simulate(int64_t most) {
  const contract::EnvSpec& spec = parts_.spec;
  for (; most > 0 && behind() > 0; --most) {
    const auto width = static_cast<size_t>(spec.action_dim);
    const size_t step = now_.history.physics_return.size() - 1;
    step_physics(std::span(now_.history.actions).subspan(step * width, width));
    record_physics(physics_reward_, dream_row(now_.dream_observations, spec.observation_dim));
  }
}

// What the dream showed after the step looked at, or else the one that physics takes next.
std::span<const float> Twin::dream_row(const std::vector<float>& rows, int width) const {
  const int64_t row = looked_at_ >= 0 ? looked_at_ : std::ssize(now_.history.physics_return);
  return std::span(rows).subspan(static_cast<size_t>(row * width), static_cast<size_t>(width));
}

bool Twin::shows_earlier() const { return looked_at_ >= 0 || (steering.physics_on && behind() > 0); }

std::span<const float> Twin::dream_positions() const {
  return shows_earlier() ? dream_row(now_.dream_positions, parts_.spec.nq) : parts_.dream->positions();
}

std::span<const float> Twin::dream_velocities() const {
  return shows_earlier() ? dream_row(now_.dream_velocities, parts_.spec.nv) : parts_.dream->velocities();
}

void Twin::record_dream(double reward, double ghost_force) {
  const bool first = now_.history.time.empty();
  now_.history.time.push_back(static_cast<double>(now_.steps) * step_seconds());
  now_.history.dream_return.push_back((first ? 0 : now_.history.dream_return.back()) + reward);
  now_.history.uncertainty.push_back(parts_.dream ? parts_.dream->uncertainty()[0] : 0);
  now_.history.ghost_force.push_back(ghost_force);
  if (!parts_.dream) return;
  const contract::World& dream = *parts_.dream;
  if (parts_.read_pose) {
    dream_pose_ = parts_.read_pose(dream.positions());
    if (!first) now_.dream_admissibility.add(dream_pose_);
  }
  const auto append = [](auto& values, auto row) { values.insert(values.end(), row.begin(), row.end()); };
  append(now_.dream_observations, dream.observations());
  append(now_.dream_positions, dream.positions());
  append(now_.dream_velocities, dream.velocities());
  if (now_.steps % kKeyframeEvery == 0) now_.dream_keys.push_back({now_.steps, dream.snapshot()});
  record_others();
}

void Twin::record_physics(double reward, std::span<const float> dream_observation) {
  const bool first = now_.history.physics_return.empty();
  const contract::World& physics = *parts_.physics;
  now_.history.physics_return.push_back((first ? 0 : now_.history.physics_return.back()) + reward);
  now_.history.error.push_back(
      parts_.dream ? evaluation::observation_error(dream_observation, physics.observations(), parts_.scale)
                   : 0);
  if (parts_.read_pose && !first) now_.physics_admissibility.add(parts_.read_pose(physics.positions()));
  const int64_t step = std::ssize(now_.history.physics_return) - 1;
  now_.clock.take(now_.history.error.back(), static_cast<double>(step - now_.anchored_at()) * step_seconds());
  compare_others();
  now_.history.physics_ghost_force.push_back(physics_ghost(step));
  if (step % kKeyframeEvery == 0) now_.physics_keys.push_back({step, physics.snapshot()});
}

}  // namespace reverie::viewer
