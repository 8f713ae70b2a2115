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
  Row(Twin& twin, uint64_t episode) : twin_(twin), key_{twin.parts_.seed, episode, 0} {}

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
    twin_.step_physics(actions);
    if (twin_.has_dream()) twin_.parts_.dream->step(actions);
    ++key_.decision;
  }
  std::span<const uint8_t> ended() const override { return {}; }

 private:
  Twin& twin_;
  contract::DrawKey key_;
  std::vector<float> states_;  // [F]; empty in the dream
};

Twin::Twin(TwinParts parts) : parts_(std::move(parts)) {
  check(parts_);
  reset(0);
}

Twin::~Twin() = default;

int Twin::control_steps() const { return parts_.dream ? parts_.dream->control_steps() : 1; }

double Twin::step_seconds() const { return parts_.spec.control_dt * control_steps(); }

int64_t Twin::episode_steps() const { return parts_.spec.episode_steps / control_steps(); }

bool Twin::done() const { return episode_steps() > 0 && steps_ >= episode_steps(); }

void Twin::reset(uint64_t index) {
  recording_ = first_row(parts_.spec, parts_.start(index));
  episode_ = index;
  const contract::StartPoint point{&recording_, 0};
  parts_.physics->reset({&point, 1});
  if (parts_.dream) parts_.dream->reset({&point, 1});
  row_ = std::make_unique<Row>(*this, index);
  loop_ = std::make_unique<contract::Driver>(*row_, *parts_.policy);
  steps_ = 0;
  anchored_at_ = 0;
  history_ = {};
  ++generation_;
  clock_ = {};
  record(0, 0);
}

void Twin::anchor() {
  if (!parts_.dream) return;
  const contract::StartPoint point{&recording_, recording_.length()};
  parts_.dream->reset({&point, 1});
  anchored_at_ = steps_;
  history_.anchor_times.push_back(history_.time.back());
  clock_.finished.push_back(clock_.seconds);
  clock_.seconds = 0;
  clock_.held = true;
}

void Twin::step_physics(std::span<const float> action) {
  const contract::World& physics = *parts_.physics;
  physics_reward_ = 0.0f;
  for (int k = 0; k < control_steps() && physics.continuation()[0] > 0; ++k) {
    parts_.physics->step(action);
    physics_reward_ += physics.rewards()[0];
    const auto append = [](auto& values, auto row) { values.insert(values.end(), row.begin(), row.end()); };
    append(recording_.actions, action);
    append(recording_.rewards, physics.rewards());
    append(recording_.observations, physics.observations());
    append(recording_.physics, physics.physics_states());
    append(recording_.task_state, physics.task_states());
  }
}

void Twin::step() {
  if (done()) return;
  row_->dream_drives = driver == Driver::kDream && dream_can_drive();
  contract::Policy& policy = row_->dream_drives ? *parts_.dream_policy : *parts_.policy;
  if (&policy != &loop_->policy()) loop_->begin(policy);
  loop_->step();
  history_.actions.insert(history_.actions.end(), loop_->actions().begin(), loop_->actions().end());
  ++steps_;
  record(physics_reward_, parts_.dream ? parts_.dream->rewards()[0] : 0);
  if (anchor_every > 0 && (steps_ - anchored_at_) * control_steps() >= anchor_every) anchor();
}

void Twin::record(double physics_reward, double dream_reward) {
  const bool first = history_.time.empty();
  history_.time.push_back(static_cast<double>(steps_) * step_seconds());
  history_.physics_return.push_back((first ? 0 : history_.physics_return.back()) + physics_reward);
  history_.dream_return.push_back((first ? 0 : history_.dream_return.back()) + dream_reward);
  history_.error.push_back(parts_.dream
                               ? evaluation::observation_error(parts_.dream->observations(),
                                                               parts_.physics->observations(), parts_.scale)
                               : 0);
  history_.uncertainty.push_back(parts_.dream ? parts_.dream->uncertainty()[0] : 0);
  if (!(history_.error.back() <= evaluation::kValidError)) clock_.held = false;
  if (clock_.held) clock_.seconds = static_cast<double>(steps_ - anchored_at_) * step_seconds();
}

}  // namespace reverie::viewer
