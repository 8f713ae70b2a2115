// The list of products must be that of the learner's own networks.
#include "bench/update_products.h"

#include <gtest/gtest.h>

#include "policies/agent_impl.h"

namespace reverie::bench {
namespace {

contract::EnvSpec walker_like(bool has_termination) {
  contract::EnvSpec spec;
  spec.task = "test";
  spec.observation_dim = 24;
  spec.action_dim = 6;
  spec.action_low.assign(6, -1.0f);
  spec.action_high.assign(6, 1.0f);
  spec.observation = {{"all", 0, 24}};
  spec.nq = spec.nv = 9;
  spec.circular = {2};
  spec.has_termination = has_termination;
  return spec;
}

// Every weight that the learner trains appears in the list exactly once with a weight gradient, so its
// entries summed over the layers are those of the networks.
TEST(UpdateProducts, TrainsTheWeightsOfTheNetworks) {
  for (const auto& [kind, has_termination] :
       {std::pair("joint_embedding", false), {"joint_embedding", true}, {"grounded", true}}) {
    const contract::EnvSpec spec = walker_like(has_termination);
    worldmodel::ModelConfig model;
    model.kind = kind;
    model.dynamics_heads = 3;
    model.probe_dim = 96;
    policies::LearnerConfig learner;
    learner.critics = 4;
    int64_t listed = 0, multiplied = 0;
    for (const UpdateProducts& p : products_of_update(spec, model, learner)) {
      if (p.weight_gradient == 0.0) continue;
      // How often one weight is trained: a horizon of steps, the actor in every imagined state, the probe.
      listed += p.in * p.out;
      multiplied += static_cast<int64_t>(2.0 * p.weight_gradient) * p.in * p.out;
    }
    policies::Agent agent(spec, model, learner, 2, 1, tensor::kCpu);
    int64_t single = 0, weighted = 0;
    policies::visit_all(agent.impl(), [&](const std::string& name, at::Tensor& t) {
      if (!name.ends_with("weight") || name.starts_with("target_critic") || name.starts_with("average_actor"))
        return;
      const int64_t matrix = t.size(-1) * t.size(-2), members = t.numel() / matrix;
      int64_t half_times = 2;
      if (name.starts_with("model.dynamics") || name.starts_with("model.products"))
        half_times *= model.horizon;
      if (name.starts_with("actor")) half_times *= learner.imagination_horizon + 1;
      if (name.starts_with("probe")) half_times = 1;
      single += matrix;
      weighted += half_times * members * matrix;
    });
    EXPECT_EQ(listed, single);
    EXPECT_EQ(multiplied, weighted);
  }
}

TEST(UpdateProducts, WorkGrowsWithTheBatchAndTheDream) {
  const contract::EnvSpec spec = walker_like(false);
  worldmodel::ModelConfig model;
  model.kind = "joint_embedding";
  const auto flops = [&](const policies::LearnerConfig& learner) {
    double sum = 0.0;
    for (const UpdateProducts& p : products_of_update(spec, model, learner)) sum += p.flops();
    return sum;
  };
  policies::LearnerConfig once, twice, deeper;
  twice.batch_size *= 2;
  twice.imagination_batch *= 2;
  deeper.imagination_horizon += 1;
  EXPECT_DOUBLE_EQ(flops(twice), 2.0 * flops(once));
  // One more imagined decision: actor forward and twice back, reward and two dynamics heads forward and back.
  const double rows = static_cast<double>(once.imagination_batch);
  const auto bins = static_cast<double>(model.bins);
  const double actor = 64 * 128 + 128 * 128 + 128 * 12, reward = 70 * 128 + 128 * 128 + 128 * bins,
               dynamics = 70 * 128 + 128 * 128 + 128 * 64;
  EXPECT_DOUBLE_EQ(flops(deeper) - flops(once), 2.0 * rows * (3 * actor + 2 * reward + 2 * 2 * dynamics));
}

}  // namespace
}  // namespace reverie::bench
