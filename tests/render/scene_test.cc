#include "render/scene_renderer.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "tests/render/fixture.h"

namespace reverie::render {
namespace {

class Scene : public ::testing::Test {
 protected:
  Scene() : model(load_twin_model()), data(sim::make_data(model.get())), ghost(sim::make_data(model.get())) {
    positions.assign(model->qpos0, model->qpos0 + model->nq);
    velocities.assign(static_cast<size_t>(model->nv), 0.0f);
  }

  void pose(mjData* target, float cart, float angle) {
    positions[0] = cart;
    positions[1] = angle;
    set_pose(model.get(), target, {}, positions, velocities);
  }

  Image picture(SceneRenderer& renderer, float cart, float angle) {
    pose(data.get(), cart, angle);
    renderer.begin(data.get());
    renderer.draw(320, 240);
    return renderer.read();
  }

  OffscreenContext context;
  sim::ModelPtr model;
  sim::DataPtr data, ghost;
  std::vector<float> positions, velocities;
};

TEST_F(Scene, RobotPixelsFollowTheState) {
  SceneRenderer renderer(model.get());
  const Image first = picture(renderer, 0.0f, 0.0f);
  ASSERT_EQ(first.width, 320);
  ASSERT_EQ(first.height, 240);
  ASSERT_EQ(first.rgb.size(), 320u * 240u * 3u);
  EXPECT_EQ(differing_pixels(first, picture(renderer, 0.0f, 0.0f), 0), 0);
  const int64_t moved = differing_pixels(first, picture(renderer, 0.5f, 0.6f));
  EXPECT_GT(moved, 500);
  EXPECT_LT(moved, 320 * 240 / 3);
}

TEST_F(Scene, ABufferThatWasLargeIsGivenBack) {
  SceneRenderer renderer(model.get());
  const Image before = picture(renderer, 0.0f, 0.0f);
  renderer.draw(640, 480);
  EXPECT_EQ(renderer.buffer_pixels(), 640 * 480);
  renderer.shrink();
  EXPECT_LT(renderer.buffer_pixels(), 320 * 240);
  EXPECT_EQ(differing_pixels(before, picture(renderer, 0.0f, 0.0f), 0), 0);
  EXPECT_EQ(renderer.buffer_pixels(), 320 * 240);
}

// Mean row of the robot's orange pixels.
double orange_row(const Image& image) {
  double sum = 0, count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (image.pixel(x, y)[0] <= image.pixel(x, y)[2] + 80) continue;
      sum += y;
      count += 1;
    }
  }
  return sum / count;
}

TEST_F(Scene, TopRowIsAbove) {
  SceneRenderer renderer(model.get());
  const Image upright = picture(renderer, 0.0f, 0.0f);
  const Image lying = picture(renderer, 0.0f, 1.6f);
  EXPECT_LT(orange_row(upright) + 10, orange_row(lying));
}

// Pixels of a path of pure blue, and the mean of their columns.
std::pair<int, double> blue_pixels(const Image& image) {
  int count = 0;
  double sum = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (image.pixel(x, y)[2] < 200 || image.pixel(x, y)[0] > 30) continue;
      ++count;
      sum += x;
    }
  }
  return {count, sum / count};
}

TEST_F(Scene, APathIsWhereItsPointsAreUntilTheNextPicture) {
  SceneRenderer renderer(model.get());
  pose(data.get(), 0.5f, 0);
  const auto draw = [&](const std::vector<float>& points) {
    renderer.begin(data.get());
    if (!points.empty()) renderer.add_path(points, {0, 0, 1, 1}, 3);
    renderer.draw(320, 240);
    return blue_pixels(renderer.read());
  };
  EXPECT_EQ(draw({}).first, 0);
  // The pole of the robot stands at x = 0.5; the camera looks along y.
  const auto [count, column] = draw({0.5f, -0.2f, 0.6f, 0.5f, -0.2f, 1.0f, 0.5f, -0.2f, 1.4f});
  EXPECT_GT(count, 100);
  const double height = 240, distance = 3.8;  // half of the picture's height is seen under 22.5 degrees
  EXPECT_NEAR(column, 160 + 0.5 / distance * height / 2 / std::tan(M_PI / 8), 2);
  EXPECT_EQ(draw({0.5f, 0.2f, 0.6f, 0.5f, 0.2f, 1.0f, 0.5f, 0.2f, 1.4f}).first, 0) << "behind the pole";
  EXPECT_EQ(draw({0.5f, -0.2f, -0.5f, 0.5f, -0.2f, -1.0f}).first, 0) << "below the floor";
  EXPECT_EQ(draw({}).first, 0);
}

