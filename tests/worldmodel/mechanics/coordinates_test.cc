// Coordinates: nothing is lost between observation, features and motion; steps keep circles and quaternions.
#include "worldmodel/mechanics/coordinates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <numbers>

#include "base/error.h"
#include "contract/rng.h"
#include "tensor/tensor_io.h"
#include "tests/worldmodel/mechanics/small_robots.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kRows = 20;

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

Motion random_motion(const contract::EnvSpec& spec, uint64_t seed) {
  const at::Tensor states = random_states(spec, kRows, seed);
  contract::Rng rng(seed, 1, contract::Stream::kReplay);
  return {states.slice(1, 0, spec.nq), states.slice(1, spec.nq),
          tensor::normal_tensor({kRows, Coordinates(spec).rest_size()}, rng)};
}

at::Tensor observed(const contract::EnvSpec& spec, const Motion& motion) {
  return Coordinates(spec).observations_of(
      motion, Kinematics(*spec.mechanics).move(motion.position, motion.velocity));
}

TEST(Coordinates, FeaturesAreThoseOfTheContract) {
  for (const contract::EnvSpec& spec : {leg(), floater()}) {
    const at::Tensor states = random_states(spec, kRows, 1);
    const Motion motion = random_motion(spec, 1);
    EXPECT_LT(largest(Coordinates(spec).features_of(motion) - features_of(spec, states)), 1e-6);
  }
}

TEST(Coordinates, MotionComesBackFromObservationAndFeatures) {
  for (const contract::EnvSpec& spec : {leg(), floater()}) {
    const Coordinates c(spec);
    const Motion motion = random_motion(spec, 2);
    const Motion back = c.motion_of(observed(spec, motion), c.features_of(motion));
    EXPECT_LT(largest(c.difference(motion.position, back.position)), 1e-5);
    EXPECT_LT(largest(back.velocity - motion.velocity), 1e-6);
    EXPECT_EQ((back.rest - motion.rest).abs().sum().item<double>(), 0.0);
  }
}

TEST(Coordinates, ObservationsAreWhatTheirSourcesSay) {
  const contract::EnvSpec spec = leg();
  const Motion motion = random_motion(spec, 3);
  const at::Tensor o = observed(spec, motion);
  const auto q = [&](int64_t i) { return motion.position.select(1, i); };
  EXPECT_LT(largest(o.select(1, 0) - (q(1) + 1.0)), 1e-6);
  EXPECT_LT(largest(o.select(1, 1) - 2.0 * q(2).sin()), 1e-6);
  EXPECT_LT(largest(o.select(1, 3) - (0.5 - motion.velocity.select(1, 3))), 1e-6);
  EXPECT_LT(largest(o.select(1, 4) - (1.0 + q(1) - 0.5 * q(2).cos())), 1e-5);  // the knee under the hip
  EXPECT_EQ(largest(o.select(1, 5) - motion.rest.select(1, 0)), 0.0);
}

TEST(Coordinates, AnAngleThatIsSeenWholeKeepsItsTurns) {
  contract::EnvSpec spec = leg();
  auto mechanics = std::make_shared<contract::Mechanics>(*spec.mechanics);
  mechanics->observation[1] = {contract::ObservationSource::Kind::kPosition, 2, 2.0, 1.0};
  spec.mechanics = mechanics;
  Motion motion = random_motion(spec, 4);
  motion.position.select(1, 2).add_(6.0 * std::numbers::pi);
  const Coordinates c(spec);
  const Motion back = c.motion_of(observed(spec, motion), c.features_of(motion));
  EXPECT_LT(largest(back.position - motion.position), 1e-4);
}

TEST(Coordinates, IgnoredPositionsAreApart) {
  const contract::EnvSpec spec = leg();
  const Coordinates c(spec);
  const at::Tensor features = c.features_of(random_motion(spec, 5));
  EXPECT_EQ(c.kept_size(), features.size(1) - 1);
  EXPECT_EQ(largest(c.ignored(features).select(1, 0) - features.select(1, 0)), 0.0);
  EXPECT_EQ(largest(c.joined(c.kept(features), c.ignored(features)) - features), 0.0);
  EXPECT_FALSE(c.bounded()[0]);  // ignored
  EXPECT_FALSE(c.bounded()[2]);  // a circle
  EXPECT_TRUE(c.bounded()[3]);
}

TEST(Coordinates, ADifferenceMovesOnePositionToTheOther) {
  for (const contract::EnvSpec& spec : {leg(), floater()}) {
    const Coordinates c(spec);
    contract::Rng rng(6, 0, contract::Stream::kReplay);
    const at::Tensor from = random_motion(spec, 6).position;
    const at::Tensor delta = 0.5 * tensor::normal_tensor({kRows, spec.nv}, rng);
    const at::Tensor to = c.moved(from, delta);
    EXPECT_LT(largest(c.difference(from, to) - delta), 1e-3);
    EXPECT_LT(largest(c.difference(from, from)), 1e-5);
  }
}

TEST(Coordinates, ACircleIsCrossedTheShortWay) {
  const contract::EnvSpec spec = leg();
  at::Tensor from = torch::zeros({1, 4}), to = torch::zeros({1, 4});
  from.select(1, 2).fill_(3.1);
  to.select(1, 2).fill_(-3.1);
  const double step = Coordinates(spec).difference(from, to).select(1, 2).item<double>();
  EXPECT_NEAR(step, 2.0 * std::numbers::pi - 6.2, 1e-5);
}

TEST(Coordinates, QuaternionsStayOfLengthOneForThousandsOfSteps) {
  const contract::EnvSpec spec = floater();
  const Coordinates c(spec);
  at::Tensor q = random_motion(spec, 7).position;
  contract::Rng rng(7, 0, contract::Stream::kReplay);
  for (int k = 0; k < 2000; ++k) q = c.moved(q, 0.1 * tensor::normal_tensor({kRows, spec.nv}, rng));
  for (const int64_t begin : {3, 7})
    EXPECT_LT(largest(q.slice(1, begin, begin + 4).square().sum(1) - 1.0), 1e-5);
}

TEST(Coordinates, MechanicsMustBeKnown) {
  contract::EnvSpec spec = leg();
  spec.mechanics = nullptr;
  EXPECT_THAT([&] { Coordinates{spec}; },
              testing::ThrowsMessage<base::UserError>(testing::HasSubstr("mechanics of test/robot")));
}

}  // namespace
}  // namespace reverie::worldmodel
