// Ten learning updates against numbers of a program that shares no code with this one:
// tests/oracles/ten_updates.py. Weights and batches are the same formulas on both sides, the noise is drawn
// from the same keys.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <variant>

#include "policies/learner.h"
#include "tensor/device.h"
#include "tensor/tensor_io.h"
#include "worldmodel/batch.h"

namespace reverie::policies {
namespace {

constexpr int64_t kObservation = 3, kAction = 2, kState = 2;

contract::EnvSpec spec_of_oracle() {
  contract::EnvSpec spec;
  spec.observation_dim = kObservation;
  spec.action_dim = kAction;
  spec.action_low = {-1.0F, -1.0F};
  spec.action_high = {1.0F, 1.0F};
  spec.nq = spec.nv = 1;
  spec.episode_steps = 10;
  return spec;
}

std::vector<double> filled(size_t count, double phase) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = std::sin(0.37 * std::pow(static_cast<double>(i + 1), 1.5) + phase);
  return values;
}

at::Tensor filled_tensor(const std::vector<int64_t>& shape, double scale, double phase) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return (scale * at::tensor(filled(static_cast<size_t>(count), phase))).to(at::kFloat).reshape(shape);
}

// By kind and place among the sorted names.
void fill_weights(Agent& agent) {
  base::SafeTensors weights = agent.weights();
  double place = 0.0;
  for (auto& [name, tensor] : weights.tensors) {
    const std::string kind = name.substr(name.rfind('.') + 1);
    std::vector<double> values = filled(tensor.data.size() / sizeof(float), place++);
    for (double& value : values) {
      if (kind == "weight") {
        value *= std::pow(static_cast<double>(tensor.shape.back()), -0.5);
      } else {
        value = kind == "gamma" || kind == "scale" ? 1.0 + 0.2 * value : 0.1 * value;
      }
    }
    const std::vector<float> rounded(values.begin(), values.end());
    tensor = base::make_tensor<float>(rounded, tensor.shape);
  }
  agent.load_weights(weights);
}

worldmodel::Batch batch_of(int64_t update, int64_t h, int64_t b) {
  const auto phase = static_cast<double>(update);
  worldmodel::Batch batch;
  batch.observations = filled_tensor({h + 1, b, kObservation}, 2.0, phase);
  batch.actions = filled_tensor({h, b, kAction}, 0.9, phase + 0.3);
  batch.rewards = filled_tensor({h, b}, 3.0, phase + 0.6);
  batch.terminated = torch::zeros({h, b});
  batch.terminated.slice(0, h - 1).slice(1, 0, b / 4).fill_(1.0);
  batch.mask = torch::ones({h, b});
  batch.mask.slice(0, h - 1).slice(1, b / 2, b / 2 + 2).fill_(0.0);
  batch.states = filled_tensor({h + 1, b, kState}, 1.0, phase + 0.9);
  return batch;
}

// Settings that are not in the file keep their defaults: a new one must be neutral by
// default or get its number.
void set_all(const std::vector<base::Field>& fields, const nlohmann::json& settings) {
  for (const base::Field& field : fields) {
    if (!settings.contains(field.name)) continue;
    if (auto* const* value = std::get_if<int64_t*>(&field.value)) **value = settings[field.name];
    if (auto* const* value = std::get_if<double*>(&field.value)) **value = settings[field.name];
  }
}

void expect_recorded_numbers(tensor::Device device) {
  const nlohmann::json recorded = nlohmann::json::parse(std::ifstream(REVERIE_TEST_DATA "/ten_updates.json"));
  tensor::set_learner_threads(1);
  worldmodel::ModelConfig model;
  model.kind = "joint_embedding";
  LearnerConfig config;
  set_all(fields(model, "model."), recorded["settings"]);
  set_all(fields(config, "learner."), recorded["settings"]);
  const auto agent = std::make_shared<Agent>(spec_of_oracle(), model, config, 2, 1, device);
  fill_weights(*agent);
  Learner learner(agent, config, 1);
  ASSERT_EQ(recorded["updates"].size(), 10U);
  for (int64_t u = 0; u < 10; ++u) {
    const UpdateStats stats = learner.update(batch_of(u, model.horizon, config.batch_size), true);
    ASSERT_FALSE(stats.skipped);
    const nlohmann::json& expected = recorded["updates"][u];
    EXPECT_EQ(stats.values.size(), expected.size());
    for (const auto& [name, value] : stats.values) {
      ASSERT_TRUE(expected.contains(name)) << name;
      const double wanted = expected[name];
      // The entropy passes through 0; everything else has a size of its own.
      const double size = name == "actor/entropy" ? std::max(1.0, std::abs(wanted)) : std::abs(wanted);
      EXPECT_NEAR(value, wanted, 1e-4 * size) << name << " of update " << u;
    }
  }
}

TEST(TenUpdates, EqualRecordedNumbers) { expect_recorded_numbers(tensor::kCpu); }

TEST(TenUpdates, EqualRecordedNumbersOnCuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  expect_recorded_numbers(tensor::resolve_device("cuda"));
}

}  // namespace
}  // namespace reverie::policies
