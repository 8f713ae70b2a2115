#include "interop/torchscript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/types.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <tuple>
#include <vector>

#include "base/temporary_directory.h"
#include "contract/env_spec.h"
#include "interop/graph.h"
#include "interop/model_graphs.h"
#include "policies/agent.h"
#include "policies/model_functions.h"
#include "sim/task/task.h"
#include "tensor/tensor_io.h"

namespace reverie::interop {
namespace {

using Kind = std::tuple<const char*, const char*>;  // and a task

// What is written is loaded by LibTorch's own reader and compared with the agent.
class WrittenAgent : public testing::TestWithParam<Kind> {
 protected:
  WrittenAgent() {
    config.kind = std::get<0>(GetParam());
    agent = std::make_shared<policies::Agent>(task->spec(), config, policies::LearnerConfig{}, kRepeat, 3,
                                              tensor::Device{});
    const at::Tensor seen = at::linspace(-1.0, 1.0, kRows * task->spec().observation_dim, torch::kFloat32);
    observations = seen.reshape({kRows, task->spec().observation_dim});
    actions = at::linspace(-1.0, 1.0, kRows * task->spec().action_dim, torch::kFloat32)
                  .reshape({kRows, task->spec().action_dim});
    weights = agent->weights();
  }

  torch::jit::Module written(const std::vector<Graph>& graphs) const {
    write_torchscript(graphs, {{"task", "\"x\""}}, folder.path() / "module.pt");
    return torch::jit::load((folder.path() / "module.pt").string());
  }
  static std::vector<float> numbers(const at::Tensor& tensor) {
    std::vector<float> out(static_cast<size_t>(tensor.numel()));
    tensor::copy_to(tensor, out);
    return out;
  }
  static void expect_near(const at::Tensor& found, const std::vector<float>& expected, float within = 1e-5F) {
    EXPECT_THAT(numbers(found), testing::Pointwise(testing::FloatNear(within), expected));
  }

  // Of encode: states beside the observations where the kind reads them.
  std::vector<c10::IValue> inputs() const {
    if (!agent->reads_states()) return {observations};
    return {observations, positions(), velocities()};
  }
  // Near the ground, at angles of every size.
  at::Tensor positions() const {
    return at::linspace(-0.3, 0.4, kRows * task->spec().nq, torch::kFloat32)
        .reshape({kRows, task->spec().nq});
  }
  at::Tensor velocities() const {
    return at::linspace(2.0, -3.0, kRows * task->spec().nv, torch::kFloat32)
        .reshape({kRows, task->spec().nv});
  }
  std::vector<float> features() const {
    std::vector<float> out, row(static_cast<size_t>(contract::state_feature_dim(task->spec())));
    if (!agent->reads_states()) return out;
    const at::Tensor states = at::cat({positions(), velocities()}, 1).to(torch::kFloat64).contiguous();
    const auto width = static_cast<size_t>(states.size(1));
    for (size_t n = 0; n < static_cast<size_t>(kRows); ++n) {
      contract::state_to_features(task->spec(), {states.const_data_ptr<double>() + n * width, width}, row);
      out.insert(out.end(), row.begin(), row.end());
    }
    return out;
  }

  static constexpr int64_t kRows = 7;
  static constexpr int kRepeat = 2;
  std::shared_ptr<const sim::Task> task = sim::Task::load(std::get<1>(GetParam()));
  worldmodel::ModelConfig config;
  std::shared_ptr<policies::Agent> agent;
  at::Tensor observations, actions;
  base::SafeTensors weights;
  base::TemporaryDirectory folder;
};

TEST_P(WrittenAgent, ActsAsTheAgent) {
  torch::jit::Module policy = written({policy_graph({task->spec(), config, weights})});
  std::vector<float> expected(static_cast<size_t>(kRows * task->spec().action_dim));
  agent->act(numbers(observations), expected);
  expect_near(policy.forward({observations}).toTensor(), expected);
}

TEST_P(WrittenAgent, DreamsAsTheAgent) {
  const policies::ModelFunctions ours(agent);
  torch::jit::Module model = written(world_model_graphs({task->spec(), config, weights, kRepeat}));
  const at::Tensor latents = model.get_method("encode")(inputs()).toTensor();
  expect_near(latents, ours.encode(numbers(observations), features()));
  std::vector<float> uncertainty(kRows);
  const std::vector<float> next = ours.step(numbers(latents), numbers(actions), uncertainty);
  const auto stepped = model.get_method("step")({latents, actions}).toTuple();
  expect_near(stepped->elements()[0].toTensor(), next);
  expect_near(stepped->elements()[1].toTensor(), uncertainty);
  expect_near(model.get_method("reward")({latents, actions}).toTensor(),
              ours.reward(numbers(latents), numbers(actions)),
              1e-4F);  // bins that cancel: a head that has not learned
  if (task->spec().has_termination)
    expect_near(model.get_method("continuation")({latents, actions}).toTensor(),
                ours.continuation(numbers(latents), numbers(actions)));
  const auto o = static_cast<int64_t>(task->spec().observation_dim);
  const at::Tensor known = tensor::tensor_from(ours.decode(next), {kRows, ours.known_width()});
  expect_near(model.get_method("decode")({stepped->elements()[0]}).toTensor(),
              numbers(known.slice(1, 0, o).contiguous()), 1e-4F);
}

// Mechanics with joint stops and a ground, with angles that go round, and with free bodies.
INSTANTIATE_TEST_SUITE_P(
    Kinds, WrittenAgent,
    testing::Values(Kind("joint_embedding", "gym/hopper"), Kind("grounded", "gym/hopper"),
                    Kind("mechanics", "gym/hopper"), Kind("mechanics", "dmc/cartpole-swingup"),
                    Kind("mechanics", "dmc/finger-spin"), Kind("mechanics", "dmc/quadruped-walk"),
                    Kind("mechanics", "dmc/humanoid-stand")),
    [](const auto& kind) {
      std::string name = std::string(std::get<0>(kind.param)) + "_" + std::get<1>(kind.param);
      std::ranges::replace_if(
          name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

TEST(Graph, ReadsAsOneOperationALine) {
  Graph graph("double");
  const Value x = graph.input("x", 2);
  graph.output("y", graph.combine(Op::kMul, x, graph.constant(2.0F)));
  EXPECT_EQ(graph_text(graph), "h0 = mul(x, number 2)\ny = h0\n");
}

}  // namespace
}  // namespace reverie::interop
