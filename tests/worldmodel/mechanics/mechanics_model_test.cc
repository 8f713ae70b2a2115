// The mechanical model: what it keeps, what a new standardisation changes, what it can learn.
#include "worldmodel/mechanics/mechanics_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "base/error.h"
#include "contract/rng.h"
#include "tensor/flat_optimizer.h"
#include "tensor/tensor_io.h"
#include "tests/worldmodel/mechanics/small_robots.h"
#include "worldmodel/mechanics/mechanical.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kRows = 60;
constexpr int kRepeat = 2;

ModelConfig small_config() {
  ModelConfig config;
  config.kind = "mechanics";
  config.latent_dim = 16;
  config.encoder_dim = config.hidden_dim = 32;
  return config;
}

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

// Rows [N, O+F] of a leg, and what follows on them after a control step of a simple law of motion under `a` [N, 2]: the
// knee is pushed by the first action, and its stop pushes back; everything else goes on.
struct Legs {
  contract::EnvSpec spec = leg();
  MechanicsInputs inputs{spec};

  at::Tensor row_of(const Motion& motion) const {
    return at::cat({inputs.coordinates().observations_of(motion, inputs.bodies(motion)),
                    inputs.coordinates().features_of(motion)},
                   1);
  }
  Motion start(uint64_t seed, int64_t rows = kRows) const {
    const at::Tensor states = random_states(spec, rows, seed);
    return {states.slice(1, 0, 4), states.slice(1, 4), torch::zeros({rows, 1})};
  }
  Motion next(const Motion& motion, const at::Tensor& a) const {
    const at::Tensor stop = at::relu(motion.position.select(1, 3) - 1.5);
    at::Tensor pushed = torch::zeros_like(motion.velocity);
    pushed.select(1, 3).copy_(0.3 * a.select(1, 0) - 0.5 * stop);
    Motion out;
    out.velocity = motion.velocity + pushed;
    out.position = inputs.coordinates().moved(motion.position, 0.01 * (motion.velocity + out.velocity));
    out.rest = 0.9 * motion.rest + 0.1 * a.slice(1, 1, 2);
    return out;
  }
  at::Tensor actions(uint64_t seed, int64_t rows = kRows) const {
    contract::Rng rng(seed, 2, contract::Stream::kReplay);
    return tensor::normal_tensor({rows, 2}, rng).tanh();
  }
  ObservationStatistics statistics(uint64_t seed, double scale) const {
    Motion from = start(seed, 500);
    from.velocity = from.velocity * scale;
    ObservationStatistics out;
    out.rows = row_of(from);
    out.next = row_of(next(from, actions(seed, 500)));
    return out;
  }
  std::unique_ptr<LatentModel> model() const {
    contract::Rng rng(1, 0, contract::Stream::kInit);
    return make_mechanics_model(spec, kRepeat, small_config(), rng);
  }
  History history(const at::Tensor& rows) const {
    const int64_t o = spec.observation_dim;
    return {.observations = rows.slice(1, 0, o).unsqueeze(0),
            .actions = {},
            .known = {},
            .states = rows.slice(1, o).unsqueeze(0)};
  }
  // One decision of a batch, as training makes it.
  Batch batch(uint64_t seed) const {
    const int64_t o = spec.observation_dim;
    Batch out;
    out.actions = actions(seed).unsqueeze(0);
    const Motion from = start(seed), middle = next(from, out.actions[0]), to = next(middle, out.actions[0]);
    const at::Tensor ends = at::stack({row_of(from), row_of(to)});
    out.observations = ends.slice(2, 0, o).contiguous();
    out.states = ends.slice(2, o).contiguous();
    out.between = row_of(middle).unsqueeze(0).unsqueeze(0);
    out.rewards = to.velocity.select(1, 3).unsqueeze(0).contiguous();
    out.terminated = torch::zeros({1, kRows});
    out.mask = torch::ones({1, kRows});
    return out;
  }
};

TEST(Mechanics, StateHoldsTheObservationAndWhereTheRobotIs) {
  const Legs legs;
  const auto model = legs.model();
  model->set_statistics(legs.statistics(2, 1.0));
  const at::Tensor rows = legs.row_of(legs.start(3));
  const LatentState state = model->start(legs.history(rows));
  EXPECT_EQ(state.features.size(1), model->feature_dim());
  EXPECT_EQ(model->memory_dim(), 1);
  EXPECT_LT(largest(model->observation(state) - rows.slice(1, 0, 6)), 1e-4);
}