TEST_F(Scene, GhostIsTintedAndOnlyWhereItDiffers) {
  SceneRenderer renderer(model.get());
  pose(data.get(), 0, 0);
  pose(ghost.get(), 0.7f, 0.9f);
  renderer.begin(data.get());
  renderer.draw(320, 240);
  const Image plain = renderer.read();
  renderer.begin(data.get());
  renderer.add_ghost(ghost.get());
  renderer.draw(320, 240);
  const Image overlaid = renderer.read();
  EXPECT_LT(ghost_pixels(plain), 20);
  EXPECT_GT(ghost_pixels(overlaid), 500);
  EXPECT_GT(differing_pixels(plain, overlaid), 500);
}

TEST_F(Scene, GhostTurnsToTheFarColourWithDistance) {
  SceneRenderer renderer(model.get());
  pose(data.get(), -0.8f, 0);
  pose(ghost.get(), 0.9f, 0.9f);
  const GhostStyle style{
      .colour = {0, 0.5f, 1, 1}, .far_colour = {1, 0, 0, 1}, .reference = data.get(), .far_distance = 0.05};
  renderer.begin(data.get(), true);
  renderer.add_ghost(ghost.get(), style);
  renderer.draw(320, 240);
  const Image far = renderer.read();
  pose(ghost.get(), -0.8f, 0);
  renderer.begin(data.get(), true);
  renderer.add_ghost(ghost.get(), style);
  renderer.draw(320, 240);
  const Image near = renderer.read();
  EXPECT_GT(ghost_pixels(near), ghost_pixels(far) + 500);
}

TEST_F(Scene, MocapTargetsKeepTheirColour) {
  SceneRenderer renderer(model.get());
  const auto red_pixels = [](const Image& image) {
    int64_t count = 0;
    for (size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
      count += image.rgb[i] > image.rgb[i + 1] + 80 && image.rgb[i] > image.rgb[i + 2] + 80;
    }
    return count;
  };
  pose(data.get(), 0, 0);
  renderer.begin(data.get(), true);
  renderer.draw(320, 240);
  EXPECT_EQ(red_pixels(renderer.read()), 0);
  renderer.begin(data.get(), true);
  renderer.add_ghost(data.get());
  renderer.draw(320, 240);
  EXPECT_GT(red_pixels(renderer.read()), 20);
}

TEST_F(Scene, SceneOnlyLeavesTheRobotOut) {
  SceneRenderer renderer(model.get());
  pose(data.get(), 0, 0);
  renderer.begin(data.get(), true);
  renderer.draw(320, 240);
  const Image empty = renderer.read();
  pose(data.get(), 0.5f, 0.6f);
  renderer.begin(data.get(), true);
  renderer.draw(320, 240);
  EXPECT_EQ(differing_pixels(empty, renderer.read(), 0), 0);
}

TEST_F(Scene, FreeCameraTakesOverWhereTheFixedOneStood) {
  SceneRenderer renderer(model.get());
  const Image fixed = picture(renderer, 0, 0.3f);
  EXPECT_EQ(renderer.camera().type, mjCAMERA_FIXED);
  renderer.free_camera();
  EXPECT_EQ(renderer.camera().type, mjCAMERA_FREE);
  EXPECT_LT(differing_pixels(fixed, picture(renderer, 0, 0.3f), 16), 320 * 240 / 20);
  renderer.move_camera(mjMOUSE_ROTATE_V, 0, 0.1);
  EXPECT_GT(differing_pixels(fixed, picture(renderer, 0, 0.3f), 16), 320 * 240 / 20);
}

