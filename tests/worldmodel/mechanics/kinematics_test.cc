// Forward kinematics against MuJoCo's own, gradients against differences of MuJoCo's.
#include "worldmodel/mechanics/kinematics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "sim/mechanics/kinematics.h"

namespace reverie::worldmodel {
namespace {

using at::Tensor;
using testing::HasSubstr;

// Two trees: a fixed arm with offset anchors, references, several joints a body and a ball, and a free body with children.
constexpr char kMixed[] = R"(<mujoco><compiler angle="radian"/><worldbody>
  <body name="root" pos="0.1 -0.2 0.3" quat="0.8 0.1 -0.5 0.3">
    <joint type="slide" axis="1 2 0" ref="0.4" pos="0.3 0 0"/><joint type="hinge" axis="0 1 1" pos="0.2 0.1 -0.3"/>
    <joint type="slide" axis="0 0 1"/><joint type="hinge" axis="1 0 0.2" pos="-0.1 0.4 0" ref="0.7"/><geom size="0.1"/>
    <body name="socket" pos="0 0.5 0.2" quat="0.3 -0.4 0.2 0.9"><joint type="slide" axis="0 1 0"/>
      <joint type="ball" pos="0.1 0.2 -0.1"/><geom size="0.1"/>
      <body name="welded" pos="0.2 0 0.1" euler="0.2 0.4 -0.3"><geom size="0.1"/>
        <body name="tip" pos="0 0 -0.4"><joint type="hinge" axis="0 -1 0"/><geom size="0.1"/></body></body>
      <body name="knee"><joint type="hinge" axis="0.6 0 -0.8" pos="0 0 0.25" ref="-0.2"/><geom size="0.1"/></body></body>
  </body>
  <body name="flying" pos="0 0 1" quat="0.7 0.7 0 0"><freejoint/><geom size="0.1"/>
    <body name="leg" pos="0.3 0.1 -0.2"><joint type="ball"/><geom size="0.1"/>
      <body name="foot" pos="0 0 -0.5"><joint type="hinge" axis="0 1 0" pos="0.05 0 0.02"/><geom size="0.1"/></body></body>
  </body>
</worldbody></mujoco>)";

struct Deleter {
  void operator()(mjModel* m) const { mj_deleteModel(m); }
  void operator()(mjData* d) const { mj_deleteData(d); }
};
using Model = std::unique_ptr<mjModel, Deleter>;
using Data = std::unique_ptr<mjData, Deleter>;

// "mixed" or a scene of the control suite.
Model load(const std::string& name) {
  std::array<char, 500> error{};
  mjModel* model = nullptr;
  if (name == "mixed") {
    mjVFS vfs;
    mj_defaultVFS(&vfs);
    mj_addBufferVFS(&vfs, "mixed.xml", kMixed, sizeof(kMixed) - 1);
    model = mj_loadXML("mixed.xml", &vfs, error.data(), error.size());
    mj_deleteVFS(&vfs);
  } else {
    const std::string path = std::string(REVERIE_SOURCE_SCENES) + "/dmc/" + name + ".xml";
    model = mj_loadXML(path.c_str(), nullptr, error.data(), error.size());
  }
  if (model == nullptr) throw std::runtime_error(error.data());
  return Model(model);
}

// With a touch point on every body against one of two surfaces.
contract::Mechanics mechanics_of(const mjModel* m) {
  contract::Mechanics result;
  result.bodies = sim::list_bodies(m);
  result.joints = sim::list_joints(m);
  for (int b = 0; b < m->nbody; ++b) result.points.push_back({b, b % 2, {0.1 * b, 0.2, -0.3}, 0.05 * b});
  result.surfaces = {{{0.0, 0.0, -0.5}, {0.0, 0.0, 1.0}}, {{1.0, 2.0, 0.0}, {0.6, 0.0, 0.8}}};
  return result;
}

// MuJoCo's answer: [b, 18] and [P, 5] numbers one after the other.
std::vector<double> physics(const mjModel* m, mjData* d, const contract::Mechanics& mechanics) {
  mj_kinematics(m, d);
  mj_comPos(m, d);
  mj_comVel(m, d);
  std::vector<double> result;
  const auto add = [&](const mjtNum* from, int64_t entries) {
    result.insert(result.end(), from, from + entries);
  };
  for (int64_t b = 0; b < m->nbody; ++b) {
    std::array<mjtNum, 6> velocity{};
    mj_objectVelocity(m, d, mjOBJ_XBODY, static_cast<int>(b), velocity.data(), 0);
    add(d->xpos + 3 * b, 3);
    add(d->xmat + 9 * b, 9);
    add(velocity.data() + 3, 3);
    add(velocity.data(), 3);
  }
  std::vector<mjtNum> jacobian(static_cast<size_t>(3 * m->nv));
  for (const contract::TouchPoint& point : mechanics.points) {
    const contract::Surface& surface = mechanics.surfaces[static_cast<size_t>(point.surface)];
    std::array<mjtNum, 3> place{}, velocity{};
    const int64_t body = point.body;
    mju_mulMatVec3(place.data(), d->xmat + 9 * body, point.place.data());
    mju_addTo3(place.data(), d->xpos + 3 * body);
    const mjtNum clearance = mju_dot3(place.data(), surface.normal.data()) -
                             mju_dot3(surface.point.data(), surface.normal.data()) - point.radius;
    mju_addToScl3(place.data(), surface.normal.data(), -point.radius);
    mj_jac(m, d, jacobian.data(), nullptr, place.data(), point.body);
    mju_mulMatVec(velocity.data(), jacobian.data(), d->qvel, 3, m->nv);
    const mjtNum approach = mju_dot3(velocity.data(), surface.normal.data());
    mju_addToScl3(velocity.data(), surface.normal.data(), -approach);
    result.insert(result.end(), {clearance, approach, velocity[0], velocity[1], velocity[2]});
  }
  return result;
}

// [N, 18 b + 5 P], in the order of physics().
Tensor dreamed(const Kinematics& kinematics, const Tensor& qpos, const Tensor& qvel) {
  const BodyMotion bodies = kinematics.move(qpos, qvel);
  const TouchMotion touch = kinematics.touch(bodies);
  return torch::cat(
      {torch::cat({bodies.place, bodies.rotation.flatten(2), bodies.velocity, bodies.spin}, -1).flatten(1),
       torch::cat({touch.clearance.unsqueeze(-1), touch.approach.unsqueeze(-1), touch.slide}, -1).flatten(1)},
      1);
}

// Random states and MuJoCo's answers to them.
struct Case {
  Model model;
  Data data;
  contract::Mechanics mechanics;
  Tensor qpos, qvel, expected;  // [N, ...], float64

