#include "viewer/model_world.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "sim/controls.h"

namespace reverie::viewer {

namespace {

constexpr double kControlSeconds = 0.02;

void read_observation(const mjModel* model, const mjData* data, std::vector<float>& out) {
  out.assign(data->qpos, data->qpos + model->nq);
  out.insert(out.end(), data->qvel, data->qvel + model->nv);
}

class ModelWorld final : public contract::World {
 public:
  ModelWorld(std::shared_ptr<const mjModel> model, const contract::EnvSpec& spec)
      : owner_(std::move(model)),
        model_(owner_.get()),
        data_(sim::make_data(model_)),
        substeps_(static_cast<int>(std::lround(spec.control_dt / model_->opt.timestep))),
        physics_(static_cast<size_t>(spec.physics_dim)) {}

  int control_steps() const override { return 1; }
  int batch_size() const override { return 1; }

  void reset(std::span<const contract::StartPoint> starts) override {
    const auto row = starts[0].episode->physics_state(starts[0].step);
    mj_resetData(model_, data_.get());
    mj_setState(model_, data_.get(), row.data(), mjSTATE_INTEGRATION);
    continuation_ = 1;
    read();
  }

  void step(std::span<const float> actions) override {
    if (continuation_ == 0) return;
    std::ranges::copy(actions, data_->ctrl);
    try {
      for (int i = 0; i < substeps_; ++i) mj_step(model_, data_.get());
    } catch (const sim::PhysicsError&) {
      continuation_ = 0;
    }
    for (const int warning : {mjWARN_BADQPOS, mjWARN_BADQVEL, mjWARN_BADQACC}) {
      if (data_->warning[warning].number > 0) continuation_ = 0;
    }
    if (continuation_ > 0) read();
  }

  std::span<const float> observations() const override { return observations_; }
  std::span<const float> rewards() const override { return {&zero_, 1}; }
  std::span<const float> continuation() const override { return {&continuation_, 1}; }
  std::span<const float> uncertainty() const override { return {&zero_, 1}; }
  std::span<const float> positions() const override {
    return std::span(observations_).first(static_cast<size_t>(model_->nq));
  }
  std::span<const float> velocities() const override {
    return std::span(observations_).last(static_cast<size_t>(model_->nv));
  }
  std::span<const float> latents() const override { return {}; }
  std::span<const double> physics_states() const override { return physics_; }
  std::span<const double> task_states() const override { return {}; }

  contract::Snapshot snapshot() const override {
    contract::Snapshot out{kKind, record_bytes(), {}};
    contract::append_numbers(out.records, physics_states());
    contract::append_numbers(out.records, continuation());
    return out;
  }
  void restore(const contract::Snapshot& snapshot) override {
    contract::check_snapshot(snapshot, kKind, record_bytes());
    std::span<const std::byte> record = snapshot.record(0);
    contract::take_numbers(record, std::span(physics_));
    contract::take_numbers(record, std::span(&continuation_, 1));
    mj_setState(model_, data_.get(), physics_.data(), mjSTATE_INTEGRATION);
    read();
  }

 private:
  static constexpr const char* kKind = "a bare model";

  size_t record_bytes() const { return sizeof(double) * physics_.size() + sizeof(float); }
  void read() {
    read_observation(model_, data_.get(), observations_);
    mj_getState(model_, data_.get(), physics_.data(), mjSTATE_INTEGRATION);
  }

  std::shared_ptr<const mjModel> owner_;
  const mjModel* model_;
  sim::DataPtr data_;
  int substeps_;
  float continuation_ = 1, zero_ = 0;
  std::vector<float> observations_;
  std::vector<double> physics_;
};

}  // namespace

contract::EnvSpec model_spec(const mjModel* model, const std::filesystem::path& path) {
  contract::EnvSpec spec;
  spec.task = path.string();
  spec.nq = static_cast<int>(model->nq);
  spec.nv = static_cast<int>(model->nv);
  spec.na = static_cast<int>(model->na);
  spec.observation_dim = spec.nq + spec.nv;
  spec.observation = {{"position", 0, spec.nq}, {"velocity", spec.nq, spec.nv}};
  spec.action_dim = static_cast<int>(model->nu);
  for (int i = 0; i < spec.action_dim; ++i) {
    const sim::ControlRange range = sim::control_range(model, i);
    spec.action_low.push_back(static_cast<float>(range.low));
    spec.action_high.push_back(static_cast<float>(range.high));
  }
  const double timestep = model->opt.timestep;
  spec.control_dt = timestep * std::max(1.0, std::round(kControlSeconds / timestep));
  spec.episode_steps = static_cast<int>(std::max(1.0, std::round(kModelEpisodeSeconds / spec.control_dt)));
  spec.physics_dim = static_cast<int>(mj_stateSize(model, mjSTATE_INTEGRATION));
  return spec;
}

std::unique_ptr<contract::World> make_model_world(std::shared_ptr<const mjModel> model,
                                                  const contract::EnvSpec& spec) {
  return std::make_unique<ModelWorld>(std::move(model), spec);
}

std::function<contract::Episode(uint64_t)> model_starts(const mjModel* model, const contract::EnvSpec& spec) {
  return [model, spec](uint64_t index) {
    contract::Episode episode = contract::make_episode(spec, 0, index);
    const sim::DataPtr data = sim::make_data(model);
    if (model->nkey > 0) mj_resetDataKeyframe(model, data.get(), 0);
    episode.physics.resize(static_cast<size_t>(spec.physics_dim));
    mj_getState(model, data.get(), episode.physics.data(), mjSTATE_INTEGRATION);
    read_observation(model, data.get(), episode.observations);
    return episode;
  };
}

}  // namespace reverie::viewer
