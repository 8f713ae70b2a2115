// Writes one learning update of a fresh model as safetensors: weights before, batch, noise, losses, weights
// after. bench/peers/check.py compares the PyTorch update with it.
//   dump_update FILE [key=value ...]
#include <torch/types.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/error.h"
#include "contract/rng.h"
#include "policies/learner.h"
#include "sim/task/task.h"
#include "tensor/tensor_io.h"
#include "training/presets.h"
#include "training/run.h"
#include "worldmodel/batch.h"

namespace {

using namespace reverie;

// Some sequences end early, some for good: masks and bootstraps differ.
worldmodel::Batch batch_of(const contract::EnvSpec& spec, int64_t horizon, int64_t size, contract::Rng& rng) {
  worldmodel::Batch batch;
  batch.observations = tensor::normal_tensor({horizon + 1, size, spec.observation_dim}, rng);
  batch.actions = tensor::normal_tensor({horizon, size, spec.action_dim}, rng).tanh();
  batch.rewards = tensor::normal_tensor({horizon, size}, rng);
  batch.terminated = torch::zeros({horizon, size});
  batch.terminated.slice(0, horizon - 1).slice(1, 0, size / 4).fill_(1.0);
  batch.mask = torch::ones({horizon, size});
  batch.mask.slice(0, horizon - 1).slice(1, size / 2, size / 2 + size / 8).fill_(0.0);
  batch.states = tensor::normal_tensor({horizon + 1, size, contract::state_feature_dim(spec)}, rng);
  return batch;
}

// The output layers of a fresh model are zero, which would hide half of the gradients.
void disturb(base::SafeTensors& weights, contract::Rng& rng) {
  for (auto& [name, tensor] : weights.tensors) {
    if (name.starts_with("probe.mean") || name.starts_with("probe.scale")) continue;
    auto* values = reinterpret_cast<float*>(tensor.data.data());
    for (size_t i = 0; i < tensor.data.size() / sizeof(float); ++i) {
      values[i] += static_cast<float>(rng.uniform(-0.02, 0.02));
    }
  }
}

void dump(const std::string& path, const std::vector<std::string>& settings) {
  const training::TrainConfig config = training::resolve_config({[&](training::TrainConfig& c) {
    for (const std::string& word : settings) training::apply_setting(c, word);
  }});
  const contract::EnvSpec spec = sim::Task::load(config.task)->spec();
  const policies::LearnerConfig& l = config.learner;
  contract::Rng rng(7, 0, contract::Stream::kReplay);
  const auto agent = training::make_agent(spec, config, 1, tensor::kCpu);
  base::SafeTensors out;
  base::SafeTensors weights = agent->weights();
  disturb(weights, rng);
  agent->load_weights(weights);
  for (const auto& [name, tensor] : agent->weights().tensors) out.tensors["before." + name] = tensor;

  const worldmodel::Batch batch = batch_of(spec, config.model.horizon, l.batch_size, rng);
  out.tensors["batch.observations"] = tensor::to_tensor_data(batch.observations);
  out.tensors["batch.actions"] = tensor::to_tensor_data(batch.actions);
  out.tensors["batch.rewards"] = tensor::to_tensor_data(batch.rewards);
  out.tensors["batch.terminated"] = tensor::to_tensor_data(batch.terminated);
  out.tensors["batch.mask"] = tensor::to_tensor_data(batch.mask);
  out.tensors["batch.states"] = tensor::to_tensor_data(batch.states);

  // The draws of the learner's first update: the model's and the actor's.
  contract::Rng model(1, 0, contract::Stream::kLearner, 0), actor(1, 1, contract::Stream::kLearner, 0);
  const int64_t rows = config.model.horizon * l.batch_size;
  out.tensors["noise.target"] = tensor::to_tensor_data(tensor::normal_tensor({rows, spec.action_dim}, model));
  out.tensors["noise.dream"] = tensor::to_tensor_data(
      tensor::normal_tensor({l.imagination_horizon + 1, l.imagination_batch, spec.action_dim}, actor));

  policies::Learner learner(agent, l, 1);
  for (const auto& [name, value] : learner.update(batch, true).values) {
    out.tensors["loss." + name] = base::make_tensor<double>(std::vector<double>{value}, {1});
  }
  for (const auto& [name, tensor] : agent->weights().tensors) out.tensors["after." + name] = tensor;
  for (const base::Field& field : fields(const_cast<training::TrainConfig&>(config))) {
    if (const auto* const* value = std::get_if<int64_t*>(&field.value)) {
      out.metadata[field.name] = std::to_string(**value);
    } else if (const auto* const* number = std::get_if<double*>(&field.value)) {
      out.metadata[field.name] = fmt::format("{}", **number);
    }
  }
  base::save_safetensors(path, out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: dump_update FILE [key=value ...]\n");
    return 2;
  }
  try {
    dump(argv[1], std::vector<std::string>(argv + 2, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  return 0;
}
