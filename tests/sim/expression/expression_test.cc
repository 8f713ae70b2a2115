// The expression language: values against hand-computed ones, shapes, and errors with their place.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "sim/env.h"
#include "sim/expression/expression.h"
#include "sim/expression/expression_syntax.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr double kPi = 3.14159265358979323846;

// The expression's value in the "home" pose.
std::vector<double> value_of(const std::string& expr) {
  const auto task = load_arm(arm_task_observing(expr) + "[[reset]]\nop = \"keyframe\"\nname = \"home\"\n");
  Env env(task);
  env.reset(0, 0);
  return {env.observation().begin(), env.observation().end()};
}

double number_of(const std::string& expr) {
  const std::vector<double> value = value_of(expr);
  EXPECT_EQ(value.size(), 1u) << expr;
  return value.at(0);
}

std::string error_of(const std::string& expr) { return load_error(arm_task_observing(expr)); }

TEST(Tolerance, EqualsTheReference) {
  const auto cases =
      nlohmann::json::parse(base::read_file(std::string(REVERIE_TEST_DATA) + "/tolerance.json"));
  const std::vector<std::string> names = {"gaussian", "hyperbolic", "long_tail", "reciprocal",
                                          "cosine",   "linear",     "quadratic", "tanh_squared"};
  ASSERT_EQ(cases.size(), 160u);
  for (const auto& c : cases) {
    const auto sigmoid =
        std::find(names.begin(), names.end(), c.at("sigmoid").get<std::string>()) - names.begin();
    const double value = tolerance(c.at("x"), c.at("low"), c.at("high"), c.at("margin"), c.at("at_margin"),
                                   static_cast<Sigmoid>(sigmoid));
    EXPECT_NEAR(value, c.at("value").get<double>(), 1e-14) << c.dump();
  }
}

TEST(Tolerance, EdgesAndNonsense) {
  EXPECT_EQ(tolerance(1.0, 0.0, 1.0, 0.0, 0.1, Sigmoid::kGaussian), 1.0);
  EXPECT_EQ(tolerance(1.1, 0.0, 1.0, 0.0, 0.1, Sigmoid::kGaussian), 0.0);
  EXPECT_EQ(tolerance(1e9, 0.0, INFINITY, 1.0, 0.1, Sigmoid::kLinear), 1.0);
  EXPECT_TRUE(std::isnan(tolerance(0.0, 1.0, 0.0, 1.0, 0.1, Sigmoid::kGaussian)));
  EXPECT_TRUE(std::isnan(tolerance(0.0, 0.0, 0.0, -1.0, 0.1, Sigmoid::kGaussian)));
  EXPECT_TRUE(std::isnan(tolerance(0.0, 0.0, 0.0, 1.0, 0.0, Sigmoid::kGaussian)));
  EXPECT_TRUE(std::isnan(tolerance(0.0, 0.0, 0.0, 1.0, 1.0, Sigmoid::kLinear)));
  EXPECT_TRUE(std::isnan(tolerance(NAN, 0.0, 0.0, 1.0, 0.1, Sigmoid::kGaussian)));
}

TEST(Expression, Arithmetic) {
  EXPECT_DOUBLE_EQ(number_of("1 + 2*3 - 4/8"), 6.5);
  EXPECT_DOUBLE_EQ(number_of("-2**2"), -4.0);
  EXPECT_DOUBLE_EQ(number_of("2**3**2"), 512.0);
  EXPECT_DOUBLE_EQ(number_of("2^-1"), 0.5);
  EXPECT_DOUBLE_EQ(number_of("7 % 3 + -7 % 3"), 3.0);
  EXPECT_DOUBLE_EQ(number_of("(1 < 2) + (2 <= 2) + (3 > 4) + (1 != 1) + (2 == 2)"), 3.0);
  EXPECT_DOUBLE_EQ(number_of("0 <= 0.5 < 1 and not (1 < 0.5 < 2)"), 1.0);
  EXPECT_DOUBLE_EQ(number_of("if(1 > 2, 10, 20)"), 20.0);
  EXPECT_DOUBLE_EQ(number_of("1e-3 + .5"), 0.501);
  EXPECT_NEAR(number_of("atan2(1, -1) + wrap(3*pi/2) + log1p(0)"), 3 * kPi / 4 - kPi / 2, 1e-15);
}

