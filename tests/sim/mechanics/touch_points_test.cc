// Clearances of touch points against the distances of the engine's contacts.
#include "sim/mechanics/touch_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/sim/mechanics/mechanics_tasks.h"

namespace reverie::sim {
namespace {

// Of a shape on a free body over an oblique floor, in a pose that touches it everywhere within the margin.
std::string shape(const std::string& geom, const std::string& asset = "") {
  return "<mujoco>" + asset +
         "<worldbody><geom name=\"floor\" type=\"plane\" size=\"9 9 1\" pos=\"0 0 .2\" "
         "euler=\"10 5 0\"/><body pos=\"0 0 1\"><freejoint/><inertial mass=\"1\" pos=\"0 0 0\" "
         "diaginertia=\"1 1 1\"/>"
         "<geom name=\"foot\" margin=\"20\" " +
         geom + "/></body></worldbody></mujoco>";
}

double least_clearance(const contract::Mechanics& mechanics, const double* qpos) {
  const Poses poses = forward_kinematics(mechanics, qpos);
  double least = std::numeric_limits<double>::infinity();
  for (const contract::TouchPoint& point : mechanics.points) {
    double place[3];
    mju_rotVecQuat(place, point.place.data(), poses.orientation[point.body].data());
    const contract::Surface& surface = mechanics.surfaces[point.surface];
    double distance = -point.radius;
    for (int k = 0; k < 3; ++k)
      distance += surface.normal[k] * (poses.place[point.body][k] + place[k] - surface.point[k]);
    least = std::min(least, distance);
  }
  return least;
}

// The lowest point of the shape, in 20 poses; its distance by the engine's contacts within `tolerance`.
void expect_contact_distance(const std::string& model, size_t points, double tolerance) {
  const auto task = load_with_model(model);
  const contract::Mechanics& mechanics = *task->spec().mechanics;
  EXPECT_EQ(mechanics.points.size(), points);
  ASSERT_EQ(mechanics.surfaces.size(), 1u);
  const DataPtr data = make_data(task->model());
  for (uint64_t i = 0; i < 20; ++i) {
    contract::Rng rng(3, i, contract::Stream::kEvaluation);
    put_random_state(task->model(), data.get(), rng);
    ASSERT_GT(data->ncon, 0);
    double least = std::numeric_limits<double>::infinity();
    for (int c = 0; c < data->ncon; ++c) least = std::min(least, data->contact[c].dist);
    EXPECT_NEAR(least_clearance(mechanics, data->qpos), least, tolerance) << i;
  }
}

TEST(TouchPoints, AreAsFarAsTheContacts) {
  expect_contact_distance(shape("size=\".2\" pos=\".1 .2 .3\""), 1, 1e-9);
  expect_contact_distance(shape("type=\"capsule\" fromto=\".1 .2 .3 -.4 .5 .1\" size=\".1\""), 2, 1e-9);
  expect_contact_distance(shape("type=\"box\" size=\".1 .2 .3\" pos=\".1 .2 .3\" euler=\"30 20 10\""), 8,
                          1e-9);
  expect_contact_distance(
      shape("type=\"mesh\" mesh=\"wedge\" pos=\".1 .2 .3\" euler=\"30 20 10\"",
            "<asset><mesh name=\"wedge\" vertex=\"0 0 0  .5 0 0  0 .4 0  0 0 .3\"/></asset>"),
      4, 1e-6);
}

// Four points of a rim lie within 1 - cos(45 degrees) of its radius.
TEST(TouchPoints, OfRoundShapesAreNear) {
  expect_contact_distance(shape("type=\"cylinder\" size=\".1 .3\" euler=\"30 20 10\""), 8, 0.03);
  expect_contact_distance(shape("type=\"ellipsoid\" size=\".1 .2 .3\" euler=\"30 20 10\""), 6, 0.15);
}

TEST(TouchPoints, AreThoseThatTheEngineLetsTouch) {
  const std::string model =
      R"(<mujoco><worldbody><geom type="plane" size="1 1 1" conaffinity="2" contype="0"/>
    <body name="a"><freejoint/><geom name="yes" size="1" contype="2" conaffinity="0"/>
      <geom name="no" size="1" pos="1 0 0" contype="1" conaffinity="1"/>
      <body name="b"><joint/><geom name="out" size="1" contype="2"/></body>
      <body name="c"><joint/><geom name="pair" size="1" contype="0" conaffinity="0"/></body></body>
    <body><geom name="fixed" size="1" contype="2"/></body>
    <body mocap="true"><geom name="mocap" size="1" contype="2"/></body></worldbody>
    <contact><exclude body1="world" body2="b"/></contact></mujoco>)";
  const auto bodies = [](const contract::Mechanics& mechanics) {
    std::vector<std::string> out;
    for (const contract::TouchPoint& point : mechanics.points)
      out.push_back(mechanics.bodies[point.body].name);
    return out;
  };
  EXPECT_THAT(bodies(*load_with_model(model)->spec().mechanics), testing::ElementsAre("a"));
  std::string paired = model;
  paired.replace(paired.find("type=\"plane\""), 0, "name=\"floor\" ");
  paired.replace(paired.find("<exclude"), 0, "<pair geom1=\"pair\" geom2=\"floor\"/>");
  EXPECT_THAT(bodies(*load_with_model(paired)->spec().mechanics), testing::ElementsAre("a", "c"));
  std::string off = model;
  off.replace(off.find("<worldbody>"), 0, "<option><flag contact=\"disable\"/></option>");
  EXPECT_THAT(load_with_model(off)->spec().mechanics->points, testing::IsEmpty());
}

TEST(TouchPoints, WithOneCentreAreOneAndTheLowestStay) {
  std::string geoms;
  for (int i = 0; i < 40; ++i) {
    const std::string at = "\"0 0 " + std::to_string(0.1 * i) + "\"";
    geoms += "<geom size=\".1\" pos=" + at + "/><geom size=\".2\" pos=" + at + "/>";
  }
  const auto mechanics =
      load_with_model(
          "<mujoco><worldbody><geom type=\"plane\" size=\"1 1 1\"/><body pos=\"0 0 5\"><freejoint/>" + geoms +
          "</body></worldbody></mujoco>")
          ->spec()
          .mechanics;
  ASSERT_EQ(mechanics->points.size(), static_cast<size_t>(kMostTouchPoints));
  EXPECT_NEAR(mechanics->points.back().place[2], 3.1, 1e-12);
  EXPECT_EQ(mechanics->points[0].radius, 0.2);
}

}  // namespace
}  // namespace reverie::sim
