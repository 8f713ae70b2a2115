// Worlds for viewer tests: MuJoCo on the small test model as physics, and as a dream whose gravity is wrong.
#pragma once

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "contract/world.h"
#include "tests/render/fixture.h"
#include "tests/support/function_policy.h"
#include "viewer/twin.h"

namespace reverie::viewer {

// Observation: sin and cos of the hinge, position and velocity of the cart. Reward: cos of the hinge.
class TestWorld final : public contract::World {
 public:
  TestWorld(const mjModel* model, int control_steps, double gravity)
      : model_(mj_copyModel(nullptr, model)), data_(sim::make_data(model)), control_steps_(control_steps) {
    model_->opt.gravity[2] = gravity;
  }

  int control_steps() const override { return control_steps_; }
  int batch_size() const override { return 1; }

  void reset(std::span<const contract::StartPoint> starts) override {
    const auto row = starts[0].episode->physics_state(starts[0].step);
    start_step = starts[0].step;
    mj_setState(model_.get(), data_.get(), row.data(), mjSTATE_INTEGRATION);
    reward_ = 0;
    ++resets;
    read();
  }

  void step(std::span<const float> actions) override {
    data_->ctrl[0] = actions[0];
    reward_ = 0;
    for (int i = 0; i < control_steps_; ++i) {
      mj_step(model_.get(), data_.get());
      reward_ += static_cast<float>(std::cos(data_->qpos[1]));
    }
    read();
  }

  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return {&reward_, 1}; }
  std::span<const float> continuation() const override { return {&one_, 1}; }
  std::span<const float> uncertainty() const override { return {&reward_, 1}; }
  std::span<const float> positions() const override { return positions_; }
  std::span<const float> velocities() const override { return velocities_; }
  std::span<const float> latents() const override { return observations_; }
  std::span<const double> physics_states() const override { return physics_; }
  std::span<const double> task_states() const override { return {}; }

  contract::Snapshot snapshot() const override {
    contract::Snapshot out{"test", sizeof(double) * physics_.size() + sizeof(float), {}};
    contract::append_numbers(out.records, std::span(physics_));
    contract::append_numbers(out.records, rewards());
    return out;
  }
  void restore(const contract::Snapshot& snapshot) override {
    std::span<const std::byte> record = snapshot.record(0);
    contract::take_numbers(record, std::span(physics_));
    contract::take_numbers(record, std::span(&reward_, 1));
    mj_setState(model_.get(), data_.get(), physics_.data(), mjSTATE_INTEGRATION);
    read();
  }

  void prepare() { read(); }  // so that it can be restored before any reset

  int resets = 0;
  int64_t start_step = -1;  // of the last reset

 private:
  void read() {
    positions_.assign(data_->qpos, data_->qpos + model_->nq);
    velocities_.assign(data_->qvel, data_->qvel + model_->nv);
    physics_.resize(static_cast<size_t>(mj_stateSize(model_.get(), mjSTATE_INTEGRATION)));
    mj_getState(model_.get(), data_.get(), physics_.data(), mjSTATE_INTEGRATION);
    observations_ = {std::sin(positions_[1]), std::cos(positions_[1]), positions_[0], velocities_[0]};
  }

  sim::ModelPtr model_;
  sim::DataPtr data_;
  int control_steps_;
  float reward_ = 0, one_ = 1;
  std::vector<float> observations_, positions_, velocities_;
  std::vector<double> physics_;
};

// Several of them as the rows of one world, for fans: restored and stepped, never reset.
class Rows final : public contract::World {
 public:
  Rows(const mjModel* model, int control_steps, double gravity)
      : model_(model), control_steps_(control_steps), gravity_(gravity) {}

  int control_steps() const override { return control_steps_; }
  int batch_size() const override { return static_cast<int>(worlds_.size()); }
  void reset(std::span<const contract::StartPoint>) override { throw std::logic_error("not needed"); }
  void step(std::span<const float> actions) override {
    for (size_t i = 0; i < worlds_.size(); ++i) worlds_[i]->step(actions.subspan(i, 1));
    read();
  }
  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return {}; }
  std::span<const float> continuation() const override { return {}; }
  std::span<const float> uncertainty() const override { return uncertainty_; }
  std::span<const float> positions() const override { return positions_; }
  std::span<const float> velocities() const override { return {}; }
  std::span<const float> latents() const override { return observations_; }
  std::span<const double> physics_states() const override { return {}; }
  std::span<const double> task_states() const override { return {}; }
  contract::Snapshot snapshot() const override { return {}; }
  void restore(const contract::Snapshot& snapshot) override {
    worlds_.clear();
    for (int i = 0; i < snapshot.batch_size(); ++i) {
      worlds_.push_back(std::make_unique<TestWorld>(model_, control_steps_, gravity_));
      const std::vector<int> row{i};
      worlds_.back()->prepare();
      worlds_.back()->restore(contract::pick_rows(snapshot, row));
    }
    read();
  }

  const std::shared_ptr<int> life = std::make_shared<int>(0);  // ends with this

 private:
  void read() {
    observations_.clear();
    positions_.clear();
    uncertainty_.assign(worlds_.size(), 0.5f);
    for (const auto& world : worlds_) {
      observations_.insert(observations_.end(), world->observations().begin(), world->observations().end());
      positions_.insert(positions_.end(), world->positions().begin(), world->positions().end());
    }
  }

  const mjModel* model_;
  int control_steps_;
  double gravity_;
  std::vector<std::unique_ptr<TestWorld>> worlds_;
  std::vector<float> observations_, positions_, uncertainty_;
};