  void ask(const Tensor& q, const Tensor& v) const {
    std::copy_n(q.contiguous().const_data_ptr<double>(), model->nq, data->qpos);
    std::copy_n(v.contiguous().const_data_ptr<double>(), model->nv, data->qvel);
  }
  Tensor answer(const Tensor& q, const Tensor& v) const {
    ask(q, v);
    return torch::tensor(physics(model.get(), data.get(), mechanics), at::kDouble);
  }
};

Case make_case(const std::string& name, int rows) {
  Case c;
  c.model = load(name);
  c.data = Data(mj_makeData(c.model.get()));
  c.mechanics = mechanics_of(c.model.get());
  std::mt19937 engine(7);  // quaternions of any length: the engine normalises them too
  std::normal_distribution<float> normal(0.0F, 1.0F);
  c.qpos = torch::empty({rows, c.model->nq}, at::kDouble);
  c.qvel = torch::empty({rows, c.model->nv}, at::kDouble);
  for (const Tensor& t : {c.qpos, c.qvel})
    for (int64_t i = 0; i < t.numel(); ++i) t.view(-1)[i].fill_(normal(engine));
  std::vector<Tensor> answers;
  for (int64_t r = 0; r < rows; ++r) answers.push_back(c.answer(c.qpos[r], c.qvel[r]));
  c.expected = torch::stack(answers);
  return c;
}

class KinematicsOf : public testing::TestWithParam<const char*> {};

void expect_physics(const Case& c, const at::TensorOptions& options, double tolerance) {
  const Kinematics kinematics(c.mechanics);
  const Tensor found = dreamed(kinematics, c.qpos.to(options), c.qvel.to(options)).to(at::kCPU, at::kDouble);
  ASSERT_EQ(found.sizes(), c.expected.sizes());
  const Tensor error = (found - c.expected).abs() / (1.0 + c.expected.abs());
  EXPECT_LT(error.max().item<double>(), tolerance) << "number " << error.amax(0).argmax().item<int64_t>();
}

TEST_P(KinematicsOf, BodiesAndPointsMoveAsInMuJoCo) {
  expect_physics(make_case(GetParam(), 37), at::kFloat, 2e-5);
}
TEST_P(KinematicsOf, ComposedOperationsMoveThemLikewise) {
  expect_physics(make_case(GetParam(), 5), at::kDouble, 1e-12);
}

// Gradients of a weighted sum of all numbers.
std::array<Tensor, 2> gradients(const Case& c, const at::TensorOptions& options, const Tensor& weight) {
  const Kinematics kinematics(c.mechanics);
  const Tensor qpos = c.qpos.to(options).clone().requires_grad_(true);
  const Tensor qvel = c.qvel.to(options).clone().requires_grad_(true);
  (dreamed(kinematics, qpos, qvel) * weight.to(options)).sum().backward();
  return {qpos.grad().to(at::kCPU, at::kDouble), qvel.grad().to(at::kCPU, at::kDouble)};
}

double worst(const std::array<Tensor, 2>& found, const std::array<Tensor, 2>& expected) {
  double result = 0.0;
  for (size_t i = 0; i < 2; ++i)
    result =
        std::max(result, ((found[i] - expected[i]).abs() / (1.0 + expected[i].abs())).max().item<double>());
  return result;
}

Tensor weights(const Case& c) {
  std::mt19937 engine(3);
  std::normal_distribution<float> normal(0.0F, 1.0F);
  Tensor weight = torch::empty_like(c.expected);
  for (int64_t i = 0; i < weight.numel(); ++i) weight.view(-1)[i].fill_(normal(engine));
  return weight;
}

TEST_P(KinematicsOf, GradientsAreTheSlopesOfMuJoCosAnswers) {
  const Case c = make_case(GetParam(), 2);
  const Tensor weight = weights(c);
  std::array<Tensor, 2> slopes = {torch::empty_like(c.qpos), torch::empty_like(c.qvel)};
  constexpr double kStep = 1e-5;
  for (int64_t r = 0; r < c.qpos.size(0); ++r) {
    for (const int of : {0, 1}) {
      for (int64_t i = 0; i < slopes.at(of).size(1); ++i) {
        std::array<Tensor, 2> ends;
        for (const int side : {0, 1}) {
          std::array<Tensor, 2> state = {c.qpos[r].clone(), c.qvel[r].clone()};
          state.at(of)[i] += side == 0 ? -kStep : kStep;
          ends.at(side) = (c.answer(state[0], state[1]) * weight[r]).sum();
        }
        slopes.at(of)[r][i].copy_((ends[1] - ends[0]) / (2.0 * kStep));
      }
    }
  }
  EXPECT_LT(worst(gradients(c, at::kDouble, weight), slopes), 1e-7);
  EXPECT_LT(worst(gradients(c, at::kFloat, weight), slopes), 2e-4);
}

TEST_P(KinematicsOf, GradientsOfKernelsAreThoseOfComposedOperations) {
  const Case c = make_case(GetParam(), 37);
  const Tensor weight = weights(c);
  EXPECT_LT(worst(gradients(c, at::kFloat, weight), gradients(c, at::kDouble, weight)), 2e-4);
}

TEST_P(KinematicsOf, Cuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  const Case c = make_case(GetParam(), 37);
  const at::TensorOptions cuda = at::device(at::kCUDA).dtype(at::kFloat);
  expect_physics(c, cuda, 2e-5);
  EXPECT_LT(worst(gradients(c, cuda, weights(c)), gradients(c, at::kDouble, weights(c))), 2e-4);
}

// 200 rows are several ranges of work; the last is part of a vector.
TEST_P(KinematicsOf, EachRowIsItsOwnForAnyNumberOfThreads) {
  const Case c = make_case(GetParam(), 203);
  const Kinematics kinematics(c.mechanics);
  const Tensor weight = weights(c).to(at::kFloat);
  const auto run = [&](int threads, int64_t first, int64_t last) {
    at::set_num_threads(threads);
    const Tensor qpos = c.qpos.slice(0, first, last).to(at::kFloat).requires_grad_(true);
    const Tensor qvel = c.qvel.slice(0, first, last).to(at::kFloat).requires_grad_(true);
    const Tensor out = dreamed(kinematics, qpos, qvel);
    (out * weight.slice(0, first, last)).sum().backward();
    at::set_num_threads(1);
    return torch::cat({out.detach(), qpos.grad(), qvel.grad()}, 1);
  };
  const Tensor whole = run(1, 0, 203);
  EXPECT_TRUE(whole.equal(run(3, 0, 203)));
  EXPECT_TRUE(whole.slice(0, 190, 203).equal(run(1, 190, 203)));
}

INSTANTIATE_TEST_SUITE_P(Robots, KinematicsOf,
                         testing::Values("mixed", "pendulum", "walker", "finger", "ball_in_cup", "humanoid",
                                         "quadruped"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Kinematics, MakesNoGraphWithoutGradients) {
  const Case c = make_case("walker", 3);
  const Kinematics kinematics(c.mechanics);
  const Tensor qpos = c.qpos.to(at::kFloat).requires_grad_(true);
  const Tensor qvel = c.qvel.to(at::kFloat);
  EXPECT_TRUE(dreamed(kinematics, qpos, qvel).requires_grad());
  EXPECT_FALSE(dreamed(kinematics, qpos.detach(), qvel).requires_grad());
  const at::NoGradGuard no_grad;
  EXPECT_FALSE(dreamed(kinematics, qpos, qvel).requires_grad());
}

TEST(Kinematics, AGraphOutlivesTheRobotItIsOf) {
  const Case c = make_case("walker", 3);
  const Tensor qpos = c.qpos.to(at::kFloat).requires_grad_(true);
  Tensor out;
  {
    const Kinematics kinematics(c.mechanics);
    out = dreamed(kinematics, qpos, c.qvel.to(at::kFloat)).sum();
  }
  out.backward();
  EXPECT_GT(qpos.grad().abs().max().item<float>(), 0.0F);
}

// What a single part of the motion gives: the other gradients are not there at all.
TEST(Kinematics, PartsOfTheMotionHaveGradientsAlone) {
  const Case c = make_case("mixed", 4);
  const Kinematics kinematics(c.mechanics);
  const auto gradient = [&](const at::TensorOptions& options, int part) {
    const Tensor qpos = c.qpos.to(options).clone().requires_grad_(true);
    const Tensor qvel = c.qvel.to(options).clone().requires_grad_(true);
    const BodyMotion bodies = kinematics.move(qpos, qvel);
    const TouchMotion touch = kinematics.touch(bodies);
    const std::array<Tensor, 7> parts = {bodies.place,    bodies.rotation, bodies.velocity, bodies.spin,
                                         touch.clearance, touch.approach,  touch.slide};
    (parts.at(part).pow(2).sum() + 0.0 * qvel.sum()).backward();
    return std::array<Tensor, 2>{qpos.grad().to(at::kDouble), qvel.grad().to(at::kDouble)};
  };
  for (const int part : {0, 1, 2, 3, 4, 5, 6})
    EXPECT_LT(worst(gradient(at::kFloat, part), gradient(at::kDouble, part)), 2e-4) << part;
}

TEST(Kinematics, IsDifferentiableOnlyOnce) {
  const Case c = make_case("walker", 2);
  const Kinematics kinematics(c.mechanics);
  const Tensor qpos = c.qpos.to(at::kFloat).requires_grad_(true);
  const Tensor place = kinematics.move(qpos, c.qvel.to(at::kFloat)).place;
  EXPECT_THAT([&] { torch::autograd::grad({place.sum()}, {qpos}, {}, true, true); },
              testing::ThrowsMessage<c10::Error>(HasSubstr("kinematics: differentiable only once")));
}

TEST(Kinematics, AQuaternionOfLengthZeroIsNoRotation) {
  const Case c = make_case("quadruped", 1);
  const Kinematics kinematics(c.mechanics);
  const Tensor qpos = torch::zeros({1, c.model->nq}).requires_grad_(true);
  const BodyMotion bodies = kinematics.move(qpos, torch::ones({1, c.model->nv}));
  EXPECT_TRUE(bodies.rotation[0][1].equal(torch::eye(3)));
  (bodies.place.sum() + bodies.velocity.sum()).backward();
  EXPECT_TRUE(qpos.grad().isfinite().all().item<bool>());
}

TEST(Kinematics, ShapesAndTreesThatDoNotFitAreNamed) {
  const Case c = make_case("walker", 1);
  const Kinematics kinematics(c.mechanics);
  EXPECT_THAT(
      [&] {
        kinematics.move(torch::zeros({2, 8}), torch::zeros({2, 9}));
      },
      testing::ThrowsMessage<c10::Error>(
          HasSubstr("positions [2, 8] and velocities [2, 9], expected [N, 9] and [N, 9]")));
  EXPECT_EQ(kinematics.move(torch::zeros({0, 9}), torch::zeros({0, 9})).place.sizes(),
            at::IntArrayRef({0, 8, 3}));
  const auto refuses = [&](const auto& change, const char* words) {
    contract::Mechanics m = c.mechanics;
    change(m);
    EXPECT_THAT([&] { Kinematics{m}; }, testing::ThrowsMessage<c10::Error>(HasSubstr(words)));
  };
  refuses([](auto& m) { m.bodies[2].parent = 2; },
          "body 2 (right_thigh) has the parent 2, expected an earlier body");
  refuses([](auto& m) { m.bodies[7].joints = 2; },
          "the joints of body 7 (left_foot) are 8 to 9, there are 9");
  refuses([](auto& m) { m.joints[1].type = contract::JointType::kFree; }, "has a free joint and 2 others");
  refuses([](auto& m) { m.points[0].body = 8; }, "a touch point is on body 8, there are 8");
  refuses([](auto& m) { m.points[0].surface = 2; }, "a touch point is of surface 2, there are 2");
}

}  // namespace
}  // namespace reverie::worldmodel
