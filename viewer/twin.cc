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
  if (parts.dream && parts.dream->control_steps() != parts.physics->control_steps()) {
    throw std::invalid_argument(fmt::format("twin: physics takes {} control steps a step, the dream {}",
                                            parts.physics->control_steps(), parts.dream->control_steps()));
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

}  // namespace

Twin::Twin(TwinParts parts) : parts_(std::move(parts)) {
  check(parts_);
  action_.resize(static_cast<size_t>(parts_.spec.action_dim));
  reset(0);
}

double Twin::step_seconds() const { return parts_.spec.control_dt * parts_.physics->control_steps(); }

int64_t Twin::episode_steps() const { return parts_.spec.episode_steps / parts_.physics->control_steps(); }

bool Twin::done() const { return episode_steps() > 0 && steps_ >= episode_steps(); }

void Twin::reset(uint64_t index) {
  start_ = parts_.start(index);
  episode_ = index;
  const contract::StartPoint point{&start_, 0};
  parts_.physics->reset({&point, 1});
  if (parts_.dream) parts_.dream->reset({&point, 1});
  steps_ = 0;
  anchored_at_ = 0;
  history_ = {};
  clock_ = {};
  record(0, 0);
}

void Twin::anchor() {
  if (!parts_.dream) return;
  // Only what a dream looks at: the observation, and the physics state as far as a World tells it.
  contract::Episode now = start_;
  std::ranges::copy(parts_.physics->observations(), now.observations.begin());
  std::ranges::copy(parts_.physics->positions(), now.physics.begin() + contract::EnvSpec::kQposOffset);
  std::ranges::copy(parts_.physics->velocities(), now.physics.begin() + parts_.spec.qvel_offset());
  const contract::StartPoint point{&now, 0};
  parts_.dream->reset({&point, 1});
  anchored_at_ = steps_;
  history_.anchor_times.push_back(history_.time.back());
  clock_.finished.push_back(clock_.seconds);
  clock_.seconds = 0;
  clock_.held = true;
}

void Twin::step() {
  if (done()) return;
  if (driver == Driver::kDream && dream_can_drive()) {
    parts_.dream_policy(parts_.dream->latents(), action_);
  } else {
    parts_.policy(parts_.physics->observations(), action_);
  }
  parts_.physics->step(action_);
  if (parts_.dream) parts_.dream->step(action_);
  history_.actions.insert(history_.actions.end(), action_.begin(), action_.end());
  ++steps_;
  record(parts_.physics->rewards()[0], parts_.dream ? parts_.dream->rewards()[0] : 0);
  if (anchor_every > 0 && (steps_ - anchored_at_) * parts_.physics->control_steps() >= anchor_every) anchor();
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