inline contract::EnvSpec test_spec(const mjModel* model) {
  contract::EnvSpec spec;
  spec.task = "test/twin";
  spec.observation_dim = 4;
  spec.observation = {{"pole", 0, 2}, {"cart", 2, 2}};
  spec.action_dim = 1;
  spec.action_low = {-1.0f};
  spec.action_high = {1.0f};
  spec.control_dt = 0.01;
  spec.episode_steps = 400;
  spec.nq = static_cast<int>(model->nq);
  spec.nv = static_cast<int>(model->nv);
  spec.physics_dim = static_cast<int>(mj_stateSize(model, mjSTATE_INTEGRATION));
  return spec;
}

// Events, moves and forces of the test model.
inline void add_test_changes(TwinParts& parts, const mjModel* model) {
  parts.change = [model](const PhysicsChanges& changes) {
    auto world = std::make_unique<TestWorld>(changed_model(model, changes).get(), 1, -9.81 * changes.gravity);
    world->prepare();
    return world;
  };
  parts.push = [model](const contract::Episode& episode, int64_t step, double speed) {
    const auto state = episode.physics_state(step);
    std::vector<double> pushed(state.begin(), state.end());
    pushed[static_cast<size_t>(contract::EnvSpec::kQposOffset + model->nq)] += speed;  // the cart
    return pushed;
  };
  parts.bodies = static_cast<int>(model->nbody);
  parts.forces_at = forces_in_state(model);
  parts.put = [model](const contract::Episode&, int64_t, std::span<const double> state) {
    TwinParts::Moved moved;
    moved.physics.assign(state.begin(), state.end());
    const double* q = moved.physics.data() + contract::EnvSpec::kQposOffset;
    const double velocity = moved.physics[static_cast<size_t>(contract::EnvSpec::kQposOffset + model->nq)];
    for (const double value : {std::sin(q[1]), std::cos(q[1]), q[0], velocity})
      moved.observation.push_back(static_cast<float>(value));
    return moved;
  };
  add_moves(parts, model);
}

// A twin on the test model. The dream's gravity is `dream_gravity`: -9.81 is a perfect dream. Episode i
// starts with the hinge at 0.1 (i + 1).
inline TwinParts test_parts(const mjModel* model, double dream_gravity, bool with_dream = true) {
  TwinParts parts;
  parts.spec = test_spec(model);
  parts.physics = std::make_unique<TestWorld>(model, 1, -9.81);
  if (with_dream) {
    parts.dream = std::make_unique<TestWorld>(model, 2, dream_gravity);
    parts.dream_policy = std::make_unique<tests::FunctionPolicy>(tests::constant_policy(-1.0f));
  }
  parts.policy = std::make_unique<tests::FunctionPolicy>(
      [](const auto& input, auto action) { action[0] = std::clamp(input.observations[0], -1.0f, 1.0f); });
  const contract::EnvSpec spec = parts.spec;
  parts.start = [model, spec](uint64_t index) {
    contract::Episode episode = contract::make_episode(spec, 7, index);
    const sim::DataPtr data = sim::make_data(model);
    data->qpos[1] = 0.1 * static_cast<double>(index + 1);
    data->mocap_pos[0] = 0.8;
    episode.physics.resize(static_cast<size_t>(spec.physics_dim));
    mj_getState(model, data.get(), episode.physics.data(), mjSTATE_INTEGRATION);
    episode.observations = {static_cast<float>(std::sin(data->qpos[1])),
                            static_cast<float>(std::cos(data->qpos[1])), 0.0f, 0.0f};
    return episode;
  };
  if (with_dream) {
    parts.fan.physics = [model] { return std::make_unique<Rows>(model, 1, -9.81); };
    parts.fan.dream = [model, dream_gravity] { return std::make_unique<Rows>(model, 2, dream_gravity); };
    parts.fan.policy = std::make_unique<tests::FunctionPolicy>(tests::constant_policy(-1.0f));
    parts.fan.places = [](std::span<const float> q) {  // the end of the pole
      return std::vector<float>{q[0] + std::sin(q[1]), 0.0f, 0.5f + std::cos(q[1])};
    };
    parts.fan.distance = [](std::span<const float> a, std::span<const float> b) {
      return static_cast<double>(std::abs(a[1] - b[1]));
    };
  }
  add_test_changes(parts, model);
  parts.scale = {0.5f, 0.5f, 0.5f, 1.0f};
  return parts;
}

}  // namespace reverie::viewer