TEST(Mechanics, WhatTheActorSeesFollowsFromTheObservation) {
  const Legs legs;
  const auto model = legs.model();
  const at::Tensor rows = legs.row_of(legs.start(3));
  History history = legs.history(rows);
  const at::Tensor seen = model->start(history).features.slice(1, 0, model->seen_dim());
  history.states = at::Tensor();
  EXPECT_EQ(largest(model->seen(history) - seen), 0.0);
  EXPECT_THAT([&] { model->start(history); },
              testing::ThrowsMessage<base::UserError>(testing::HasSubstr("positions and velocities")));
}

// A new model predicts little, so a step moves positions along the velocities.
TEST(Mechanics, PositionsFollowVelocities) {
  at::NoGradGuard no_grad;
  const Legs legs;
  const auto model = legs.model();
  model->set_statistics(legs.statistics(2, 1.0));
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    if (name.starts_with("dynamics.change") || name.starts_with("dynamics.skip")) t.zero_();
  });
  const Motion from = legs.start(4);
  const LatentState next =
      model->step(model->start(legs.history(legs.row_of(from))), legs.actions(4), false).state;
  const at::Tensor o = model->observation(next);
  EXPECT_LT(largest(o.select(1, 2) - (from.position + 0.04 * from.velocity).select(1, 3)), 0.35);
  const at::Tensor moved = (from.position + 0.04 * from.velocity).select(1, 0);  // x is remembered
  EXPECT_LT(largest(next.memory.select(1, 0) - moved), 1e-4);
}

TEST(Mechanics, AnIgnoredPositionChangesNothingElse) {
  at::NoGradGuard no_grad;
  const Legs legs;
  const auto model = legs.model();
  Motion here = legs.start(5);
  const LatentState a = model->start(legs.history(legs.row_of(here)));
  here.position = here.position.clone();
  here.position.select(1, 0).add_(100.0);
  const LatentState b = model->start(legs.history(legs.row_of(here)));
  EXPECT_EQ(largest(a.features - b.features), 0.0);
  const at::Tensor next = model->step(a, legs.actions(5), false).state.features;
  EXPECT_LT(largest(next - model->step(b, legs.actions(5), false).state.features), 1e-6);
}

// The same prediction of observation, reward and continuation from the same state, in other units.
TEST(Mechanics, ANewStandardisationChangesNoPrediction) {
  at::NoGradGuard no_grad;
  Legs legs;
  legs.spec.has_termination = true;
  const auto model = legs.model();
  EXPECT_FALSE(model->set_statistics(legs.statistics(2, 3.0)).scale.defined());
  contract::Rng rng(4, 0, contract::Stream::kInit);
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    if (name.find("out.weight") != std::string::npos)
      t.copy_(0.3 * tensor::normal_tensor(t.sizes().vec(), rng));
  });
  Motion from = legs.start(6);
  from.position = 0.3 * from.position;
  from.velocity = 0.3 * from.velocity;
  const at::Tensor rows = legs.row_of(from);
  const auto predicted = [&] {
    const LatentState state = model->start(legs.history(rows));
    const LatentStep next = model->step(state, legs.actions(6), true);
    return std::vector{model->observation(next.state), model->reward(state, legs.actions(6)),
                       model->continuation(state, legs.actions(6)), next.uncertainty};
  };
  const std::vector<at::Tensor> before = predicted();
  const at::Tensor old = model->start(legs.history(rows)).features;
  const FeatureChange change = model->set_statistics(legs.statistics(7, 4.0));
  const std::vector<at::Tensor> after = predicted();
  for (size_t i = 0; i < before.size(); ++i) EXPECT_LT(largest(before[i] - after[i]), 2e-4) << i;
  at::Tensor weight = tensor::normal_tensor({5, old.size(1)}, rng), bias = tensor::normal_tensor({5}, rng);
  const at::Tensor wanted = at::linear(old, weight, bias);
  apply(change, weight, bias);
  const at::Tensor features = model->start(legs.history(rows)).features;
  EXPECT_GT(largest(old - features), 0.01);
  EXPECT_LT(largest(at::linear(features, weight, bias) - wanted), 1e-3);
}