TEST(Expression, VectorsAndReductions) {
  EXPECT_EQ(value_of("[1, 2, [3, 4]] * 2"), (std::vector<double>{2, 4, 6, 8}));
  EXPECT_EQ(value_of("[1, 2, 3, 4][1:3]"), (std::vector<double>{2, 3}));
  EXPECT_EQ(value_of("[1, 2, 3, 4][-1]"), (std::vector<double>{4}));
  EXPECT_EQ(value_of("[1, 2, 3, 4][:-2]"), (std::vector<double>{1, 2}));
  EXPECT_EQ(value_of("interleave([1, 2], [3, 4])"), (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(value_of("clip([-2, 0.5, 2], -1, 1)"), (std::vector<double>{-1, 0.5, 1}));
  EXPECT_EQ(value_of("max([1, 5], 3)"), (std::vector<double>{3, 5}));
  EXPECT_EQ(value_of("cross([1, 0, 0], [0, 1, 0])"), (std::vector<double>{0, 0, 1}));
  EXPECT_DOUBLE_EQ(number_of("sum([1, 2, 3]) + mean([1, 2, 3]) + prod([2, 3]) + max([1, 4])"), 18.0);
  EXPECT_DOUBLE_EQ(number_of("norm([3, 4]) + dot([1, 2], [3, 4])"), 16.0);
  EXPECT_DOUBLE_EQ(number_of("all([1, 1]) + any([0, 0])"), 1.0);
}

TEST(Expression, ReadsTheSimulation) {
  EXPECT_EQ(value_of("qpos()"), (std::vector<double>{0.1, 0.2, -0.3, 1, 0, 0.1, 1, 0, 0, 0}));
  EXPECT_EQ(value_of("qpos(\"elbow\", \"slide\")"), (std::vector<double>{-0.3, 0.1}));
  EXPECT_EQ(value_of("qpos(\"*l*\")"), (std::vector<double>{0.1, 0.2, -0.3, 1, 0, 0.1, 1, 0, 0, 0}));
  EXPECT_EQ(value_of("[joint_low(\"elbow\"), joint_high(\"elbow\")]"), (std::vector<double>{-2, 1}));
  EXPECT_EQ(value_of("[ctrl_low(\"shoulder\"), ctrl_high(\"shoulder\")]"), (std::vector<double>{-1, 3}));
  EXPECT_EQ(value_of("key_qpos(\"home\", \"shoulder\")"), (std::vector<double>{0.2}));
  EXPECT_EQ(value_of("mocap_pos(\"goal\")"), (std::vector<double>{0.5, 0, 1.5}));
  EXPECT_EQ(value_of("sensor(\"elbow_angle\")"), (std::vector<double>{-0.3}));
  EXPECT_EQ(value_of("geom_size(\"ball\")[0]"), (std::vector<double>{0.1}));
  EXPECT_NEAR(number_of("xmat(\"lower\").xz"), std::sin(-0.1), 1e-15);
  EXPECT_NEAR(number_of("xmat(\"lower\").zz"), std::cos(-0.1), 1e-15);
  EXPECT_NEAR(number_of("site_xpos(\"tip\").x"), 0.1 + 0.3 * std::sin(0.2) + 0.3 * std::sin(-0.1), 1e-15);
  EXPECT_DOUBLE_EQ(number_of("contacts(\"floor\", \"body:ball\") > 0"), 1.0);
  EXPECT_DOUBLE_EQ(number_of("contacts(\"floor\", [\"base\", \"upper\"])"), 0.0);
  EXPECT_DOUBLE_EQ(number_of("control_dt + timestep"), 0.025);
}

TEST(Expression, RotatesVectors) {
  const std::vector<double> local = value_of("to_local(xmat(\"upper\"), xpos(\"lower\") - xpos(\"upper\"))");
  EXPECT_NEAR(local[0], 0.0, 1e-15);
  EXPECT_NEAR(local[2], 0.3, 1e-15);
  const std::vector<double> back =
      value_of("rotate(xmat(\"upper\"), [0, 0, 0.3]) - (xpos(\"lower\") - xpos(\"upper\"))");
  for (const double v : back) EXPECT_NEAR(v, 0.0, 1e-15);
  EXPECT_EQ(value_of("norm(xpos(\"upper\", \"lower\") - xpos(\"upper\"))").size(), 2u);
  EXPECT_EQ(value_of("components(xmat(\"*\"), \"xx\", \"xz\")").size(), 10u);
  EXPECT_NEAR(number_of("yaw(xquat(\"ball\")) + yaw(xmat(\"ball\"))"), 0.0, 1e-15);
}

TEST(Expression, ErrorsNamePlaceAndNearestName) {
  // The expression starts at line 9, column 9 of the file.
  EXPECT_THAT(
      error_of("qpos(\"shouder\")"),
      StartsWith(
          "arm.toml:9:14: observation 'x': the model has no joint 'shouder' (did you mean 'shoulder'?)"));
  EXPECT_THAT(error_of("1 + sine(2)"), StartsWith("arm.toml:9:13: observation 'x': unknown function 'sine'"));
  EXPECT_THAT(error_of("1 + sqr(2)"), HasSubstr("did you mean 'sqrt'?"));
  EXPECT_THAT(error_of("1 +"), HasSubstr("ends too early"));
  EXPECT_THAT(error_of("(1"), HasSubstr("expected ')'"));
  EXPECT_THAT(error_of("1 $ 2"), HasSubstr(":9:11: observation 'x': unexpected character '$'"));
  EXPECT_THAT(error_of("[1, 2] + [1, 2, 3]"),
              HasSubstr("shapes do not fit: a vector of 2 with a vector of 3"));
  EXPECT_THAT(error_of("[1, 2][5]"), HasSubstr("index outside 0..1"));
  EXPECT_THAT(error_of("xpos(\"upper\").w"), HasSubstr("no component 'w'"));
  EXPECT_THAT(error_of("\"upper\""), HasSubstr("a name in quotes"));
  EXPECT_THAT(error_of("sin"), HasSubstr("'sin' is a function"));
  EXPECT_THAT(error_of("tol(0, bounds=[1, 0])"), HasSubstr("lower bound 1 above upper bound 0"));
  EXPECT_THAT(error_of("tol(0, margin=-1)"), HasSubstr("negative margin"));
  EXPECT_THAT(error_of("tol(0, margin=1, at_margin=1)"), HasSubstr("outside this sigmoid's domain"));
  EXPECT_THAT(error_of("tol(0, sigmoid=\"gausian\")"), HasSubstr("did you mean 'gaussian'?"));
  EXPECT_THAT(error_of("tol(0, margn=1)"), HasSubstr("did you mean 'margin'?"));
  EXPECT_THAT(error_of("mocap_pos(\"ball\")"), HasSubstr("'ball' is no mocap body"));
}

TEST(Expression, HostileTextIsAnErrorNotACrash) {
  EXPECT_THAT(error_of(std::string(5000, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(error_of(std::string(20000, '1')), HasSubstr("longer than"));
  std::string nested = "xpos(\"upper\")";
  for (int i = 0; i < 60; ++i) nested = fmt::format("interleave({}, xpos(\"upper\"))", nested);
  EXPECT_NE(error_of(nested), "");
  std::string doubling;
  for (int i = 1; i < 40; ++i) doubling += fmt::format("s{0} = '[s{1}, s{1}]'\n", i, i - 1);
  EXPECT_THAT(load_error(arm_task("[signals]\ns0 = '1'\n" + doubling)), HasSubstr("more than 20000 numbers"));
}

}  // namespace
}  // namespace reverie::sim
