#include "viewer/recorder.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "sim/shapes.h"
#include "tests/interop/mcap_reader.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/headless.h"

namespace reverie::viewer {
namespace {

using nlohmann::json;

struct Recorded {
  uint64_t time;  // ns
  json message;
};

std::map<std::string, std::vector<Recorded>> recorded_in(const std::filesystem::path& path) {
  std::map<std::string, std::vector<Recorded>> topics;
  uint64_t last = 0;
  for (const interop::McapMessage& message : interop::mcap_messages(base::read_file(path))) {
    EXPECT_GE(message.time, last);
    last = message.time;
    topics[message.topic].push_back({message.time, json::parse(message.data)});
  }
  return topics;
}

class RecorderTest : public testing::Test {
 protected:
  explicit RecorderTest(bool with_dream = true) : twin(test_parts(model.get(), -8.0, with_dream)) {
    opened.model = model;
    opened.parts.spec = twin.spec();
  }

  void step(int count) {
    for (int i = 0; i < count; ++i) twin.step();
  }
  // That a transform of every body stands where sim::body_poses puts it, bit by bit.
  void expect_poses(const json& message, const std::string& world, std::span<const double> state,
                    std::span<const float> positions) {
    const std::vector<double> poses = sim::body_poses(model.get(), data.get(), state, positions);
    const std::vector<std::string> names = sim::body_names(model.get());
    const json& transforms = message.at("transforms");
    ASSERT_EQ(transforms.size(), names.size() + 1);
    EXPECT_EQ(transforms[0].at("parent_frame_id"), "world");
    EXPECT_EQ(transforms[0].at("child_frame_id"), world);
    for (size_t body = 0; body < names.size(); ++body) {
      const json& found = transforms[body + 1];
      EXPECT_EQ(found.at("parent_frame_id"), world);
      EXPECT_EQ(found.at("child_frame_id"), world + "/" + names[body]);
      const double* const pose = poses.data() + 7 * body;
      EXPECT_EQ(found.at("translation"), (json{{"x", pose[0]}, {"y", pose[1]}, {"z", pose[2]}}));
      EXPECT_EQ(found.at("rotation"), (json{{"w", pose[3]}, {"x", pose[4]}, {"y", pose[5]}, {"z", pose[6]}}));
    }
  }

