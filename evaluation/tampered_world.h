// TamperedWorld: another world whose answers are changed in a known way.
// The self-test puts errors of known size into the simulator with it.
#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "contract/world.h"

namespace reverie::evaluation {

// What the world reports after a reset or a step, to be changed in place.
struct Answers {
  std::vector<float> observations, rewards;  // [N, O], [N]
  std::span<const float> positions;          // [N, nq] before the last step; those of the start after a reset
  bool is_reset = false;
};

class TamperedWorld : public contract::World {
 public:
  // `world` must outlive this.
  TamperedWorld(contract::World& world, std::function<void(Answers&)> tamper)
      : world_(&world), tamper_(std::move(tamper)) {}

  int control_steps() const override { return world_->control_steps(); }
  int batch_size() const override { return world_->batch_size(); }
  void reset(std::span<const contract::StartPoint> starts) override {
    world_->reset(starts);
    answer(true);
  }
  void step(std::span<const float> actions) override {
    world_->step(actions);
    answer(false);
  }
  std::span<const float> observations() const override { return answers_.observations; }
  std::span<const float> rewards() const override { return answers_.rewards; }
  std::span<const float> continuation() const override { return world_->continuation(); }
  std::span<const float> uncertainty() const override { return world_->uncertainty(); }
  std::span<const float> positions() const override { return world_->positions(); }
  std::span<const float> velocities() const override { return world_->velocities(); }
  std::span<const float> latents() const override { return world_->latents(); }
  std::span<const double> physics_states() const override { return world_->physics_states(); }
  std::span<const double> task_states() const override { return world_->task_states(); }
  contract::Snapshot snapshot() const override { return world_->snapshot(); }
  void restore(const contract::Snapshot& snapshot) override {
    world_->restore(snapshot);
    answer(true);
  }

 private:
  void answer(bool is_reset) {
    answers_.observations.assign(world_->observations().begin(), world_->observations().end());
    answers_.rewards.assign(world_->rewards().begin(), world_->rewards().end());
    if (is_reset) before_.assign(world_->positions().begin(), world_->positions().end());
    answers_.positions = before_;
    answers_.is_reset = is_reset;
    tamper_(answers_);
    before_.assign(world_->positions().begin(), world_->positions().end());
  }

  contract::World* world_;
  std::function<void(Answers&)> tamper_;
  Answers answers_;
  std::vector<float> before_;  // [N, nq]
};

}  // namespace reverie::evaluation