TEST(Mechanics, PredictionsStayWithinTheDataWidenedByATenth) {
  at::NoGradGuard no_grad;
  const Legs legs;
  const auto model = legs.model();
  const ObservationStatistics statistics = legs.statistics(2, 1.0);
  model->set_statistics(statistics);
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    if (name == "dynamics.change.bias") t.fill_(1e4);
  });
  const at::Tensor o = model->observation(
      model->step(model->start(legs.history(statistics.rows.slice(0, 0, 9))), legs.actions(1, 9), false)
          .state);
  const at::Tensor speed = statistics.rows.select(1, 3);  // 0.5 - the knee's speed: the lowest is the fastest
  const double low = speed.min().item<double>(), high = speed.max().item<double>();
  EXPECT_NEAR(o.select(1, 3).max().item<double>(), low - 0.1 * (high - low), 1e-3);
}

TEST(Mechanics, FrozenFollowsWeightsAndStatistics) {
  at::NoGradGuard no_grad;
  const Legs legs;
  const auto model = legs.model();
  const auto frozen = model->frozen();
  model->set_statistics(legs.statistics(2, 1.0));
  model->visit("", [](const std::string&, at::Tensor& t) { t.mul_(1.1); });
  const History history = legs.history(legs.row_of(legs.start(3)));
  const at::Tensor next = model->step(model->start(history), legs.actions(3), false).state.features;
  EXPECT_EQ(largest(next - frozen->step(frozen->start(history), legs.actions(3), false).state.features), 0.0);
}

TEST(Mechanics, EveryParameterLearnsFromSomeLoss) {
  const Legs legs;
  const auto model = legs.model();
  model->set_statistics(legs.statistics(2, 1.0));
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  model->visit("", [&](const std::string& name, at::Tensor& t) {
    t.requires_grad_(true);
    parameters.emplace_back(name, t);
  });
  const Batch batch = legs.batch(8);
  at::Tensor sum;
  for (const Loss& loss : model->unroll(batch, torch::full({1, kRows}, 1.0 / kRows)).losses)
    sum = sum.defined() ? sum + loss.value : loss.value;
  sum.backward();
  for (const auto& [name, t] : parameters) {
    if (name == "reward.0.weight" || name.starts_with("reward.0") || name.starts_with("reward.1")) continue;
    ASSERT_TRUE(t.grad().defined()) << name;
    EXPECT_GT(largest(t.grad()), 0.0) << name;
  }
}

// What is recorded inside the decision counts: another row there is another loss.
TEST(Mechanics, ControlStepsInsideADecisionAreLearned) {
  const Legs legs;
  const auto model = legs.model();
  model->set_statistics(legs.statistics(2, 1.0));
  Batch batch = legs.batch(8);
  const at::Tensor weights = torch::full({1, kRows}, 1.0 / kRows);
  const double before = model->unroll(batch, weights).losses[0].value.item<double>();
  batch.between = batch.between + 0.5;
  EXPECT_GT(std::abs(model->unroll(batch, weights).losses[0].value.item<double>() - before), 1e-3);
}

TEST(Mechanics, LearnsALawOfMotionWithAStop) {
  const Legs legs;
  const auto model = legs.model();
  model->set_statistics(legs.statistics(2, 1.0));
  std::vector<tensor::FlatSegment> segments;
  model->visit("", [&](const std::string&, at::Tensor& t) {
    t.requires_grad_(true);
    segments.push_back({t, 1.0});
  });
  tensor::AdamConfig adam;
  adam.rate = 2e-3;
  tensor::FlatAdam optimizer(segments, adam);
  const auto error = [&] {
    at::NoGradGuard no_grad;
    return model->unroll(legs.batch(99), torch::full({1, kRows}, 1.0 / kRows)).losses[0].value.item<double>();
  };
  const double before = error();
  for (uint64_t k = 0; k < 300; ++k) {
    optimizer.zero_gradients();
    at::Tensor sum;
    for (const Loss& loss : model->unroll(legs.batch(100 + k), torch::full({1, kRows}, 1.0 / kRows)).losses)
      sum = sum.defined() ? sum + loss.value : loss.value;
    sum.backward();
    optimizer.step();
  }
  EXPECT_LT(error(), 0.35 * before);
}

}  // namespace
}  // namespace reverie::worldmodel