  base::TemporaryDirectory folder;
  std::filesystem::path path = folder.path() / "twin.mcap";
  std::shared_ptr<const mjModel> model = render::load_twin_model();
  sim::DataPtr data = sim::make_data(model.get());
  Twin twin;
  Opened opened;
};

class RecorderOfPhysics : public RecorderTest {
 protected:
  RecorderOfPhysics() : RecorderTest(false) {}
};

TEST_F(RecorderTest, WritesWhatBothWorldsShowedAtEveryStep) {
  constexpr int kSteps = 20;
  Recorder recorder(path, opened, twin, nullptr);
  step(kSteps);
  recorder.finish(twin);
  auto topics = recorded_in(path);
  const auto cs = static_cast<int64_t>(twin.control_steps());
  for (const char* topic :
       {"/simulation/tf", "/dream/tf", "/simulation/state", "/dream/state", "/difference"})
    ASSERT_EQ(topics[topic].size(), kSteps + 1u) << topic;
  const Timeline& now = twin.timeline(twin.branch());
  for (int64_t k = 0; k <= kSteps; ++k) {
    const auto at = static_cast<size_t>(k);
    const auto time = static_cast<uint64_t>(std::llround(1e9 * static_cast<double>(k) * twin.step_seconds()));
    EXPECT_EQ(topics["/dream/tf"][at].time, time);
    EXPECT_EQ(topics["/simulation/state"][at].time, time);
    const auto state = twin.recording().physics_state(k * cs);
    expect_poses(topics["/simulation/tf"][at].message, "simulation", state, {});
    const auto nq = static_cast<size_t>(twin.spec().nq);
    expect_poses(topics["/dream/tf"][at].message, "dream", state,
                 std::span(now.dream_positions).subspan(at * nq, nq));
    const json& dream = topics["/dream/state"][at].message;
    const json& simulation = topics["/simulation/state"][at].message;
    const auto observation = twin.recording().observation(k * cs);
    EXPECT_EQ(simulation.at("observation"),
              (json{{"pole", {observation[0], observation[1]}}, {"cart", {observation[2], observation[3]}}}));
    EXPECT_EQ(simulation.at("decision"), k);
    EXPECT_EQ(topics["/difference"][at].message.at("observation_error"), now.history.error[at]);
    EXPECT_EQ(topics["/difference"][at].message.at("anchored"), k == 0);
    EXPECT_EQ(dream.contains("action"), k < kSteps);
    if (k == kSteps) continue;
    EXPECT_EQ(dream.at("action"), json{now.history.actions[at]});
    EXPECT_EQ(dream.at("uncertainty"), now.history.uncertainty[at + 1]);
    EXPECT_FLOAT_EQ(dream.at("reward").get<float>(),
                    static_cast<float>(now.history.dream_return[at + 1] - now.history.dream_return[at]));
    EXPECT_FLOAT_EQ(simulation.at("reward").get<float>(),
                    static_cast<float>(now.history.physics_return[at + 1] - now.history.physics_return[at]));
  }
  EXPECT_GT(now.history.error.back(), 0.0);
}

TEST_F(RecorderTest, ShapesAreEntitiesInFramesThatMove) {
  Recorder recorder(path, opened, twin, nullptr);
  step(1);
  recorder.finish(twin);
  auto topics = recorded_in(path);
  ASSERT_EQ(topics["/scene"].size(), 1u);
  std::set<std::string> frames;
  for (const char* topic : {"/simulation/tf", "/dream/tf"})
    for (const json& transform : topics[topic][0].message.at("transforms"))
      frames.insert(transform.at("child_frame_id"));
  size_t primitives = 0;
  for (const json& entity : topics["/scene"][0].message.at("entities")) {
    EXPECT_TRUE(frames.contains(entity.at("frame_id"))) << entity.at("frame_id");
    for (const char* kind : {"cubes", "spheres", "cylinders", "triangles"})
      primitives += entity.at(kind).size();
  }
  size_t expected = 0;  // a capsule is a cylinder and two balls
  for (const sim::Shape& shape : sim::list_shapes(model.get())) expected += shape.kind == "capsule" ? 6 : 2;
  EXPECT_EQ(primitives, expected);
}

TEST_F(RecorderTest, EpisodesFollowEachOtherASecondApart) {
  Recorder recorder(path, opened, twin, nullptr);
  step(3);
  twin.reset(1);
  twin.reset(2);  // nothing happened in episode 1
  twin.anchor_every = 4 * twin.control_steps();
  step(9);
  recorder.finish(twin);
  auto topics = recorded_in(path);
  const std::vector<Recorded>& states = topics["/dream/state"];
  ASSERT_EQ(states.size(), 4u + 10u);
  EXPECT_EQ(states[3].message.at("episode"), 0);
  EXPECT_EQ(states[4].message.at("episode"), 1);
  EXPECT_EQ(states[4].message.at("decision"), 0);
  EXPECT_EQ(states[4].time - states[3].time, 1'000'000'000u);
  std::vector<int> anchored;
  for (size_t k = 4; k < 14; ++k)
    if (topics["/difference"][k].message.at("anchored")) anchored.push_back(static_cast<int>(k) - 4);
  EXPECT_THAT(anchored, testing::ElementsAre(0, 4, 8));
}

TEST_F(RecorderTest, WhatTheDreamDidAloneIsRecordedOfTheDreamAlone) {
  Recorder recorder(path, opened, twin, nullptr);
  step(2);
  twin.steering.physics_on = false;
  step(3);
  recorder.finish(twin);
  auto topics = recorded_in(path);
  EXPECT_EQ(topics["/dream/tf"].size(), 6u);
  EXPECT_EQ(topics["/simulation/tf"].size(), 3u);
  EXPECT_EQ(topics["/difference"].size(), 3u);
}

TEST_F(RecorderOfPhysics, HasNoTopicsOfADream) {
  Recorder recorder(path, opened, twin, nullptr);
  step(2);
  recorder.finish(twin);
  std::vector<std::string> names;
  for (const auto& [topic, messages] : recorded_in(path)) names.push_back(topic);
  EXPECT_THAT(names, testing::ElementsAre("/scene", "/simulation/state", "/simulation/tf"));
}

TEST_F(RecorderTest, AnotherTwinIsNotRecordedIntoTheSameFile) {
  {
    Recorder recorder(path, opened, twin, nullptr);
    step(2);
    const Twin other(test_parts(model.get(), -8.0, true));
    EXPECT_THROW(recorder.finish(other), base::UserError);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(RecorderTest, HeadlessViewingRecordsAsManyStepsAsFitIntoItsSeconds) {
  opened.parts = test_parts(model.get(), -8.0, true);
  opened.what = "test/twin";
  ViewOptions options;
  options.record = path;
  options.seconds = 0.5;
  options.width = 320;
  options.height = 240;
  write_files(std::move(opened), options);
  EXPECT_EQ(recorded_in(path)["/dream/tf"].size(),
            1 + static_cast<size_t>(std::llround(0.5 / twin.step_seconds())));
}

}  // namespace
}  // namespace reverie::viewer