TEST_F(Scene, TargetHoldsTheSamePictureAndSharedModelIsUntouched) {
  const int width = model->vis.global.offwidth;
  SceneRenderer renderer(model.get());
  EXPECT_EQ(model->vis.global.offwidth, width);
  const Image direct = picture(renderer, 0.2f, 0.4f);
  RenderTarget target;
  renderer.copy_to(target);
  EXPECT_EQ(target.width(), 320);
  EXPECT_EQ(differing_pixels(direct, target.read(), 0), 0);
  EXPECT_THROW(renderer.draw(0, 600), std::invalid_argument);
}

TEST_F(Scene, BuffersGrowWithThePicture) {
  SceneRenderer renderer(model.get());
  const Image small = picture(renderer, 0.2f, 0.4f);
  renderer.draw(900, 700);
  const Image large = renderer.read();
  EXPECT_EQ(large.width, 900);
  EXPECT_EQ(large.height, 700);
  EXPECT_GT(differing_pixels(large, Image{900, 700, std::vector<uint8_t>(size_t{900} * 700 * 3)}),
            900 * 700 / 2);
  EXPECT_EQ(differing_pixels(small, picture(renderer, 0.2f, 0.4f), 0), 0);
}

TEST_F(Scene, CameraFollowsAFloatingRobot) {
  constexpr const char* kRobot = R"(<mujoco><worldbody>
      <body name="robot" pos="0 0 0.5"><freejoint/><geom size="0.2" rgba="1 0.5 0 1"/>
        <body pos="0 0 0.3"><joint name="hinge"/><geom type="box" size="0.1 0.1 0.1" rgba="1 0.5 0 1"/></body></body>
    </worldbody><actuator><motor joint="hinge"/></actuator></mujoco>)";
  char error[500];
  const sim::SpecPtr spec(mj_parseXMLString(kRobot, nullptr, error, sizeof(error)));
  ASSERT_TRUE(spec) << error;
  const sim::ModelPtr robot(mj_compile(spec.get(), nullptr));
  const sim::DataPtr state = sim::make_data(robot.get());
  SceneRenderer renderer(robot.get());
  EXPECT_EQ(renderer.camera().type, mjCAMERA_TRACKING);
  const auto robot_pixels = [&](double x) {
    state->qpos[0] = x;
    mj_forward(robot.get(), state.get());
    renderer.begin(state.get());
    renderer.draw(320, 240);
    const Image image = renderer.read();
    int64_t count = 0;
    for (size_t i = 0; i + 2 < image.rgb.size(); i += 3) count += image.rgb[i] > image.rgb[i + 2] + 60;
    return count;
  };
  const int64_t here = robot_pixels(0);
  EXPECT_GT(here, 500);
  EXPECT_NEAR(static_cast<double>(robot_pixels(20)), static_cast<double>(here),
              0.1 * static_cast<double>(here));
}

TEST_F(Scene, PoseNormalisesQuaternionsAndIgnoresWhatIsNotFinite) {
  const int ball = model->jnt_qposadr[mj_name2id(model.get(), mjOBJ_JOINT, "slider")] + 2;
  std::vector<double> state(static_cast<size_t>(mj_stateSize(model.get(), mjSTATE_INTEGRATION)));
  data->mocap_pos[0] = -0.7;
  mj_getState(model.get(), data.get(), state.data(), mjSTATE_INTEGRATION);
  positions[0] = std::numeric_limits<float>::quiet_NaN();
  positions[1] = 0.25f;
  for (size_t i = 0; i < 4; ++i) positions[static_cast<size_t>(ball) + 3 + i] = 2.0f;
  set_pose(model.get(), ghost.get(), state, positions, velocities);
  EXPECT_EQ(ghost->qpos[0], data->qpos[0]);
  EXPECT_EQ(ghost->qpos[1], 0.25);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(ghost->qpos[ball + 3 + i], 0.5, 1e-12);
  EXPECT_EQ(ghost->mocap_pos[0], -0.7);
  positions.pop_back();
  EXPECT_THROW(set_pose(model.get(), ghost.get(), state, positions, velocities), std::invalid_argument);
}

}  // namespace
}  // namespace reverie::render
