#include "interop/torchscript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/types.h>

#include <vector>

#include "base/temporary_directory.h"
#include "interop/graph.h"
#include "interop/model_graphs.h"
#include "policies/agent.h"
#include "policies/model_functions.h"
#include "sim/task/task.h"
#include "tensor/tensor_io.h"

namespace reverie::interop {
namespace {

using Kind = const char*;

// What is written is loaded by LibTorch's own reader and compared with the agent.
class WrittenAgent : public testing::TestWithParam<Kind> {
 protected:
  WrittenAgent() {
    config.kind = GetParam();
    agent = std::make_shared<policies::Agent>(task->spec(), config, policies::LearnerConfig{}, 2, 3,
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

  static constexpr int64_t kRows = 7;
  std::shared_ptr<const sim::Task> task = sim::Task::load("gym/hopper");
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
  if (agent->reads_states()) GTEST_SKIP() << "no network";
  const policies::ModelFunctions ours(agent);
  torch::jit::Module model = written(world_model_graphs({task->spec(), config, weights}));
  const at::Tensor latents = model.get_method("encode")({observations}).toTensor();
  expect_near(latents, ours.encode(numbers(observations), {}));
  std::vector<float> uncertainty(kRows);
  const std::vector<float> next = ours.step(numbers(latents), numbers(actions), uncertainty);
  const auto stepped = model.get_method("step")({latents, actions}).toTuple();
  expect_near(stepped->elements()[0].toTensor(), next);
  expect_near(stepped->elements()[1].toTensor(), uncertainty);
  expect_near(model.get_method("reward")({latents, actions}).toTensor(),
              ours.reward(numbers(latents), numbers(actions)),
              1e-4F);  // bins that cancel: a head that has not learned
  expect_near(model.get_method("continuation")({latents, actions}).toTensor(),
              ours.continuation(numbers(latents), numbers(actions)));
  const auto o = static_cast<int64_t>(task->spec().observation_dim);
  const at::Tensor known = tensor::tensor_from(ours.decode(next), {kRows, ours.known_width()});
  expect_near(model.get_method("decode")({stepped->elements()[0]}).toTensor(),
              numbers(known.slice(1, 0, o).contiguous()), 1e-4F);
}

INSTANTIATE_TEST_SUITE_P(Kinds, WrittenAgent, testing::Values("joint_embedding", "grounded", "mechanics"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(Graph, ReadsAsOneOperationALine) {
  Graph graph("double");
  const Value x = graph.input("x", 2);
  graph.output("y", graph.combine(Op::kMul, x, graph.constant(2.0F)));
  EXPECT_EQ(graph_text(graph), "h0 = mul(x, number 2)\ny = h0\n");
}

}  // namespace
}  // namespace reverie::interop
